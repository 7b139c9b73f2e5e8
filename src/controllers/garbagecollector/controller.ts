/**
 * The garbage collector: deletes objects whose owners are gone, and carries out foreground and orphaning deletion
 * (https://kubernetes.io/docs/concepts/architecture/garbage-collection/).
 */

import { createWorkQueue, type Outcome, settled, type WorkQueue } from '../../base/work-queue.ts'
import { withGroup } from '../../base/async/group.ts'
import type { Client } from '../../client/client.ts'
import { CUSTOM_RESOURCE_DEFINITIONS } from '../../client/resources.ts'
import { hasReason } from '../../meta/errors.ts'
import { type AnyResource, builtInResources, kindKey } from '../kit/all-resources.ts'
import type { Events } from '../kit/events.ts'
import { type Controller, type ControllerDeps, controllersTogether, loopController } from '../kit/loop.ts'
import { type ReadObject, uidOf } from '../kit/ownership.ts'
import { allAtOnce } from '../kit/replicas/slow-start.ts'
import { CustomMonitors } from './custom-monitors.ts'
import { blockers, judge, type OwnerState, type Verdict } from './decide.ts'
import { FOREGROUND, type GraphNode, ORPHAN, OwnerGraph, type Wake } from './graph.ts'
import { OwnerVerifier, UnverifiableOwner } from './verify.ts'

/** Events come and go by the thousand, own nothing and are owned by nobody. */
const isCollected = ({ resource, group }: AnyResource) => !(resource === 'events' && group === '')

export function garbageCollector(deps: ControllerDeps): Controller {
  const graph = new OwnerGraph()
  const toDelete = createWorkQueue(deps.clock)
  const toOrphan = createWorkQueue(deps.clock)
  const enqueue = (wake: Wake) => {
    for (const uid of wake.toDelete) toDelete.add(uid)
    for (const uid of wake.toOrphan) toOrphan.add(uid)
  }
  const resources = builtInResources().filter(isCollected)
  const byKind = new Map(resources.map((resource) => [kindKey(resource.group, resource.kind), resource]))
  const monitor = (resource: AnyResource) => ({
    added: (object: ReadObject) => enqueue(graph.observe(resource, object)),
    updated: (object: ReadObject) => enqueue(graph.observe(resource, object)),
    deleted: (object: ReadObject) => enqueue(graph.remove(uidOf(object))),
  })
  const caches = resources.map((resource) => {
    const cache = deps.informers.of(resource)
    cache.on(monitor(resource))
    return cache
  })
  const custom = new CustomMonitors(deps, { byKind, monitor, forget: (uid) => enqueue(graph.remove(uid)) })
  const definitions = deps.informers.of(CUSTOM_RESOURCE_DEFINITIONS)
  definitions.on({
    added: (definition) => custom.follow(definition),
    updated: (definition) => custom.follow(definition),
    deleted: (definition) => custom.drop(definition),
  })
  const resourceOf = (group: string, kind: string) => byKind.get(kindKey(group, kind))
  const verifier = new OwnerVerifier({ client: deps.client, resourceOf })
  const events = deps.events('garbage-collector-controller')
  const collector = new Collector({ client: deps.client, graph, verifier, toDelete, enqueue, events })
  const loop = (name: string, queue: WorkQueue, reconcile: (uid: string, signal: AbortSignal) => Promise<Outcome>) =>
    loopController({ name, queue, reconcile, log: deps.log, waitFor: [...caches, definitions], workers: 10 })
  const deleting = loop('garbagecollector', toDelete, (uid, signal) => collector.attemptToDelete(uid, signal))
  const orphaning = loop('garbagecollector-orphan', toOrphan, (uid, signal) => collector.attemptToOrphan(uid, signal))
  const both = controllersTogether('garbagecollector', [deleting, orphaning])
  return {
    ...both,
    run: (signal) =>
      withGroup(async (group) => {
        group.start((inner) => custom.run(inner))
        await both.run(group.signal)
      }, signal),
  }
}

interface CollectorDeps {
  readonly client: Client
  readonly graph: OwnerGraph
  readonly verifier: OwnerVerifier
  readonly toDelete: WorkQueue
  readonly enqueue: (wake: Wake) => void
  readonly events: Events
}

class Collector {
  readonly #client: Client
  readonly #graph: OwnerGraph
  readonly #verifier: OwnerVerifier
  readonly #toDelete: WorkQueue
  readonly #enqueue: (wake: Wake) => void
  readonly #events: Events

  constructor({ client, graph, verifier, toDelete, enqueue, events }: CollectorDeps) {
    this.#client = client
    this.#graph = graph
    this.#verifier = verifier
    this.#toDelete = toDelete
    this.#enqueue = enqueue
    this.#events = events
  }

