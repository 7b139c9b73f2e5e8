/**
 * The kubelet: makes the Pods that are bound to its node run, and tells what became of them
 * (https://kubernetes.io/docs/concepts/architecture/#kubelet).
 */

import { aborted, type TaskGroup, withGroup } from '../base/async/group.ts'
import { isMirrorPod } from '../api/core/v1/pod/facts.ts'
import { createBackoff } from '../base/backoff.ts'
import { createEvents } from '../client/events.ts'
import { createInformer } from '../client/informer.ts'
import {
  NODES,
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
  PODS,
  type ResourceRef,
  RUNTIME_CLASSES,
  SECRETS,
  SERVICES,
} from '../client/resources.ts'
import { createClient, type ObjectKey } from '../client/client.ts'
import { hasReason } from '../meta/errors.ts'
import type { KubeObject } from '../meta/types.ts'
import type { RuntimeVersion } from './cri/runtime.ts'
import { RuntimeHealth } from './cri/runtime-health.ts'
import { NodeDevices } from './devices/node-devices.ts'
import { ImagePuller } from './images/puller.ts'
import { createNodeCare, type NodeCare, pullLimits, startNodeCare } from './node-care.ts'
import { boundHost, ClassShares, enforceAllocatable } from './node/enforce.ts'
import { cgroupEvents, type NodeEvent, nodeReference } from './node/node-events.ts'
import { reportNode } from './node/node-reporter.ts'
import { allocatableOf, capacityOf, configOf } from './node/node-status.ts'
import { SHUTTING_DOWN, shutDownPods } from './node/shutdown.ts'
import type { KubeletDeps } from './options.ts'
import { admissionOf } from './resources/admission.ts'
import { memoryRules, memoryRulesFault } from './resources/memory-rules.ts'
import { KubeletMetrics } from './metrics/kubelet-metrics.ts'
import { measuredTransport } from '../client/measured-transport.ts'
import { measuredCgroups, measuredImages, measuredRuntime } from './metrics/measured.ts'
import { KubeletApi } from './server/kubelet-api.ts'
import { Access } from './server/access.ts'
import { serveKubelet } from './server/serve.ts'
import { serveHealth } from './server/serve-health.ts'
import type { Admission, PodDeps, PodNode } from './pods/pod-deps.ts'
import { isolationRefusal, type NodeIsolation } from './pods/container/isolation.ts'
import { fieldPathOf, gracePeriodOf, namesOf, type PodView } from './pods/pod-view.ts'
import { PendingResizes } from './pods/resize/pending-resizes.ts'
import { UserNamespaces } from './pods/container/user-namespaces.ts'
import { notedPod } from './pods/noted-pod.ts'
import { PodWorkers } from './pods/workers.ts'
import { registerPlugins } from './plugins/registry.ts'
import { StaticPods } from './static-pods/static-pods.ts'
import { StatusWriter } from './status/writer.ts'
import { createCsi } from './volumes/csi/csi-part.ts'
import { keepLocalVolumes } from './volumes/local-volumes.ts'
import { ReferencedObjects } from './volumes/referenced-objects.ts'
import { quantityValue } from '../meta/quantity.ts'

export type { KubeletDeps, NodeOptions, NodePlaces, ServingOptions } from './options.ts'

const RETRY = { baseMs: 50, maxMs: 2_000 }
/** How long the last statuses may take to be told by a node that goes down. */
const LAST_WORDS_MS = 5_000

