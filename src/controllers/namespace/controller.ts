/**
 * Namespace: when one is deleted, deletes everything in it, then lets it go
 * (https://kubernetes.io/docs/tasks/administer-cluster/namespaces/#deleting-a-namespace).
 */

import type { Namespace } from '../../api/generated/core-v1.ts'
import { fromTime } from '../../base/clock.ts'
import { again, createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import { CUSTOM_RESOURCE_DEFINITIONS, NAMESPACES } from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { hasReason } from '../../meta/errors.ts'
import { builtInResources, customResource } from '../kit/all-resources.ts'
import { type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { isDeleting, nameOf } from '../kit/ownership.ts'
import { writeStatus } from '../kit/write-status.ts'
import { namespaceConditions } from './conditions.ts'
import { emptyNamespace } from './empty.ts'

const FINALIZER = 'kubernetes'

/** Passes come quickly at first, for most namespaces are empty soon; a stuck one is looked at now and then. */
const FIRST_WAIT_MS = 100
const LONGEST_WAIT_MS = 15_000
/** How long after its deletion a namespace that others hold is still held by us too, as Kubernetes has it. */
const HELD_MS = 5_000

type ReadNamespace = DeepReadonly<Namespace>

export function namespaceController(deps: ControllerDeps): Controller {
  const { client, clock } = deps
  const namespaces = deps.informers.of(NAMESPACES)
  const definitions = deps.informers.of(CUSTOM_RESOURCE_DEFINITIONS)
  const queue = createWorkQueue(clock)
  const waits = new Map<string, number>()
  const builtIn = builtInResources().filter((resource) => resource.namespaced)
  const enqueue = (namespace: ReadNamespace) => {
    if (isDeleting(namespace)) queue.add(nameOf(namespace))
  }
  namespaces.on({ added: enqueue, updated: enqueue, deleted: (namespace) => waits.delete(nameOf(namespace)) })

  const allResources = () => {
    const custom = definitions.list().map(customResource)
    return [
      ...builtIn,
      ...custom.filter((resource) => resource !== undefined).filter((resource) => resource.namespaced),
    ]
  }

  const reconcile = async (key: string, signal: AbortSignal): Promise<Outcome> => {
    const namespace = namespaces.get(key)
    if (namespace === undefined || !isDeleting(namespace)) return settled
    if (!isHeld(namespace)) return settled
    const findings = await emptyNamespace(client, key, allResources(), signal)
    const conditions = namespaceConditions(namespace.status?.conditions ?? [], findings, clock.now())
    const status = { ...namespace.status, phase: 'Terminating' as const, conditions }
    await writeStatus({ client, ref: NAMESPACES, object: namespace, status }, signal)
    if (findings.remaining.size > 0 || findings.failures.length > 0) {
      const wait = waits.get(key) ?? FIRST_WAIT_MS
      waits.set(key, Math.min(2 * wait, LONGEST_WAIT_MS))
      return again(wait)
    }
    waits.delete(key)
    const patience = othersHold(namespace)
      ? HELD_MS - (clock.now() - (fromTime(namespace.metadata.deletionTimestamp) ?? 0))
      : 0
    if (patience > 0) return again(patience)
    await finalize(key, signal)
    return settled
  }

  /** Takes our finalizer out of the spec; the server then removes the namespace if nobody else holds it. */
  const finalize = async (name: string, signal: AbortSignal): Promise<void> => {
    try {
      const live = await client.get(NAMESPACES, { name }, signal)
      if (!isDeleting(live)) return
      const finalizers = (live.spec?.finalizers ?? []).filter((finalizer) => finalizer !== FINALIZER)
      const freed = { ...live, spec: { ...live.spec, finalizers } }
      await client.update(NAMESPACES, freed, { subresource: 'finalize' }, signal)
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error
    }
  }

  return loopController({
    name: 'namespace',
    queue,
    reconcile,
    log: deps.log,
    waitFor: [namespaces, definitions],
    workers: 10,
  })
}

/** Whether the namespace stays for somebody else's sake: then ours is not what it waits for. */
const othersHold = (namespace: ReadNamespace) =>
  namespace.spec?.finalizers?.some((finalizer) => finalizer !== FINALIZER) === true

const isHeld = (namespace: ReadNamespace) => namespace.spec?.finalizers?.includes(FINALIZER) === true
