/** pods/eviction: a delete that asks the disruption budgets first (https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/). */

import type { Pod, PodCondition } from '../../api/generated/core-v1.ts'
import type { Eviction, PodDisruptionBudget } from '../../api/generated/policy-v1.ts'
import { toTime } from '../../base/clock.ts'
import { type DeepReadonly, draftOf } from '../../meta/deep-readonly.ts'
import { findCondition, setCondition } from '../../meta/conditions.ts'
import { ApiError, badRequest, forbidden, serverTimeout, tooManyRequests } from '../../meta/errors.ts'
import { selectorOf } from '../../meta/label-selector.ts'
import type { Condition, KubeObject } from '../../meta/types.ts'
import type { ApiCore, RequestContext } from '../core.ts'
import { plainAnswer } from '../verbs/answer.ts'
import { methodNotAllowed } from '../verbs/attributes.ts'
import { storageKey } from '../registry/served-resource.ts'
import { commitPut } from '../verbs/commit.ts'
import { checkPreconditions, deleteObject } from '../verbs/delete.ts'
import { trackOwnStatus } from '../verbs/field-owner.ts'
import { matchNamespace } from '../verbs/metadata.ts'
import { getObject } from '../verbs/read.ts'
import { readBody } from '../verbs/read-body.ts'
import { changeObject, statusRules } from '../verbs/update.ts'
import { admitPart } from './admit-part.ts'
import type { SubresourceHandler } from './handler.ts'

const TYPE = { apiVersion: 'policy/v1', kind: 'Eviction', type: 'policy/v1.Eviction' }
/** Clients before 1.22 still say this; the type is the same. */
const OLD_TYPE = { ...TYPE, apiVersion: 'policy/v1beta1' }
/** A budget that is owed answers to so many evictions is not given more. */
const MAX_DISRUPTED = 2_000

export const evictPod: SubresourceHandler = async (core, context, request) => {
  if (request.verb !== 'create') throw methodNotAllowed()
  const { body } = request
  const type = isOld(body.value) ? OLD_TYPE : TYPE
  const eviction = readBody(context, body, request.options, type) as Eviction & KubeObject
  matchNamespace(context.namespace, eviction.metadata)
  const named = eviction.metadata.name ?? ''
  if (named !== context.name) throw badRequest('name in URL does not match name in Eviction object')
  const about = { ...context, subresource: 'eviction' }
  await admitPart(core, about, eviction, request.options)
  const pod = getObject(core, context).object as DeepReadonly<Pod & KubeObject>
  const options = { ...eviction.deleteOptions }
  if (request.options.dryRun === true) options.dryRun = ['All']
  if (!maySkipBudgets(pod)) await askBudgets(core, context, pod, options.dryRun !== undefined)
  const known = options.dryRun === undefined ? await tellPod(core, context, options.preconditions) : {}
  await deleteObject(core, about, { ...options, ...known }, { isAdmitted: true })
  return plainAnswer({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }, 201)
}

type Preconditions = NonNullable<Eviction['deleteOptions']>['preconditions']

/** Writes into the Pod's status why it goes, and answers what a delete of just this Pod is to ask for. */
async function tellPod(
  core: ApiCore,
  context: RequestContext,
  preconditions: Preconditions,
): Promise<{ readonly preconditions?: NonNullable<Preconditions> }> {
  const { resourceVersion } = preconditions ?? {}
  const { object } = await changeObject(core, context, {
    makeDraft(old) {
      checkPreconditions(context, preconditions === undefined ? {} : { preconditions }, old)
      const draft = draftOf<Pod & KubeObject>(old as DeepReadonly<Pod & KubeObject>)
      draft.status = { ...draft.status, conditions: withTarget(draft, toTime(core.clock.now())) }
      delete draft.metadata.resourceVersion
      return draft
    },
    options: {},
    rules: statusRules(core, context),
    isTracked: true, // nobody's field: the server itself says it
    isAdmitted: true, // as a part of the eviction
  })
  if (resourceVersion === undefined) return {}
  return { preconditions: { ...preconditions, resourceVersion: String(object.revision) } }
}

/** A time that Kubernetes writes although there is none. */
const NEVER_PROBED: object = { lastProbeTime: null }

/** The Pod's conditions, and that it is evicted (https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-conditions). */
function withTarget({ status }: Pod, now: string): PodCondition[] {
  const before = status?.conditions ?? []
  const known = before.find(({ type }) => type === 'DisruptionTarget')
  const target: PodCondition = {
    type: 'DisruptionTarget',
    status: 'True',
    ...NEVER_PROBED,
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
    lastTransitionTime: (known?.status === 'True' ? known.lastTransitionTime : undefined) ?? now,
  }
  return known === undefined ? [...before, target] : before.map((one) => (one === known ? target : one))
}

function isOld(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && 'apiVersion' in value && value.apiVersion === OLD_TYPE.apiVersion
  )
}