/** What makes room for a critical Pod is told this. */
const PREEMPTED = {
  reason: 'Preempting',
  message: 'Preempted in order to admit critical pod',
  disruption: 'Pod was preempted by Kubelet to accommodate a critical pod.',
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
    const parts = await wire(deps, group, { machine, version, metrics })
    const { pods, services, nodes, workers, staticPods, care, csi, devices, tell } = parts

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
    const { kubelet } = deps.host
    if (csi !== undefined) group.start((inner) => csi.run(inner))
    if (devices !== undefined) group.start((inner) => devices.run(inner))
    if (kubelet !== undefined) {
      const handlers = { ...(csi !== undefined && { CSIPlugin: csi.drivers }), ...devices?.handlers }
      group.start((inner) => registerPlugins({ ...deps, kubelet, handlers }, inner))
    }
    startNodeCare(care, { ...deps, workers, metrics, tell }, group)
    const { serving, node, log, clock, shutdown } = deps
    if (serving !== undefined) {
      const [host = '127.0.0.1'] = node.addresses
      const api = new KubeletApi({ ...deps, workers, metrics, machine, health })
      const { healthz } = serving
      if (healthz !== undefined) group.start((inner) => serveHealth({ at: healthz, log, clock }, inner))
      const access = new Access({ client: deps.client, clock, log, node, serving })
      group.start((inner) => serveKubelet({ api, access, serving, node, log, clock, host, port: node.port }, inner))
    }
    const { pressure } = care
    const known = () => nodes.get(node.name)
    const { nodeStart: start } = metrics
    const reporter = {
      ...deps,
      start,
      health,
      machine,
      version,
      onReady: deps.onReady,
      pressure,
      volumes: csi,
      known,
      shutdown,
      tell,
      devices,
    }
    await Promise.race([reportNode(reporter, group.signal), untilShutDown(deps, parts, group.signal)])
  }, signal)
}

type Parts = Awaited<ReturnType<typeof wire>>

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

