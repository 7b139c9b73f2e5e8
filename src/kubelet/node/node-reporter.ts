/**
 * Registers the node, keeps its status and renews its lease
 * (https://kubernetes.io/docs/concepts/architecture/nodes/#node-heartbeats).
 */

import { LOCAL_PATH_ROOT } from '../../api/core/v1/persistentvolume/local-path.ts'
import type { Lease } from '../../api/generated/coordination-v1.ts'
import type { Node, NodeStatus } from '../../api/generated/core-v1.ts'
import { withGroup } from '../../base/async/group.ts'
import { createBackoff } from '../../base/backoff.ts'
import { toMicroTime } from '../../base/clock.ts'
import { LEASES, NODES } from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { hasReason } from '../../meta/errors.ts'
import type { Image, RuntimeVersion } from '../cri/runtime.ts'
import type { RuntimeHealth } from '../cri/runtime-health.ts'
import type { PressureCondition } from '../eviction/signals.ts'
import type { MachineFacts } from '../host/host.ts'
import type { NodeStartMetrics } from '../metrics/node-start-metrics.ts'
import type { KubeletDeps } from '../options.ts'
import { type NodeEvent, nodeEvents } from './node-events.ts'
import { configOf, type DeviceAmounts, nodeStatus } from './node-status.ts'

const LEASE_NAMESPACE = 'kube-node-lease'
/** A lease is renewed so many times before it runs out. */
const RENEWALS = 4
/** A runtime that does not tell its images by then is asked again later. */
const IMAGES_MS = 5_000
const RETRY = { baseMs: 100, maxMs: 7_000 }

export interface NodeReporterDeps extends Pick<KubeletDeps, 'client' | 'images' | 'host' | 'clock' | 'log' | 'node'> {
  readonly health: RuntimeHealth
  readonly machine: MachineFacts
  readonly version: RuntimeVersion
  /** Hears how far the node has come. */
  readonly start: NodeStartMetrics
  /** Called once, when the node has been told to be ready. */
  readonly onReady?: (() => void) | undefined
  readonly pressure: {
    readonly conditions: readonly PressureCondition[]
    /** Settles when the conditions have changed, at the latest `ms` from now. */
    readonly changed: (ms: number, signal: AbortSignal) => Promise<void>
  }
  /** Volumes that CSI drivers have made. Absent: none can run here. */
  readonly volumes?:
    | { readonly inUse: () => readonly string[]; readonly changed: (ms: number, signal: AbortSignal) => Promise<void> }
    | undefined
  /** What the node has of devices. Absent: none can be. */
  readonly devices?:
    | { readonly amounts: DeviceAmounts; readonly changed: (ms: number, signal: AbortSignal) => Promise<void> }
    | undefined
  /** The Node as the API last told it; `undefined`: it has told nothing yet. */
  readonly known: () => DeepReadonly<Node> | undefined
  /** Aborts when the node goes down. */
  readonly shutdown?: AbortSignal | undefined
  /** Writes an event about the node. */
  readonly tell: (event: NodeEvent) => void
}

/** Registers, then reports until `signal` aborts. */
export async function reportNode(deps: NodeReporterDeps, signal: AbortSignal): Promise<void> {
  const node = await register(deps, signal)
  await withGroup(async (group) => {
    group.start((inner) => keepLease(deps, node, inner))
    group.start((inner) => deps.health.run(inner))
    await keepStatus(deps, node, group.signal)
  }, signal)
}

function nodeLabels({ node, machine }: NodeReporterDeps): Record<string, string> {
  return {
    'beta.kubernetes.io/arch': machine.architecture,
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': machine.architecture,
    'kubernetes.io/hostname': node.name,
    'kubernetes.io/os': 'linux',
    ...node.labels,
  }
}

/** Makes the Node, or takes over the one that is there. */
async function register(deps: NodeReporterDeps, signal: AbortSignal): Promise<DeepReadonly<Node>> {
  const { client, clock, log, node } = deps
  const backoff = createBackoff(RETRY)
  for (;;) {
    try {
      return await registerOnce(deps, signal)
    } catch (error) {
      signal.throwIfAborted()
      log.warn('could not register the node', { node: node.name, api: client.transport.constructor.name, error })
      await clock.sleep(backoff.next(), signal)
    }
  }
}

async function registerOnce(deps: NodeReporterDeps, signal: AbortSignal): Promise<DeepReadonly<Node>> {
  const { client, host, node, clock, start } = deps
  const volumesRoot = { [LOCAL_PATH_ROOT]: host.volumes.local.root }
  const labels = nodeLabels(deps)
  const [podCidr] = node.podCidrs ?? []
  const taints = [...(node.taints ?? []), ...configOf(node).registerWithTaints]
  const fresh: Node = {
    metadata: {
      name: node.name,
      labels,
      annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true', ...volumesRoot },
    },
    spec: {
      ...(podCidr !== undefined && { podCIDR: podCidr, podCIDRs: [...(node.podCidrs ?? [])] }),
      ...(node.providerId !== undefined && { providerID: node.providerId }),
      ...(taints.length > 0 && { taints }),
    },
  }
  start.reached('registering', clock.now())
  try {
    const made = await client.create(NODES, fresh, {}, signal)
    start.reached('registered', clock.now())
    return made
  } catch (error) {
    if (!hasReason(error, 'AlreadyExists')) throw error
    const body = { metadata: { labels, annotations: volumesRoot } }
    return client.patch(NODES, { name: node.name }, 'merge', body, {}, signal)
  }
}

