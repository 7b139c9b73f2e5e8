/** Creates, resizes and deletes the ReplicaSets of a Deployment, and says so in events. */

import type { DeploymentSpec, ReplicaSet } from '../../api/generated/apps-v1.ts'
import type { Client } from '../../client/client.ts'
import type { Events } from '../kit/events.ts'
import { DEPLOYMENTS, REPLICA_SETS } from '../../client/resources.ts'
import { draftOf } from '../../meta/deep-readonly.ts'
import { hasReason } from '../../meta/errors.ts'
import { sameJson } from '../kit/equal.ts'
import { isNamespaceTerminating } from '../kit/loop.ts'
import { controllerOf, controllerReference, nameOf, placeOf, uidOf } from '../kit/ownership.ts'
import { messageOf } from '../kit/pod-control.ts'
import { templateHash } from '../kit/revisions/template-hash.ts'
import {
  type Annotations,
  currentAnnotations,
  type ReadDeployment,
  type ReadReplicaSet,
  sizeAnnotations,
} from './annotations.ts'
import type { Resize } from './scale.ts'
import { allSets, nextRevision, POD_TEMPLATE_HASH, sameTemplate, type SetView } from './sets.ts'
import { maxSurge, newSetSize, sizeOf, wantedReplicas } from './sizes.ts'

/** How the search for the new ReplicaSet's name ended. */
export type Creation =
  | { readonly result: 'created' | 'existed'; readonly set: ReadReplicaSet }
  | { readonly result: 'collision' }
  | { readonly result: 'namespace-terminating' }
  | { readonly result: 'failed'; readonly name: string; readonly error: Error }

export interface SetControlDeps {
  readonly client: Client
  readonly events: Events
}

export class SetControl {
  readonly #client: Client
  readonly #events: Events

  constructor({ client, events }: SetControlDeps) {
    this.#client = client
    this.#events = events
  }

  /** Makes the ReplicaSet of the Deployment's present template. */
  async create(deployment: ReadDeployment, view: SetView, signal: AbortSignal): Promise<Creation> {
    const set = newReplicaSet(deployment, view)
    const name = nameOf(set)
    try {
      const made = await this.#client.create(REPLICA_SETS, set, undefined, signal)
      const size = sizeOf(made)
      if (size > 0) this.#saysScaled(deployment, `Scaled up replica set ${name} from 0 to ${size}`)
      return { result: 'created', set: made }
    } catch (error) {
      if (isNamespaceTerminating(error)) return { result: 'namespace-terminating' }
      if (hasReason(error, 'AlreadyExists')) return this.#existing(deployment, set, signal)
      signal.throwIfAborted()
      const message = `Failed to create new replica set "${name}": ${messageOf(error)}`
      this.#events.event(deployment, 'Warning', 'ReplicaSetCreateError', message)
      return { result: 'failed', name, error: error instanceof Error ? error : new Error(String(error)) }
    }
  }

