/**
 * How many Pods the owners of a budget's Pods want: what a percentage is taken of
 * (https://kubernetes.io/docs/tasks/run-application/configure-pdb/#arbitrary-controllers-and-selectors).
 */

import type { Deployment, ReplicaSet, StatefulSet } from '../../api/generated/apps-v1.ts'
import type { ReplicationController } from '../../api/generated/core-v1.ts'
import type { Client } from '../../client/client.ts'
import type { Informer } from '../../client/informer.ts'
import { DEPLOYMENTS, REPLICA_SETS, REPLICATION_CONTROLLERS, STATEFUL_SETS } from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { hasReason } from '../../meta/errors.ts'
import type { OwnerReference } from '../../meta/types.ts'
import { controllerOf, nameOf, pointsAt, uidOf } from '../kit/ownership.ts'
import type { ReadPod } from '../kit/pods.ts'
import { type Definitions, getScale, hasScale, resourceOf } from '../kit/scale.ts'

export type Scalable = DeepReadonly<Deployment | ReplicaSet | StatefulSet | ReplicationController>

/** The caches of all who own Pods and say how many there shall be. */
export interface OwnerCaches {
  readonly deployments: Informer<Deployment>
  readonly replicaSets: Informer<ReplicaSet>
  readonly statefulSets: Informer<StatefulSet>
  readonly replicationControllers: Informer<ReplicationController>
}

export interface ScaleSources extends OwnerCaches {
  readonly client: Client
  readonly definitions: () => Definitions
}

export interface Expected {
  /** The Pods that all owners together want. */
  readonly scale: number
  /** Whether a Pod belongs to nobody: what it adds, nobody can tell. */
  readonly hasUnmanaged: boolean
}

/** Throws, in Kubernetes's words, when a Pod belongs to something whose size nobody knows. */
export async function expectedPods(
  sources: ScaleSources,
  pods: readonly ReadPod[],
  signal: AbortSignal,
): Promise<Expected> {
  const sizes = new Map<string, number>()
  const sizeByController = new Map<string, string>()
  let hasUnmanaged = false
  for (const pod of pods) {
    const controller = controllerOf(pod)
    if (controller === undefined) {
      hasUnmanaged = true
      continue
    }
    if (sizeByController.has(controller.uid)) continue
    const owner = builtInOwner(sources, pod, controller) ?? (await customOwner(sources, pod, controller, signal))
    if (owner === undefined) throw new Error(`found no controllers for pod ${JSON.stringify(nameOf(pod))}`)
    sizeByController.set(controller.uid, owner.uid)
    sizes.set(owner.uid, owner.replicas)
  }
  return { scale: [...sizes.values()].reduce((total, size) => total + size, 0), hasUnmanaged }
}

interface SizedOwner {
  readonly uid: string
  readonly replicas: number
}

type Controller = DeepReadonly<OwnerReference>

/** A ReplicaSet's Deployment decides; any other of the built-in owners itself. */
function builtInOwner(sources: ScaleSources, pod: ReadPod, controller: Controller): SizedOwner | undefined {
  const key = `${pod.metadata.namespace}/${controller.name}`
  const owner: Scalable | undefined = pointsAt(controller, REPLICA_SETS)
    ? sources.replicaSets.get(key)
    : pointsAt(controller, STATEFUL_SETS)
      ? sources.statefulSets.get(key)
      : pointsAt(controller, REPLICATION_CONTROLLERS)
        ? sources.replicationControllers.get(key)
        : undefined
  if (owner === undefined || uidOf(owner) !== controller.uid) return undefined
  const parent = controllerOf(owner)
  const deployment =
    parent !== undefined && pointsAt(parent, DEPLOYMENTS)
      ? sources.deployments.get(`${pod.metadata.namespace}/${parent.name}`)
      : undefined
  const isParent = deployment !== undefined && uidOf(deployment) === parent?.uid
  const decider: Scalable = isParent ? deployment : owner
  return { uid: uidOf(decider), replicas: decider.spec?.replicas ?? 1 }
}

/** Anything else that has a scale. */
async function customOwner(
  { client, definitions }: ScaleSources,
  pod: ReadPod,
  controller: Controller,
  signal: AbortSignal,
): Promise<SizedOwner | undefined> {
  const defined = definitions()
  const resource = resourceOf(controller, defined)
  if (resource === undefined) {
    const { kind, apiVersion } = controller
    throw new Error(`no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`)
  }
  if (!hasScale(resource, defined)) {
    const named = resource.group === '' ? resource.resource : `${resource.resource}.${resource.group}`
    throw new Error(`${named} does not implement the scale subresource`)
  }
  try {
    const at = { resource, namespace: pod.metadata.namespace ?? '', name: controller.name }
    const { metadata, spec } = await getScale(client, at, signal)
    return metadata?.uid === controller.uid ? { uid: controller.uid, replicas: spec?.replicas ?? 0 } : undefined
  } catch (error) {
    if (hasReason(error, 'NotFound')) return undefined
    throw error
  }
}