async function keepStatus(deps: NodeReporterDeps, node: DeepReadonly<Node>, signal: AbortSignal): Promise<void> {
  const { client, clock, log, health, pressure, shutdown, tell } = deps
  const { nodeStatusUpdateFrequency, nodeStatusReportFrequency } = configOf(deps.node)
  let images: readonly Image[] = []
  let last: DeepReadonly<NodeStatus> | undefined = node.status
  let toldAt = -Infinity
  let told: string | undefined
  let readied = false
  await health.whenAsked(signal)
  for (;;) {
    const { fault } = health
    const ready = fault === undefined
    try {
      if (ready) images = (await imagesOf(deps, signal)) ?? images
      const { node: options, machine, version } = deps
      const isShuttingDown = shutdown?.aborted === true
      const now = clock.now()
      const { conditions } = pressure
      const advertised = deps.known()?.status?.capacity ?? {}
      const seen = {
        options,
        machine,
        version,
        runtime: health.status,
        fault,
        images,
        advertised,
        pressure: conditions,
        volumesInUse: deps.volumes?.inUse() ?? [],
        devices: deps.devices?.amounts,
      }
      const status = nodeStatus({ ...seen, isShuttingDown, now, last })
      const text = JSON.stringify({
        ...status,
        conditions: status.conditions?.map((condition) => ({ ...condition, lastHeartbeatTime: undefined })),
      })
      if (text !== told || clock.monotonic() - toldAt >= nodeStatusReportFrequency) {
        await client.patch(NODES, { name: options.name }, 'strategic', { status }, { subresource: 'status' }, signal)
        for (const event of nodeEvents(options.name, last, status)) tell(event)
        told = text
        toldAt = clock.monotonic()
        last = status
      }
      if (ready && !readied) {
        readied = true
        deps.start.reached('ready', now)
        deps.onReady?.()
      }
    } catch (error) {
      signal.throwIfAborted()
      log.warn('could not write the node status', { error })
      if (hasReason(error, 'NotFound')) await register(deps, signal)
    }
    await pause(nodeStatusUpdateFrequency, deps, signal)
  }
}

/** Until the runtime's health, a pressure or a device turns, or the node goes down, which is told at once. */
async function pause(ms: number, deps: NodeReporterDeps, signal: AbortSignal): Promise<void> {
  const { health, pressure, shutdown, volumes, devices } = deps
  const over = new AbortController()
  const ends = shutdown === undefined || shutdown.aborted ? [] : [shutdown]
  const until = AbortSignal.any([signal, over.signal, ...ends])
  try {
    const others = [volumes, devices].filter((each) => each !== undefined)
    await Promise.race([health, pressure, ...others].map((each) => each.changed(ms, until)))
  } catch {
    signal.throwIfAborted()
  } finally {
    over.abort()
  }
}

async function imagesOf({ images, clock }: NodeReporterDeps, signal: AbortSignal) {
  const limit = new AbortController()
  const cancel = clock.after(IMAGES_MS, () => limit.abort())
  try {
    return await images.listImages(AbortSignal.any([signal, limit.signal]))
  } catch {
    signal.throwIfAborted()
    return undefined
  } finally {
    cancel()
  }
}

/** Other parts take a node whose lease is not renewed for dead. */
async function keepLease(deps: NodeReporterDeps, node: DeepReadonly<Node>, signal: AbortSignal): Promise<void> {
  const { client, clock, log } = deps
  const backoff = createBackoff(RETRY)
  const { nodeLeaseDurationSeconds: leaseDurationSeconds } = configOf(deps.node)
  let made = false
  for (;;) {
    const { name = '', uid = '' } = node.metadata
    const spec = { holderIdentity: name, leaseDurationSeconds, renewTime: toMicroTime(clock.now()) }
    try {
      const at = { namespace: LEASE_NAMESPACE, name }
      if (made) await client.patch(LEASES, at, 'merge', { spec: { renewTime: spec.renewTime } }, {}, signal)
      else {
        const lease: Lease = {
          metadata: { ...at, ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid }] },
          spec,
        }
        await client.create(LEASES, lease, {}, signal).catch((error: unknown) => {
          if (!hasReason(error, 'AlreadyExists')) throw error
          return client.patch(LEASES, at, 'merge', { spec }, {}, signal)
        })
      }
      made = true
      backoff.reset()
    } catch (error) {
      signal.throwIfAborted()
      if (hasReason(error, 'NotFound')) made = false
      log.warn('could not renew the node lease', { error })
      await clock.sleep(backoff.next(), signal)
      continue
    }
    await clock.sleep((leaseDurationSeconds * 1000) / RENEWALS, signal)
  }
}