interface Facts {
  readonly machine: Awaited<ReturnType<KubeletDeps['host']['machine']>>
  readonly version: RuntimeVersion
  readonly metrics: KubeletMetrics
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

/** Ties the parts together; nothing runs yet but what the group is told to. */
async function wire(deps: KubeletDeps, group: TaskGroup, facts: Facts) {
  const { client, clock, log, random, node, host, runtime } = deps
  const events = createEvents({ client, clock, random, log })
  group.start((inner) => events.run(inner))
  const recorder = events.recorder('kubelet', node.name)
  const itself = nodeReference(node.name)
  const tell = ({ type, reason, message }: NodeEvent) => recorder.event(itself, type, reason, message)

  const pods = createInformer(deps, PODS, { fieldSelector: `spec.nodeName=${node.name}` })
  const services = createInformer(deps, SERVICES)
  const nodes = createInformer(deps, NODES, { fieldSelector: `metadata.name=${node.name}` })
  group.start((inner) => nodes.run(inner))
  const references = new ReferencedObjects(deps, group, (uid) => workers.refresh(uid))

  const read = async <T extends KubeObject>(ref: ResourceRef<T>, at: ObjectKey, inner: AbortSignal) => {
    try {
      return await client.get(ref, at, inner)
    } catch (error) {
      if (hasReason(error, 'NotFound')) return undefined
      throw error
    }
  }
  const self = await podNode(deps, facts)
  const csi =
    host.kubelet === undefined
      ? undefined
      : createCsi({
          ...deps,
          folder: host.kubelet,
          nodes,
          group,
          called: (...call) => metrics.storage.driverCalled(...call),
        })
  const others = (uid: string) =>
    workers.all
      .filter(({ uid: other, phase, isGone, isRejected }) => {
        return other !== uid && phase !== 'terminated' && !isGone && !isRejected
      })
      .map((worker) => worker.allocated)
  const isolation = (): NodeIsolation => ({
    appArmor: facts.machine.appArmor,
    supplementalGroupsPolicy: nodes.get(node.name)?.status?.features?.supplementalGroupsPolicy === true,
    allowedUnsafeSysctls: configOf(node).allowedUnsafeSysctls,
  })
  const admit = (pod: PodView, rest: readonly PodView[]): Admission => {
    const refused = care.pressure.rejection(pod) ?? isolationRefusal(pod, isolation())
    if (refused !== undefined) return { refused }
    const verdict = admissionOf(pod, { node: nodes.get(node.name), allocatable: self.allocatable, others: rest })
    if ('refused' in verdict) return verdict
    if (deps.shutdown?.aborted === true) return { refused: SHUTTING_DOWN }
    const victims = verdict.preempts.flatMap((victim) => workers.get(namesOf(victim).uid) ?? [])
    for (const victim of victims) {
      victim.end(PREEMPTED, { graceSeconds: gracePeriodOf(victim.pod) })
      metrics.preemptions.add({ preemption_signal: '' })
    }
    return { waitsFor: victims }
  }
  const { metrics } = facts
  const classes = new ClassShares(host, () => others(''), self.memory)
  group.start((inner) => classes.run({ clock, log }, inner))
  const { kubelet } = host
  const devices =
    kubelet === undefined
      ? undefined
      : new NodeDevices({
          ...deps,
          kubelet,
          nodeName: node.name,
          runtimeVersion: facts.version,
          metrics,
          activePods: () => (staticPods.areAllRead ? activePods(workers) : undefined),
          wake: (uid) => workers.get(uid)?.wake(),
        })
  await devices?.load()
  const podDeps: PodDeps = {
    metrics,
    devices,
    runtime,
    host: boundHost(host, configOf(node), classes),
    client,
    clock,
    log,
    imageViews: deps.images.views,
    puller: new ImagePuller(deps.images, clock, pullLimits(deps)),
    status: new StatusWriter({ client, clock, log, group, metrics }),
    references,
    services: () => services.list(),
    claim: (at, inner) => read(PERSISTENT_VOLUME_CLAIMS, at, inner),
    persistentVolume: (name, inner) => read(PERSISTENT_VOLUMES, { name }, inner),
    secret: (at, inner) => read(SECRETS, at, inner),
    csi: csi?.volumes,
    async runtimeHandler(name, inner) {
      if (name === undefined || name === '') return ''
      const found = await read(RUNTIME_CLASSES, { name }, inner)
      if (found === undefined) throw new Error(`RuntimeClass "${name}" not found`)
      return found.handler
    },
    tell({ pod, container, type, reason, message, annotations }) {
      if (annotations !== undefined) recorder.annotated(pod, { type, reason, message, annotations })
      else recorder.event(pod, type, reason, message, container === undefined ? undefined : fieldPathOf(container))
    },
    tellClaim: (claim, { type, reason, message }) => recorder.event(claim, type, reason, message),
    others,
    userNamespaces: new UserNamespaces(runtime),
    resizes: new PendingResizes(),
    admission: (pod) => admit(pod, others(namesOf(pod).uid)),
    node: self,
  }
  const workers: PodWorkers = new PodWorkers(podDeps, group, (pod) => {
    const { uid } = namesOf(pod)
    podDeps.resizes.retry()
    staticPods.ended(uid)
    metrics.forgetPod(namesOf(pod))
  })
  const staticPods = new StaticPods({
    ...deps,
    node: node.name,
    sources: deps.manifests ?? [],
    known: pods,
    workers,
    mirrored: (uid, mirror) => podDeps.status.mirrored(uid, mirror),
  })
  const care: NodeCare = createNodeCare({ ...deps, workers, metrics, tell })
  const { lifecycle } = metrics
  return { pods, services, nodes, workers, staticPods, care, csi, devices, tell, status: podDeps.status, lifecycle }
}

/** The Pods that are not over. */
const activePods = ({ all }: PodWorkers) => all.flatMap(({ phase, pod }) => (phase === 'terminated' ? [] : [pod]))

async function podNode({ node, host }: KubeletDeps, { machine, version }: Facts): Promise<PodNode> {
  const [resolver, hostsFile] = await Promise.all([host.resolver(), host.hostsFile()])
  const config = configOf(node)
  const capacity = capacityOf(machine, node)
  const allocatable = allocatableOf(capacity, config)
  const memoryCapacity = quantityValue(capacity['memory'] ?? '0')
  const memory = memoryRules(config, {
    cgroupVersion: host.cgroups.version,
    boundsSwap: await host.cgroups.boundsSwap(),
    swapBytes: machine.swapBytes,
    capacityBytes: memoryCapacity,
    allocatableBytes: quantityValue(allocatable['memory'] ?? '0'),
    pageBytes: machine.pageBytes,
  })
  return {
    name: node.name,
    hostIps: node.addresses,
    allocatable,
    memoryCapacity,
    memory,
    hugepageSizes: Object.keys(machine.hugepages),
    dns: { clusterDomain: node.clusterDomain, servers: node.clusterDns },
    resolver,
    hostsFile,
    seLinux: machine.seLinux,
    seccompRoot: node.seccompRoot ?? '/var/lib/kubelet/seccomp',
    runtimeName: version.runtimeName,
    maxBackOffMs: config.crashLoopBackOff.maxContainerRestartPeriod,
  }
}