/** A Pod that does no work is no loss. */
function maySkipBudgets({ metadata, status }: DeepReadonly<Pod & KubeObject>): boolean {
  const { phase } = status ?? {}
  return phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending' || metadata.deletionTimestamp !== undefined
}

async function askBudgets(
  core: ApiCore,
  context: RequestContext,
  pod: DeepReadonly<Pod & KubeObject>,
  isDryRun: boolean,
): Promise<void> {
  const resource = core.resources.need('policy/v1/poddisruptionbudgets')
  let over = ''
  const attempt = async (): Promise<true | undefined> => {
    const budgets = core.caches
      .of(resource)
      .all(context.namespace)
      .filter(({ object }) => {
        const { selector } = (object as DeepReadonly<PodDisruptionBudget>).spec ?? {}
        return selectorOf(selector).matches(pod.metadata.labels)
      })
    const [budget] = budgets
    if (budget === undefined) return true
    if (budgets.length > 1) {
      throw new ApiError({
        message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
        code: 500,
      })
    }
    const draft = draftOf<PodDisruptionBudget & KubeObject>(budget.object as PodDisruptionBudget & KubeObject)
    if (isHealthyEnoughToKeep(pod, draft)) return true
    spend(draft, context.name, toTime(core.clock.now()))
    if (isDryRun) return true
    trackOwnStatus(resource, draft, budget.object, core.clock.now())
    const { namespace, name, revision } = budget
    over = storageKey(resource, namespace, name)
    const made = await commitPut(core, { resource, namespace, name, basedOn: revision }, draft)
    return made === 'changed' ? undefined : true
  }
  const giveUp = () => serverTimeout({ resource: 'pods/eviction' }, 'create', 1)
  await core.races.run(() => over, attempt, giveUp)
}

/** Whether a Pod that is not ready may go although the budget allows nothing. */
function isHealthyEnoughToKeep(pod: DeepReadonly<Pod>, { spec, status }: PodDisruptionBudget): boolean {
  const isReady =
    pod.status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true
  if (isReady) return false
  if (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {}
  return currentHealthy >= desiredHealthy && desiredHealthy > 0
}

/** Takes one disruption from the budget, or throws why there is none. */
function spend(budget: PodDisruptionBudget & KubeObject, pod: string, now: string): void {
  const { name = '', generation = 0 } = budget.metadata
  const status = budget.status ?? ({} as NonNullable<PodDisruptionBudget['status']>)
  const refuse = (message: string, retryAfterSeconds?: number) => {
    const { status: told } = tooManyRequests(
      "Cannot evict pod as it would violate the pod's disruption budget.",
      retryAfterSeconds,
    )
    return new ApiError({ ...told, details: { ...told.details, causes: [{ reason: 'DisruptionBudget', message }] } })
  }
  if ((status.observedGeneration ?? 0) < generation) {
    throw refuse(`The disruption budget ${name} is still being processed by the server.`, 10)
  }
  const { disruptionsAllowed = 0 } = status
  const ref = { group: 'policy', resource: 'poddisruptionbudget', name }
  if (disruptionsAllowed < 0) throw forbidden(ref, 'pdb disruptions allowed is negative')
  if (Object.keys(status.disruptedPods ?? {}).length > MAX_DISRUPTED) {
    throw forbidden(ref, 'DisruptedPods map too big - too many evictions not confirmed by PDB controller')
  }
  if (disruptionsAllowed === 0) throw refuse(`The disruption budget ${name} ${whyNone(status)}`)
  budget.status = {
    ...status,
    disruptionsAllowed: disruptionsAllowed - 1,
    ...(disruptionsAllowed === 1 ? { conditions: withNoneAllowed(status, now) } : {}),
    disruptedPods: { ...status.disruptedPods, [pod]: now },
  }
}

type PolicyStatus = NonNullable<PodDisruptionBudget['status']>

/** Why a budget allows nothing. */
function whyNone({ conditions = [], currentHealthy = 0, desiredHealthy = 0 }: PolicyStatus): string {
  const { status, reason, message = '' } = findCondition(conditions, ALLOWED) ?? {}
  const isTold = status === 'False' && message !== ''
  const none = 'does not allow evicting pods currently'
  if (isTold && reason === 'SyncFailed') return `${none} because it failed sync: ${message}`
  if (currentHealthy <= desiredHealthy)
    return `needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`
  return isTold ? `${none} (${reason}): ${message}` : none
}

const ALLOWED = 'DisruptionAllowed'

/** The conditions of a budget whose last disruption was taken. */
function withNoneAllowed({ conditions, observedGeneration }: PolicyStatus, now: string): Condition[] {
  const observed = observedGeneration === undefined ? {} : { observedGeneration }
  const reason = 'InsufficientPods'
  const none = { type: ALLOWED, status: 'False' as const, ...observed, lastTransitionTime: now, reason, message: '' }
  return [...setCondition(conditions, none, now)]
}