  /** The name is taken: by our own set, which the cache lacks still, or by somebody else's. */
  async #existing(deployment: ReadDeployment, set: ReplicaSet, signal: AbortSignal): Promise<Creation> {
    const live = await this.#client.get(REPLICA_SETS, placeOf(set), signal)
    const isOurs =
      controllerOf(live)?.uid === uidOf(deployment) && sameTemplate(live.spec?.template, deployment.spec?.template)
    return isOurs ? { result: 'existed', set: live } : { result: 'collision' }
  }

  /** Gives the sets their sizes; returns them as they are now. */
  async resize(
    deployment: ReadDeployment,
    resizes: readonly Resize[],
    signal: AbortSignal,
  ): Promise<readonly ReadReplicaSet[]> {
    const wanted = wantedReplicas(deployment)
    const annotations = sizeAnnotations(wanted, wanted + maxSurge(deployment))
    const changed: ReadReplicaSet[] = []
    for (const { set, size } of resizes) {
      const updated = await this.#update(set, { ...set.metadata.annotations, ...annotations }, size, signal)
      changed.push(updated)
      const from = sizeOf(set)
      if (from === size) continue
      const direction = from < size ? 'up' : 'down'
      this.#saysScaled(deployment, `Scaled ${direction} replica set ${nameOf(set)} from ${from} to ${size}`)
    }
    return changed
  }

  /** Lets the current set carry the Deployment's annotations, revision and minReadySeconds. */
  async refresh(deployment: ReadDeployment, view: SetView, signal: AbortSignal): Promise<ReadReplicaSet | undefined> {
    const { current } = view
    if (current === undefined) return undefined
    const annotations = currentAnnotations(deployment, nextRevision(view), current.metadata.annotations)
    const minReadySeconds = deployment.spec?.minReadySeconds ?? 0
    if ((current.spec?.minReadySeconds ?? 0) === minReadySeconds) {
      return this.#update(current, annotations, sizeOf(current), signal)
    }
    const draft = draftOf<ReplicaSet>(current)
    if (draft.spec !== undefined) draft.spec.minReadySeconds = minReadySeconds
    return this.#update(draft, annotations, sizeOf(current), signal, true)
  }

  async remove(sets: readonly ReadReplicaSet[], signal: AbortSignal): Promise<void> {
    for (const set of sets) {
      try {
        await this.#client.delete(REPLICA_SETS, placeOf(set), { preconditions: { uid: uidOf(set) } }, signal)
      } catch (error) {
        if (!hasReason(error, 'NotFound')) throw error
      }
    }
  }

  /** Writes an annotation of the Deployment itself, with its status as Kubernetes does: its spec stays untouched. */
  async annotate(deployment: ReadDeployment, annotations: Annotations, signal: AbortSignal): Promise<ReadDeployment> {
    const metadata = { ...deployment.metadata, annotations: { ...deployment.metadata.annotations, ...annotations } }
    return this.#client.updateStatus(DEPLOYMENTS, { ...deployment, metadata }, undefined, signal)
  }

  async #update(
    set: ReadReplicaSet,
    annotations: Annotations,
    size: number,
    signal: AbortSignal,
    force = false,
  ): Promise<ReadReplicaSet> {
    if (!force && size === sizeOf(set) && sameJson(annotations, set.metadata.annotations ?? {})) return set
    const draft = draftOf<ReplicaSet>(set)
    draft.metadata.annotations = { ...annotations }
    if (draft.spec !== undefined) draft.spec.replicas = size
    return this.#client.update(REPLICA_SETS, draft, undefined, signal)
  }

  #saysScaled(deployment: ReadDeployment, message: string): void {
    this.#events.event(deployment, 'Normal', 'ScalingReplicaSet', message)
  }
}

/** The ReplicaSet of the Deployment's present template, as it is created. */
function newReplicaSet(deployment: ReadDeployment, view: SetView): ReplicaSet {
  const { spec } = deployment
  if (spec === undefined) throw new Error(`Deployment ${nameOf(deployment)} has no spec`)
  const hash = templateHash(spec.template, deployment.status?.collisionCount)
  const draft = draftOf<DeploymentSpec>(spec)
  const { template, selector } = draft
  template.metadata = { ...template.metadata, labels: { ...template.metadata?.labels, [POD_TEMPLATE_HASH]: hash } }
  const wanted = wantedReplicas(deployment)
  const annotations = {
    ...currentAnnotations(deployment, nextRevision(view), undefined),
    ...sizeAnnotations(wanted, wanted + maxSurge(deployment)),
  }
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${nameOf(deployment)}-${hash}`,
      namespace: deployment.metadata.namespace ?? '',
      labels: { ...template.metadata.labels },
      annotations,
      ownerReferences: [controllerReference(deployment, DEPLOYMENTS)],
    },
    spec: {
      replicas: newSetSize(deployment, allSets(view), 0),
      ...(draft.minReadySeconds === undefined ? {} : { minReadySeconds: draft.minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [POD_TEMPLATE_HASH]: hash } },
      template,
    },
  }
}
