/** The parts of a kubelet, tied together. */

import type { Node, Pod, Service } from '../api/generated/core-v1.ts'
import type { TaskGroup } from '../base/async/group.ts'
import { createEvents } from '../client/events.ts'
import { createInformer, type Informer } from '../client/informer.ts'
import { NODES, PODS, SERVICES } from '../client/resources.ts'
import { NodeDevices, type NodeDevicesDeps } from './devices/node-devices.ts'
import { ImagePuller } from './images/puller.ts'
import type { KubeletMetrics } from './metrics/kubelet-metrics.ts'
import { createNodeCare, type NodeCare, pullLimits } from './node-care.ts'
import { admitPod } from './node/admit-pod.ts'
import { boundHost, ClassShares } from './node/enforce.ts'
import { type NodeEvent, nodeReference } from './node/node-events.ts'
import { configOf } from './node/node-status.ts'
import { type NodeFacts, podNode } from './node/pod-node.ts'
import type { KubeletDeps } from './options.ts'
import { UserNamespaces } from './pods/container/user-namespaces.ts'
import type { PodDeps, PodNode } from './pods/pod-deps.ts'
import { fieldPathOf, namesOf, type PodView } from './pods/pod-view.ts'
import { objectReads } from './pods/read-objects.ts'
import { PendingResizes } from './pods/resize/pending-resizes.ts'
import { PodWorkers } from './pods/workers.ts'
import { StaticPods } from './static-pods/static-pods.ts'
import { StatusWriter } from './status/writer.ts'
import { createCsi } from './volumes/csi/csi-part.ts'
import { ReferencedObjects } from './volumes/referenced-objects.ts'

export interface Facts extends NodeFacts {
  readonly metrics: KubeletMetrics
}

/** What the API says of the node and of its Pods. */
interface Caches {
  readonly pods: Informer<Pod>
  readonly services: Informer<Service>
  readonly nodes: Informer<Node>
}

export interface Parts extends Caches {
  readonly workers: PodWorkers
  readonly staticPods: StaticPods
  readonly care: NodeCare
  /** Absent: no plugin can run on this machine. */
  readonly csi: ReturnType<typeof createCsi> | undefined
  readonly devices: NodeDevices | undefined
  /** Writes an event about the node. */
  readonly tell: (event: NodeEvent) => void
  readonly status: StatusWriter
  readonly lifecycle: KubeletMetrics['lifecycle']
}

/** Nothing runs yet but what the group is told to. */
export async function createParts(deps: KubeletDeps, group: TaskGroup, facts: Facts): Promise<Parts> {
  const { client, clock, log, node, host, runtime } = deps
  const { metrics } = facts
  const { tellOfNode: tell, ...tellers } = startEvents(deps, group)
  const caches = openCaches(deps, group)
  const references = new ReferencedObjects(deps, group, (uid) => workers.refresh(uid))
  const self = await podNode(deps, facts)
  const csi = csiOf(deps, group, caches.nodes, metrics)
  const others = (uid: string) => otherPods(workers, uid)
  const classes = startClassShares(deps, group, { pods: () => others(''), node: self })
  const devices = devicesOf(deps, facts, {
    activePods: () => (staticPods.areAllRead ? activePods(workers) : undefined),
    wake: (uid) => workers.get(uid)?.wake(),
  })
  await devices?.load()
  const status = new StatusWriter({ client, clock, log, group, metrics })
  const resizes = new PendingResizes()
  const podDeps: PodDeps = {
    ...tellers,
    ...objectReads(client),
    metrics,
    devices,
    runtime,
    host: boundHost(host, configOf(node), classes),
    client,
    clock,
    log,
    imageViews: deps.images.views,
    puller: new ImagePuller(deps.images, clock, pullLimits(deps)),
    status,
    references,
    services: () => caches.services.list(),
    csi: csi?.volumes,
    others,
    userNamespaces: new UserNamespaces(runtime),
    resizes,
    admission: (pod) => admitPod({ ...deps, ...facts, ...caches, self, workers, care }, pod, others(namesOf(pod).uid)),
    node: self,
  }
  const workers: PodWorkers = new PodWorkers(podDeps, group, (pod) => {
    resizes.retry()
    staticPods.ended(namesOf(pod).uid)
    metrics.forgetPod(namesOf(pod))
  })
  const staticPods = new StaticPods({
    ...deps,
    node: node.name,
    sources: deps.manifests ?? [],
    known: caches.pods,
    workers,
    mirrored: (uid, mirror) => status.mirrored(uid, mirror),
  })
  const care = createNodeCare({ ...deps, workers, metrics, tell })
  return { ...caches, workers, staticPods, care, csi, devices, tell, status, lifecycle: metrics.lifecycle }
}

