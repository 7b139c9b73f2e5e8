/**
 * The kubelet: makes the Pods that are bound to its node run, and tells what became of them
 * (https://kubernetes.io/docs/concepts/architecture/#kubelet).
 */

import { aborted, type TaskGroup, withGroup } from '../base/async/group.ts'
import { isMirrorPod } from '../api/core/v1/pod/facts.ts'
import { createBackoff } from '../base/backoff.ts'
import { createClient } from '../client/client.ts'
import { measuredTransport } from '../client/measured-transport.ts'
import type { RuntimeVersion } from './cri/runtime.ts'
import { RuntimeHealth } from './cri/runtime-health.ts'
import { KubeletMetrics } from './metrics/kubelet-metrics.ts'
import { measuredCgroups, measuredImages, measuredRuntime } from './metrics/measured.ts'
import { startNodeCare } from './node-care.ts'
import { enforceAllocatable } from './node/enforce.ts'
import { cgroupEvents } from './node/node-events.ts'
import { reportNode } from './node/node-reporter.ts'
import { configOf } from './node/node-status.ts'
import { shutDownPods } from './node/shutdown.ts'
import type { KubeletDeps } from './options.ts'
import { createParts, type Facts, type Parts } from './parts.ts'
import { registerPlugins } from './plugins/registry.ts'
import { notedPod } from './pods/noted-pod.ts'
import { namesOf, type PodView } from './pods/pod-view.ts'
import { memoryRulesFault } from './resources/memory-rules.ts'
import { Access } from './server/access.ts'
import { KubeletApi } from './server/kubelet-api.ts'
import { serveHealth } from './server/serve-health.ts'
import { serveKubelet } from './server/serve.ts'
import { keepLocalVolumes } from './volumes/local-volumes.ts'

export type { KubeletDeps, NodeOptions, NodePlaces, ServingOptions } from './options.ts'

const RETRY = { baseMs: 50, maxMs: 2_000 }
/** How long the last statuses may take to be told by a node that goes down. */
const LAST_WORDS_MS = 5_000

/** One kubelet at work. */
interface Running {
  readonly deps: KubeletDeps
  readonly facts: Facts
  readonly health: RuntimeHealth
  readonly parts: Parts
  readonly group: TaskGroup
}

/**
 * Runs until `signal` aborts: containers go on running, and a kubelet that starts later finds them again. Where
 * `deps.shutdown` aborts first, it ends all Pods and then settles.
 */
export async function runKubelet(given: KubeletDeps, signal: AbortSignal): Promise<void> {
  const fault = memoryRulesFault(configOf(given.node), given.host.cgroups.version)
  if (fault !== undefined) throw new Error(fault)
  const metrics = new KubeletMetrics(given.apiHost)
  const deps = measured(given, metrics)
  metrics.nodeStart.reached('kubeletStarted', given.clock.now())
  await withGroup(async (group) => {
    const machine = await deps.host.machine(group.signal)
    const version = await runtimeVersion(deps, group.signal)
    metrics.nodeStart.reached('booted', machine.bootedAt)
    const health = new RuntimeHealth(deps)
    const facts = { machine, version, metrics }
    const parts = await createParts(deps, group, facts)
    const running: Running = { deps, facts, health, parts, group }
    await startPods(running)
    startPlugins(running)
    startNodeCare(parts.care, { ...deps, workers: parts.workers, metrics, tell: parts.tell }, group)
    startServers(running)
    await Promise.race([report(running), untilShutDown(deps, parts, group.signal)])
  }, signal)
}

/** Follows the Pods of the API and of the manifests, and works them. */
async function startPods({ deps, facts: { machine }, health, parts, group }: Running): Promise<void> {
  const { pods, services, nodes, workers, staticPods, tell } = parts
  tell({ type: 'Normal', reason: 'Starting', message: 'Starting kubelet.' })
  for (const event of cgroupEvents(deps.host.cgroups.version)) tell(event)
  group.start((inner) => services.run(inner))
  group.start((inner) => pods.run(inner))
  group.start((inner) => workers.follow(inner))
  // Variables name Services, and the Node tells what it can enforce: a Pod that starts before would lack either.
  await Promise.all([services, pods, nodes].map((informer) => informer.whenSynced(group.signal)))
  await enforceAllocatable({ ...deps, machine, tell })
  // A mirror only shows what a manifest asks for.
  const work = (pod: PodView) => {
    if (isMirrorPod(pod)) return
    workers.update(notedPod(pod, workers.get(namesOf(pod).uid)?.pod, deps.clock.now()))
  }
  pods.on({ added: work, updated: work, deleted: (pod) => workers.remove(namesOf(pod).uid) })
  await staticPods.start(group.signal)
  group.start((inner) => staticPods.run(inner))
  group.start((inner) =>
    workers.relist({ listed: () => health.listed(), areAllKnown: () => staticPods.areAllRead }, inner),
  )
  group.start((inner) => keepLocalVolumes(deps, inner))
}

