import { describe, expect, test } from 'vitest'
import type { Node, PersistentVolumeClaim, Pod, PodSpec } from '../../src/api/generated/core-v1.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { type Random, seededRandom } from '../../src/base/random.ts'
import { silentLog } from '../../src/base/log.ts'
import { createClient } from '../../src/client/client.ts'
import { CSI_NODES, NODES, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS } from '../../src/client/resources.ts'
import { Cycle } from '../../src/scheduler/framework/cycle.ts'
import { findNode } from '../../src/scheduler/framework/find-node.ts'
import { pluginsOf } from '../../src/scheduler/framework/profile.ts'
import { WaitingPods } from '../../src/scheduler/framework/waiting-pods.ts'
import { followCluster } from '../../src/scheduler/follow.ts'
import { pluginDeps } from '../../src/scheduler/plugin-deps.ts'
import { defaultConfig, profilesOf } from '../../src/scheduler/profiles.ts'
import { queueProfile, SchedulingQueue } from '../../src/scheduler/queue/scheduling-queue.ts'
import { SchedulerCache } from '../../src/scheduler/snapshot/cache.ts'
import { podInfoOf } from '../../src/scheduler/snapshot/pod-info.ts'
import { type FakeInformers, fakeInformers } from './fake-informers.ts'

const ZONE = 'topology.kubernetes.io/zone'
const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random.next() * from.length)] as T
const chance = (random: Random, share: number) => random.next() < share

/** The scheduler without its API: what it knows, where Pods wait, and how one is tried. */
function aScheduler(random: Random) {
  const informers = fakeInformers()
  const clock = new ManualClock(0)
  const transport = { request: () => Promise.reject(new Error('nobody is asked')), watch: () => [] }
  const client = createClient(transport as unknown as Parameters<typeof createClient>[0])
  const events = () => ({ event: () => {} })
  const deps = { client, informers: informers.factory, events, clock, random, log: silentLog }
  const [profile] = profilesOf(defaultConfig(), pluginDeps({ ...deps, waiting: new WaitingPods(), extenders: [] }))
  if (profile === undefined) throw new Error('no profile')
  const cache = new SchedulerCache(() => ({}))
  const queued = queueProfile(pluginsOf(profile))
  const queue = new SchedulingQueue({ clock, profileOf: () => queued })
  followCluster(informers.factory, { cache, queue, isOurs: () => true })
  const rotation = { next: 0 }
  const attempt = (pod: Pod) => findNode(new Cycle(), podInfoOf(pod), { snapshot: cache, profile, random, rotation })

  /** Tries every Pod that is awake, until none is. */
  const drain = () => {
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      const pod = informers.get<Pod>(PODS, next.uid)
      if (pod === undefined || pod.spec?.nodeName !== undefined) {
        queue.done(next.uid)
        continue
      }
      const result = attempt(pod)
      if (result.found) {
        queue.done(next.uid)
        informers.put(PODS, { ...pod, spec: { ...(pod.spec as PodSpec), nodeName: result.node.name } })
      } else queue.refused(next, pod, result.refusedBy)
    }
  }
  const sleepersThatFit = () =>
    informers
      .list<Pod>(PODS)
      .filter((pod) => pod.spec?.nodeName === undefined && pod.status === undefined)
      .filter((pod) => (pod.spec?.schedulingGates ?? []).length === 0)
      .flatMap((pod) => {
        const result = attempt(pod)
        return result.found ? [`${pod.metadata.name ?? ''} fits on ${result.node.name}`] : []
      })
  return { informers, drain, sleepersThatFit, stop: () => queue.close() }
}

function anyNode(random: Random, name: string): Node {
  const labels = {
    'kubernetes.io/hostname': name,
    ...(chance(random, 0.8) ? { [ZONE]: pick(random, ['1', '2']) } : {}),
    ...(chance(random, 0.4) ? { disk: 'ssd' } : {}),
  }
  const taints = chance(random, 0.25) ? [{ key: pick(random, ['k', 'l']), effect: 'NoSchedule' as const }] : []
  return {
    metadata: { name, uid: name, labels },
    spec: { taints, ...(chance(random, 0.15) ? { unschedulable: true } : {}) },
    status: {
      allocatable: { cpu: pick(random, ['1', '2', '4']), memory: '8Gi', pods: pick(random, ['2', '10']) },
      ...(chance(random, 0.3) ? { declaredFeatures: ['UserNamespacesHostNetworkSupport'] } : {}),
    },
  }
}

const term = (random: Random) => ({
  topologyKey: pick(random, [ZONE, 'kubernetes.io/hostname']),
  labelSelector: { matchLabels: { app: pick(random, ['a', 'b']) } },
})

