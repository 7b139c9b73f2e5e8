/** Binds a Pod to a node: pods/binding and bindings (https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/binding-v1/). */

import type { Binding, Pod } from '../../api/generated/core-v1.ts'
import { toTime } from '../../base/clock.ts'
import { ApiError, badRequest, conflict, serverTimeout } from '../../meta/errors.ts'
import { draftOf } from '../../meta/deep-readonly.ts'
import type { KubeObject } from '../../meta/types.ts'
import type { ApiCore, RequestContext } from '../core.ts'
import { plainAnswer } from '../verbs/answer.ts'
import { methodNotAllowed } from '../verbs/attributes.ts'
import { storageKey } from '../registry/served-resource.ts'
import { commitPut } from '../verbs/commit.ts'
import { wrongUid } from '../verbs/metadata.ts'
import { missing } from '../verbs/read.ts'
import { readBody } from '../verbs/read-body.ts'
import { admitPart } from './admit-part.ts'
import type { SubresourceHandler } from './handler.ts'

const BINDING = { apiVersion: 'v1', kind: 'Binding', type: 'core/v1.Binding' }

export const bindPod: SubresourceHandler = async (core, context, request) => {
  if (request.verb !== 'create') throw methodNotAllowed()
  const binding = readBody(context, request.body, request.options, BINDING) as Binding & KubeObject
  const name = context.name === '' ? (binding.metadata.name ?? '') : context.name
  if (binding.metadata.name !== undefined && binding.metadata.name !== name) {
    throw badRequest('name in URL does not match name in Binding object')
  }
  if (name === '') throw badRequest('Name parameter required.')
  checkTarget(binding)
  const pods = { ...context, resource: core.resources.need('v1/pods'), subresource: 'binding', name }
  await admitPart(core, pods, binding, request.options)
  await assign(core, pods, binding, request.options.dryRun === true)
  return plainAnswer({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }, 201)
}

/** A target that is no node has always been answered with a bare 500. */
function checkTarget({ target }: Binding): void {
  const { kind = '', name = '' } = target ?? {}
  const faults: string[] = []
  if (kind !== '' && kind !== 'Node') {
    faults.push(`target.kind: Unsupported value: ${JSON.stringify(kind)}: supported values: "Node", "<empty>"`)
  }
  if (name === '') faults.push('target.name: Required value')
  if (faults.length === 0) return
  const all = faults.length === 1 ? faults[0] : `[${faults.join(', ')}]`
  throw new ApiError({ message: all ?? '', code: 500 })
}

async function assign(
  core: ApiCore,
  context: RequestContext,
  binding: Binding & KubeObject,
  isDryRun: boolean,
): Promise<void> {
  const { resource, namespace, name } = context
  const attempt = async (): Promise<true | undefined> => {
    const current = core.caches.of(resource).get(namespace, name)
    if (current === undefined) throw missing(context)
    const pod = draftOf<Pod & KubeObject>(current.object as Pod & KubeObject)
    const refuse = (why: string) => conflict({ resource: 'pods/binding', name }, why)
    const { uid, resourceVersion } = binding.metadata
    if (uid !== undefined && uid !== pod.metadata.uid) {
      throw wrongUid(context, uid, { found: pod.metadata.uid, isDryRun })
    }
    if (resourceVersion !== undefined && resourceVersion !== pod.metadata.resourceVersion) {
      throw refuse('the object has been modified; please apply your changes to the latest version and try again')
    }
    if (pod.metadata.deletionTimestamp !== undefined) {
      throw refuse(`pod ${name} is being deleted, cannot be assigned to a host`)
    }
    const spec = pod.spec!
    if ((spec.nodeName ?? '') !== '')
      throw refuse(`pod ${name} is already assigned to node ${JSON.stringify(spec.nodeName)}`)
    if ((spec.schedulingGates ?? []).length > 0) throw refuse(`pod ${name} has non-empty .spec.schedulingGates`)
    spec.nodeName = binding.target!.name!
    const { annotations, labels } = binding.metadata
    if (annotations !== undefined) pod.metadata.annotations = { ...pod.metadata.annotations, ...annotations }
    if (labels !== undefined) pod.metadata.labels = { ...pod.metadata.labels, ...labels }
    const scheduled = {
      type: 'PodScheduled',
      status: 'True',
      lastProbeTime: null,
      lastTransitionTime: toTime(core.clock.now()),
    }
    const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== 'PodScheduled')
    pod.status ??= {}
    if (pod.status.nominatedNodeName !== undefined) delete pod.status.nominatedNodeName // it has served its purpose
    pod.status.conditions = [...others, scheduled as unknown as (typeof others)[number]]
    if (isDryRun) return true
    const made = await commitPut(core, { resource, namespace, name, basedOn: current.revision }, pod)
    return made === 'changed' ? undefined : true
  }
  const giveUp = () => serverTimeout({ resource: 'pods/binding' }, 'create', 1)
  await core.races.run(() => storageKey(resource, namespace, name), attempt, giveUp)
}
