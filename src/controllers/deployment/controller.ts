/**
 * Deployment: declarative updates of Pods, by a ReplicaSet for each template
 * (https://kubernetes.io/docs/concepts/workloads/controllers/deployment/).
 */

import { again, createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import { DEPLOYMENTS, PODS, REPLICA_SETS } from '../../client/resources.ts'
import { selectorOf } from '../../meta/label-selector.ts'
import { candidatesOf, indexBySelector, selecting } from '../kit/selected.ts'
import { indexByController, ownedBy } from '../kit/indexes.ts'
import { type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { claim, controllerOf, isDeleting, keyOf, nameOf, pointsAt, uidOf } from '../kit/ownership.ts'
import type { ReadPod } from '../kit/pods.ts'
import { writeStatus } from '../kit/write-status.ts'
import { REVISION, type ReadDeployment, type ReadReplicaSet } from './annotations.ts'
import { planCleanup, planRecreateStep, planRollingStep } from './rollout.ts'
import { isScaling, planScale } from './scale.ts'
import { SetControl } from './set-control.ts'
import { isSame, type SetView, viewSets } from './sets.ts'
import { isRollingUpdate } from './sizes.ts'
import {
  conditionOf,
  type ConditionNews,
  countStatus,
  hasDeadline,
  isComplete,
  pausedCondition,
  type ReadStatus,
  rolloutStatus,
  whenStuck,
  withCondition,
} from './status.ts'

export function deploymentController(deps: ControllerDeps): Controller {
  const deployments = deps.informers.of(DEPLOYMENTS)
  const sets = deps.informers.of(REPLICA_SETS)
  const pods = deps.informers.of(PODS)
  const queue = createWorkQueue(deps.clock)
  const events = deps.events('deployment-controller')
  const reconciler = new DeploymentReconciler(deps, new SetControl({ client: deps.client, events }), (set) =>
    ownedBy(pods, uidOf(set)),
  )
  indexByController(sets)
  indexByController(pods)

  const enqueue = (deployment: ReadDeployment) => queue.add(keyOf(deployment))
  deployments.on({ added: enqueue, updated: enqueue, deleted: enqueue })
  const wakeController = (set: ReadReplicaSet) => {
    const controller = controllerOf(set)
    if (controller !== undefined && pointsAt(controller, DEPLOYMENTS)) {
      queue.add(`${set.metadata.namespace}/${controller.name}`)
    }
  }
  indexBySelector(deployments, ({ spec }) => selectorOf(spec?.selector))
  const wake = (set: ReadReplicaSet) => {
    if (controllerOf(set) !== undefined) return wakeController(set)
    for (const deployment of selecting(deployments, set.metadata.namespace, set.metadata.labels)) {
      if (selectorOf(deployment.spec?.selector).matches(set.metadata.labels)) enqueue(deployment)
    }
  }
  sets.on({
    added: wake,
    updated(set, old) {
      wakeController(old)
      wake(set)
    },
    deleted: wakeController,
  })
  pods.on({
    /** Recreate waits for the last old Pod to go. */
    deleted(pod) {
      const owner = controllerOf(pod)
      const set = owner === undefined ? undefined : sets.get(`${pod.metadata.namespace}/${owner.name}`)
      if (set !== undefined) wakeController(set)
    },
  })

  const reconcile = async (key: string, signal: AbortSignal): Promise<Outcome> => {
    const deployment = deployments.get(key)
    if (deployment?.spec === undefined) return settled
    const selector = selectorOf(deployment.spec.selector)
    if (selector.isEmpty) {
      const message = 'This deployment is selecting all pods. A non-empty selector is required.'
      events.event(deployment, 'Warning', 'SelectingAll', message)
      return settled
    }
    const owned = await claim(
      { client: deps.client, owner: deployment, ownerRef: DEPLOYMENTS, ref: REPLICA_SETS, selector },
      candidatesOf(sets, deployment, selector),
      signal,
    )
    return reconciler.step(deployment, viewSets(deployment, owned), signal)
  }
  return loopController({
    name: 'deployment',
    queue,
    reconcile,
    log: deps.log,
    waitFor: [deployments, sets, pods],
  })
}

/** One look at one Deployment: at most one step of its rollout, then its status. */
class DeploymentReconciler {
  readonly #deps: ControllerDeps
  readonly #control: SetControl
  readonly #podsOf: (set: ReadReplicaSet) => readonly ReadPod[]

  constructor(deps: ControllerDeps, control: SetControl, podsOf: (set: ReadReplicaSet) => readonly ReadPod[]) {
    this.#deps = deps
    this.#control = control
    this.#podsOf = podsOf
  }

  async step(deployment: ReadDeployment, view: SetView, signal: AbortSignal): Promise<Outcome> {
    if (isDeleting(deployment)) return this.#report(deployment, this.#counted(deployment, view), signal)
    const paused = pausedCondition(deployment)
    const noted = paused === undefined ? deployment : this.#note(deployment, paused)
    if (deployment.spec?.paused === true || isScaling(deployment, view))
      return this.#scale(deployment, noted, view, signal)
    return this.#roll(deployment, noted, view, signal)
  }

  async #scale(stored: ReadDeployment, noted: ReadDeployment, view: SetView, signal: AbortSignal): Promise<Outcome> {
    const refreshed = await this.#refreshed(noted, view, signal)
    const remembered = await this.#remember(noted, refreshed, signal)
    const scaled = replaced(refreshed, await this.#control.resize(noted, planScale(noted, refreshed), signal))
    if (noted.spec?.paused === true) await this.#control.remove(planCleanup(noted, scaled), signal)
    return this.#report(stored, this.#counted(remembered, scaled), signal)
  }

  async #roll(stored: ReadDeployment, noted: ReadDeployment, view: SetView, signal: AbortSignal): Promise<Outcome> {
    const isRolling = isRollingUpdate(noted)
    const recreate = isRolling ? undefined : planRecreateStep(noted, view, this.#podsOf)
    if (view.current === undefined && recreate?.mayStart !== false) return this.#start(stored, noted, view, signal)

    const refreshed = await this.#refreshed(noted, view, signal)
    const remembered = await this.#remember(noted, refreshed, signal)
    const resizes = isRolling
      ? planRollingStep(noted, refreshed)
      : planRecreateStep(noted, refreshed, this.#podsOf).resize
    const after = replaced(refreshed, await this.#control.resize(noted, resizes, signal))
    if (resizes.length === 0 && isComplete(noted, noted.status ?? {})) {
      await this.#control.remove(planCleanup(noted, after), signal)
    }
    return this.#report(stored, rolloutStatus(remembered, after, this.#deps.clock.now()), signal)
  }

  /** Makes the ReplicaSet of a new template; its arrival in the cache wakes us for the next step. */
  async #start(stored: ReadDeployment, noted: ReadDeployment, view: SetView, signal: AbortSignal): Promise<Outcome> {
    const made = await this.#control.create(noted, view, signal)
    switch (made.result) {
      case 'namespace-terminating':
        return settled
      case 'collision': {
        const collisionCount = (noted.status?.collisionCount ?? 0) + 1
        await this.#report(stored, { ...noted.status, collisionCount }, signal)
        return again(0)
      }
      case 'failed': {
        const message = `Failed to create new replica set "${made.name}": ${made.error.message}`
        const failed = { type: 'Progressing', status: 'False', reason: 'ReplicaSetCreateError', message } as const
        await this.#report(stored, this.#note(noted, failed).status ?? {}, signal)
        throw made.error
      }
      case 'created':
      case 'existed': {
        const grown = { ...view, current: made.set }
        const isNew = made.result === 'created'
        const remembered = await this.#remember(noted, grown, signal, isNew ? 'NewReplicaSetCreated' : undefined)
        return this.#report(stored, rolloutStatus(remembered, grown, this.#deps.clock.now()), signal)
      }
    }
  }

  async #refreshed(deployment: ReadDeployment, view: SetView, signal: AbortSignal): Promise<SetView> {
    const current = await this.#control.refresh(deployment, view, signal)
    return { ...view, current }
  }

  /** Writes the revision down, and notes the finding of a ReplicaSet while nothing is said about progress. */
  async #remember(
    deployment: ReadDeployment,
    { current }: SetView,
    signal: AbortSignal,
    reason: 'NewReplicaSetCreated' | 'FoundNewReplicaSet' = 'FoundNewReplicaSet',
  ): Promise<ReadDeployment> {
    if (current === undefined) return deployment
    const revision = current.metadata.annotations?.[REVISION]
    if (revision !== undefined && deployment.metadata.annotations?.[REVISION] !== revision) {
      await this.#control.annotate(deployment, { [REVISION]: revision }, signal)
    }
    if (!hasDeadline(deployment)) return deployment
    const isSaid = conditionOf(deployment.status, 'Progressing') !== undefined
    if (isSaid && reason === 'FoundNewReplicaSet') return deployment
    const what = reason === 'NewReplicaSetCreated' ? 'Created' : 'Found'
    const message = `${what} new replica set "${nameOf(current)}"`
    return this.#note(deployment, { type: 'Progressing', status: 'True', reason, message })
  }

  /** The Deployment as if this were in its status already; `#report` writes it with the rest. */
  #note(deployment: ReadDeployment, news: ConditionNews): ReadDeployment {
    const conditions = withCondition(deployment.status?.conditions ?? [], news, this.#deps.clock.now())
    return { ...deployment, status: { ...deployment.status, conditions } }
  }

  #counted(deployment: ReadDeployment, view: SetView): ReadStatus {
    return countStatus(deployment, view, this.#deps.clock.now())
  }

  async #report(deployment: ReadDeployment, status: ReadStatus, signal: AbortSignal): Promise<Outcome> {
    await writeStatus({ client: this.#deps.client, ref: DEPLOYMENTS, object: deployment, status }, signal)
    const wait = whenStuck(deployment, status, this.#deps.clock.now())
    return wait === undefined ? settled : again(wait)
  }
}

/** The view with the updated sets in the place of their older selves. */
function replaced(view: SetView, updated: readonly ReadReplicaSet[]): SetView {
  const newest = (set: ReadReplicaSet) => updated.find((other) => isSame(other, set)) ?? set
  return {
    current: view.current === undefined ? undefined : newest(view.current),
    old: view.old.map(newest),
  }
}