type Tellers = Pick<PodDeps, 'tell' | 'tellClaim'> & { readonly tellOfNode: Parts['tell'] }

/** Events about Pods, claims and the node. */
function startEvents(deps: KubeletDeps, group: TaskGroup): Tellers {
  const { client, clock, random, log, node } = deps
  const events = createEvents({ client, clock, random, log })
  group.start((signal) => events.run(signal))
  const recorder = events.recorder('kubelet', node.name)
  const itself = nodeReference(node.name)
  return {
    tellOfNode: ({ type, reason, message }) => recorder.event(itself, type, reason, message),
    tell({ pod, container, type, reason, message, annotations }) {
      if (annotations !== undefined) recorder.annotated(pod, { type, reason, message, annotations })
      else recorder.event(pod, type, reason, message, container === undefined ? undefined : fieldPathOf(container))
    },
    tellClaim: (claim, { type, reason, message }) => recorder.event(claim, type, reason, message),
  }
}

/** Only that of the node itself runs from here on. */
function openCaches(deps: KubeletDeps, group: TaskGroup): Caches {
  const { name } = deps.node
  const pods = createInformer(deps, PODS, { fieldSelector: `spec.nodeName=${name}` })
  const services = createInformer(deps, SERVICES)
  const nodes = createInformer(deps, NODES, { fieldSelector: `metadata.name=${name}` })
  group.start((signal) => nodes.run(signal))
  return { pods, services, nodes }
}

function csiOf(deps: KubeletDeps, group: TaskGroup, nodes: Informer<Node>, metrics: KubeletMetrics) {
  const folder = deps.host.kubelet
  if (folder === undefined) return undefined
  return createCsi({ ...deps, folder, nodes, group, called: (...call) => metrics.storage.driverCalled(...call) })
}

/** How the node's processors are shared between the classes of Pods. */
function startClassShares({ host, clock, log }: KubeletDeps, group: TaskGroup, of: ClassSharesOf): ClassShares {
  const classes = new ClassShares(host, of.pods, of.node.memory)
  group.start((signal) => classes.run({ clock, log }, signal))
  return classes
}

interface ClassSharesOf {
  readonly pods: () => readonly PodView[]
  readonly node: PodNode
}

function devicesOf(
  deps: KubeletDeps,
  { version: runtimeVersion, metrics }: Facts,
  pods: Pick<NodeDevicesDeps, 'activePods' | 'wake'>,
): NodeDevices | undefined {
  const { kubelet } = deps.host
  if (kubelet === undefined) return undefined
  return new NodeDevices({ ...deps, ...pods, kubelet, nodeName: deps.node.name, runtimeVersion, metrics })
}

/** The Pods that are not over. */
const activePods = ({ all }: PodWorkers): readonly PodView[] =>
  all.flatMap(({ phase, pod }) => (phase === 'terminated' ? [] : [pod]))

/** The Pods that have a place on the node, but for the one named, with what they were given. */
const otherPods = ({ all }: PodWorkers, uid: string): readonly PodView[] =>
  all
    .filter(({ uid: other, phase, isGone, isRejected }) => {
      return other !== uid && phase !== 'terminated' && !isGone && !isRejected
    })
    .map((worker) => worker.allocated)