/** Volumes and devices of plugins, where any can run on this machine. */
function startPlugins({ deps, parts: { csi, devices }, group }: Running): void {
  const { kubelet } = deps.host
  if (csi !== undefined) group.start((inner) => csi.run(inner))
  if (devices !== undefined) group.start((inner) => devices.run(inner))
  if (kubelet === undefined) return
  const handlers = { ...(csi !== undefined && { CSIPlugin: csi.drivers }), ...devices?.handlers }
  group.start((inner) => registerPlugins({ ...deps, kubelet, handlers }, inner))
}

/** The kubelet's own API, and its health. */
function startServers({ deps, facts: { machine, metrics }, health, parts: { workers }, group }: Running): void {
  const { serving, node, log, clock } = deps
  if (serving === undefined) return
  const [host = '127.0.0.1'] = node.addresses
  const api = new KubeletApi({ ...deps, workers, metrics, machine, health })
  const { healthz } = serving
  if (healthz !== undefined) group.start((inner) => serveHealth({ at: healthz, log, clock }, inner))
  const access = new Access({ client: deps.client, clock, log, node, serving })
  group.start((inner) => serveKubelet({ api, access, serving, node, log, clock, host, port: node.port }, inner))
}

/** Tells how the node is, until the group closes. */
async function report({ deps, facts, health, parts, group }: Running): Promise<void> {
  const { machine, version, metrics } = facts
  const { nodes, care, csi, devices, tell } = parts
  const reporter = {
    ...deps,
    start: metrics.nodeStart,
    health,
    machine,
    version,
    onReady: deps.onReady,
    pressure: care.pressure,
    volumes: csi,
    known: () => nodes.get(deps.node.name),
    shutdown: deps.shutdown,
    tell,
    devices,
  }
  await reportNode(reporter, group.signal)
}

/** Settles when the node was told to go down and its Pods have ended, and everybody knows. */
async function untilShutDown(deps: KubeletDeps, parts: Parts, signal: AbortSignal): Promise<void> {
  const { workers, status, lifecycle: metrics, tell } = parts
  await aborted(deps.shutdown === undefined ? signal : AbortSignal.any([signal, deps.shutdown]))
  signal.throwIfAborted()
  tell({ type: 'Normal', reason: 'Shutdown', message: 'Shutdown manager detected shutdown event' })
  const pods = workers.all
  await shutDownPods({ ...deps, config: configOf(deps.node), workers, metrics }, signal)
  const limit = deps.clock.sleep(LAST_WORDS_MS, signal)
  await Promise.race([Promise.all(pods.map(({ uid }) => status.flush(uid))), limit])
  await deps.onPodsEnded?.(signal)
}

/** Waits for the runtime to answer. */
async function runtimeVersion({ runtime, clock, log }: KubeletDeps, signal: AbortSignal): Promise<RuntimeVersion> {
  const backoff = createBackoff(RETRY)
  for (;;) {
    try {
      return await runtime.version(signal)
    } catch (error) {
      signal.throwIfAborted()
      if (backoff.failures > 5) log.warn('the container runtime does not answer', { error })
      await clock.sleep(backoff.next(), signal)
    }
  }
}

/** The same, with every call of the runtime, cgroups and the API counted. */
function measured(deps: KubeletDeps, metrics: KubeletMetrics): KubeletDeps {
  const { runtime, images, host, clock, client } = deps
  return {
    ...deps,
    client: createClient(measuredTransport(client.transport, metrics.client, clock)),
    runtime: measuredRuntime(runtime, metrics, clock),
    images: measuredImages(images, metrics, clock),
    host: { ...host, cgroups: measuredCgroups(host.cgroups, metrics, clock) },
  }
}