/** A Pod that is hard to place, each in its way. */
function anyPod(random: Random, name: string): Pod {
  const app = pick(random, ['a', 'b'])
  const ways: readonly (() => Partial<PodSpec>)[] = [
    () => ({}),
    () => ({ nodeSelector: { disk: 'ssd' } }),
    () => ({ tolerations: [{ key: 'k', operator: 'Exists' }] }),
    () => ({ affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term(random)] } } }),
    () => ({ affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term(random)] } } }),
    () => ({
      topologySpreadConstraints: [
        {
          ...term(random),
          maxSkew: 1,
          whenUnsatisfiable: 'DoNotSchedule',
          ...(chance(random, 0.4) ? { nodeTaintsPolicy: 'Honor' as const } : {}),
          ...(chance(random, 0.3) ? { minDomains: 2 } : {}),
        },
      ],
    }),
    () => ({ hostNetwork: true, hostUsers: false }),
    () => ({ schedulingGates: [{ name: 'example.com/gate' }] }),
    () => ({ volumes: [{ name: 'v', persistentVolumeClaim: { claimName: pick(random, ['c1', 'c2']) } }] }),
    () => ({ volumes: [{ name: 'v', gcePersistentDisk: { pdName: 'disk' } }] }),
  ]
  const ports = chance(random, 0.2) ? [{ containerPort: 80, hostPort: 80 }] : []
  const resources = { requests: { cpu: pick(random, ['100m', '1', '2', '3']) } }
  return {
    metadata: { name, uid: name, namespace: pick(random, ['one', 'two']), labels: { app } },
    spec: { containers: [{ name: 'c', image: 'i', ports, resources }], ...pick(random, ways)() },
  }
}

function changeVolumes(random: Random, informers: FakeInformers): void {
  const namespace = pick(random, ['one', 'two'])
  const name = pick(random, ['c1', 'c2'])
  const volumeName = `${namespace}-${name}`
  const step = random.next()
  if (step < 0.2) informers.remove(PERSISTENT_VOLUME_CLAIMS, `${namespace}/${name}`)
  else if (step < 0.6) {
    const bound = { annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } }
    const claim: PersistentVolumeClaim = {
      metadata: { name, namespace, uid: volumeName, ...bound },
      spec: { accessModes: [pick(random, ['ReadWriteOncePod', 'ReadWriteOnce'])], volumeName },
    }
    informers.put(PERSISTENT_VOLUME_CLAIMS, claim)
  } else if (step < 0.85) {
    const labels = chance(random, 0.5) ? { [ZONE]: pick(random, ['1', '2']) } : {}
    const csi = { driver: 'driver', volumeHandle: volumeName }
    informers.put(PERSISTENT_VOLUMES, { metadata: { name: volumeName, uid: volumeName, labels }, spec: { csi } })
  } else {
    const count = pick(random, [0, 1, 2])
    const drivers = [{ name: 'driver', nodeID: 'id', allocatable: { count } }]
    const node = `n${Math.floor(random.next() * 4)}`
    informers.put(CSI_NODES, { metadata: { name: node, uid: `csi-${node}` }, spec: { drivers } })
  }
}

function changePod(random: Random, informers: FakeInformers, step: number): void {
  const uid = `p${Math.floor(random.next() * step)}`
  const pod = informers.get<Pod>(PODS, uid)
  if (pod === undefined || chance(random, 0.5)) return informers.remove(PODS, uid)
  const { schedulingGates: _, ...open } = pod.spec as PodSpec
  const changed: readonly (() => Pod)[] = [
    () => ({ ...pod, spec: open }),
    () => ({ ...pod, metadata: { ...pod.metadata, labels: { app: pick(random, ['a', 'b']) } } }),
    () => ({
      ...pod,
      spec: { ...(pod.spec as PodSpec), tolerations: [...(pod.spec?.tolerations ?? []), { operator: 'Exists' }] },
    }),
    () => ({ ...pod, status: { phase: 'Succeeded' } }),
  ]
  informers.put(PODS, pick(random, changed)())
}

function change(random: Random, informers: FakeInformers, step: number): void {
  const what = random.next()
  if (what < 0.4) informers.put(PODS, anyPod(random, `p${step}`))
  else if (what < 0.6) changePod(random, informers, step)
  else if (what < 0.75) informers.put(NODES, anyNode(random, `n${Math.floor(random.next() * 4)}`))
  else if (what < 0.8) informers.remove(NODES, `n${Math.floor(random.next() * 4)}`)
  else changeVolumes(random, informers)
}

describe('queueing hints', () => {
  test('no Pod sleeps that would fit, over 300 histories', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const random = seededRandom(seed)
      const { informers, drain, sleepersThatFit, stop } = aScheduler(random)
      for (let step = 1; step <= 40; step++) {
        change(random, informers, step)
        drain()
        expect({ seed, step, sleepers: sleepersThatFit() }).toEqual({ seed, step, sleepers: [] })
      }
      stop()
    }
  })
})