  /** Deletes the object if nobody owns it any more; helps it on if it waits for its dependents. */
  async attemptToDelete(uid: string, signal: AbortSignal): Promise<Outcome> {
    const node = this.#graph.get(uid)
    if (node?.place === undefined) return settled // gone, or never seen: its dependents are verified themselves
    if (node.isDeleting && !node.isDeletingDependents) return settled
    if (node.isDeletingDependents) return this.#finishForeground(node, signal)
    if (this.#graph.isHeld(node)) return settled

    const live = await this.#live(node, signal)
    if (live === undefined) return settled // the cache will hear of it
    this.#tellStrayReferences(node, live)
    const states = await this.#ownerStates(live, signal)
    if (states !== undefined) await this.#carryOut(node, live, judge(node, live, states), signal)
    return settled
  }

  /** Makes the dependents of an object nobody's, then lets the object go. */
  async attemptToOrphan(uid: string, signal: AbortSignal): Promise<Outcome> {
    const node = this.#graph.get(uid)
    if (node?.isOrphaning !== true) return settled
    await allAtOnce([...node.dependents], (dependent) => this.#dropReferences(dependent, [uid], signal))
    await this.#removeFinalizer(node, ORPHAN, signal)
    return settled
  }

  async #finishForeground(node: GraphNode, signal: AbortSignal): Promise<Outcome> {
    const waitingFor = blockers(node)
    if (waitingFor.length === 0) {
      await this.#removeFinalizer(node, FOREGROUND, signal)
      return settled
    }
    for (const dependent of waitingFor) if (!dependent.isDeleting) this.#toDelete.add(dependent.uid)
    return settled // the last of them to go wakes us
  }

  /** An owner must be in the namespace of what it owns, or in none. */
  #tellStrayReferences(node: GraphNode, live: ReadObject): void {
    const { namespace = '' } = node.place ?? {}
    for (const { apiVersion, kind, name, uid } of live.metadata.ownerReferences ?? []) {
      const owner = this.#graph.get(uid)?.place
      if (owner?.namespace === undefined || owner.namespace === namespace) continue
      const named = `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`
      const message = `ownerRef ${named} does not exist in namespace ${JSON.stringify(namespace)}`
      this.#events.event(live, 'Warning', 'OwnerRefInvalidNamespace', message)
    }
  }

  /** Undefined when an owner cannot be verified: then nothing is done. */
  async #ownerStates(live: ReadObject, signal: AbortSignal): Promise<readonly OwnerState[] | undefined> {
    const { ownerReferences = [], namespace } = live.metadata
    const states: OwnerState[] = []
    for (const reference of ownerReferences) {
      try {
        states.push(await this.#verifier.stateOf(reference, namespace, signal))
      } catch (error) {
        if (error instanceof UnverifiableOwner) return undefined
        throw error
      }
    }
    return states
  }

  async #carryOut(node: GraphNode, live: ReadObject, verdict: Verdict, signal: AbortSignal): Promise<void> {
    switch (verdict.do) {
      case 'keep':
        return
      case 'drop-references':
        return this.#dropReferences(node, verdict.uids, signal)
      case 'delete':
        if (verdict.unblock) await this.#unblock(node, live, signal)
        return this.#delete(node, live, verdict.propagation, signal)
    }
  }

  async #delete(
    node: GraphNode,
    live: ReadObject,
    propagationPolicy: 'Background' | 'Foreground' | 'Orphan',
    signal: AbortSignal,
  ): Promise<void> {
    const { place } = node
    if (place === undefined) return
    const { resourceVersion } = live.metadata
    const preconditions = { uid: node.uid, ...(resourceVersion === undefined ? {} : { resourceVersion }) }
    try {
      await this.#client.delete(place.resource, at(node), { preconditions, propagationPolicy }, signal)
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error
    }
  }

  async #unblock(node: GraphNode, live: ReadObject, signal: AbortSignal): Promise<void> {
    const ownerReferences = (live.metadata.ownerReferences ?? []).map((owner) => ({
      ...owner,
      blockOwnerDeletion: false,
    }))
    await this.#patchMetadata(node, live, { ownerReferences }, signal)
  }

  async #dropReferences(node: GraphNode, uids: readonly string[], signal: AbortSignal): Promise<void> {
    const live = await this.#live(node, signal)
    const owners = live?.metadata.ownerReferences ?? []
    const kept = owners.filter((owner) => !uids.includes(owner.uid))
    if (live === undefined || kept.length === owners.length) return
    await this.#patchMetadata(node, live, { ownerReferences: kept.length === 0 ? null : kept }, signal)
  }

  async #removeFinalizer(node: GraphNode, finalizer: string, signal: AbortSignal): Promise<void> {
    const live = await this.#live(node, signal)
    const finalizers = live?.metadata.finalizers ?? []
    const kept = finalizers.filter((name) => name !== finalizer)
    if (live === undefined || kept.length === finalizers.length) return
    await this.#patchMetadata(node, live, { finalizers: kept.length === 0 ? null : kept }, signal)
  }

  /** A conflict is thrown: the key comes back and looks again. */
  async #patchMetadata(node: GraphNode, live: ReadObject, change: object, signal: AbortSignal): Promise<void> {
    const { place } = node
    if (place === undefined) return
    const { uid, resourceVersion } = live.metadata
    try {
      const body = { metadata: { uid, resourceVersion, ...change } }
      await this.#client.patch(place.resource, at(node), 'merge', body, undefined, signal)
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error
    }
  }

  async #live(node: GraphNode, signal: AbortSignal): Promise<ReadObject | undefined> {
    const { place } = node
    if (place === undefined) return undefined
    try {
      const live: ReadObject = await this.#client.get(place.resource, at(node), signal)
      return uidOf(live) === node.uid ? live : undefined
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error
      this.#enqueue(this.#graph.remove(node.uid))
      return undefined
    }
  }
}

function at({ place }: GraphNode): { readonly name: string; readonly namespace?: string } {
  const { namespace, name = '' } = place ?? {}
  return namespace === undefined ? { name } : { namespace, name }
}
