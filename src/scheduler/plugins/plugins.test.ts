import type { ReplicaSet } from '../../api/generated/apps-v1.ts'
import { describe, expect, test } from 'vitest'
import { aCache, aNode, aPod, listerOf, NO_OWNERS, outcome, place } from '../fixtures.ts'
import { failureText } from '../framework/failure-text.ts'
import { imageLocality } from './image-locality/plugin.ts'
import { interPodAffinity as makeInterPodAffinity } from './inter-pod-affinity/plugin.ts'
import { nodeAffinity as makeNodeAffinity } from './node-affinity/plugin.ts'
import { nodeName } from './node-name/plugin.ts'
import { nodePorts } from './node-ports/plugin.ts'
import { nodeResourcesBalanced } from './node-resources-balanced/plugin.ts'
import { DEFAULT_FIT, nodeResourcesFit } from './node-resources-fit/plugin.ts'
import { nodeUnschedulable } from './node-unschedulable/plugin.ts'
import { podTopologySpread as makePodTopologySpread } from './pod-topology-spread/plugin.ts'
import { taintToleration } from './taint-toleration/plugin.ts'

const interPodAffinity = makeInterPodAffinity()
const nodeAffinity = makeNodeAffinity()
const podTopologySpread = makePodTopologySpread(NO_OWNERS)
const HOST = 'kubernetes.io/hostname'
const zone = (name: string) => ({ labels: { 'topology.kubernetes.io/zone': name } })

describe('NodeName', () => {
  test('keeps a Pod to the node it names', () => {
    const cache = aCache([aNode('a'), aNode('b')])
    expect(outcome(place(cache, aPod('p', { spec: { nodeName: 'b' } }), [nodeName]))).toBe('b')
    expect(outcome(place(cache, aPod('p', { spec: { nodeName: 'c' } }), [nodeName]))).toEqual({
      a: ["node(s) didn't match the requested node name"],
      b: ["node(s) didn't match the requested node name"],
    })
  })
})

describe('NodeUnschedulable', () => {
  test('keeps Pods off a cordoned node, but for those that tolerate it', () => {
    const cache = aCache([aNode('a', { unschedulable: true })])
    const tolerant = aPod('p', {
      spec: { tolerations: [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists' }] },
    })
    expect(outcome(place(cache, aPod('p'), [nodeUnschedulable]))).toEqual({ a: ['node(s) were unschedulable'] })
    expect(outcome(place(cache, tolerant, [nodeUnschedulable]))).toBe('a')
  })
})

describe('TaintToleration', () => {
  test('names the first taint that is not tolerated', () => {
    const cache = aCache([aNode('a', { taints: [{ key: 'dedicated', value: 'db', effect: 'NoSchedule' }] })])
    expect(outcome(place(cache, aPod('p'), [taintToleration]))).toEqual({
      a: ['node(s) had untolerated taint(s)'],
    })
  })

  test('prefers the node without soft taints', () => {
    const soft = aNode('soft', { taints: [{ key: 'k', effect: 'PreferNoSchedule' }] })
    expect(outcome(place(aCache([soft, aNode('clean')]), aPod('p'), [taintToleration]))).toBe('clean')
  })
})

describe('NodeAffinity', () => {
  test('nodeSelector and required terms filter', () => {
    const cache = aCache([aNode('a', { labels: { disk: 'ssd' } }), aNode('b')])
    expect(outcome(place(cache, aPod('p', { spec: { nodeSelector: { disk: 'ssd' } } }), [nodeAffinity]))).toBe('a')
    expect(outcome(place(cache, aPod('p', { spec: { nodeSelector: { disk: 'hdd' } } }), [nodeAffinity]))).toEqual({
      a: ["node(s) didn't match Pod's node affinity/selector"],
      b: ["node(s) didn't match Pod's node affinity/selector"],
    })
  })

  test('the heavier preference wins', () => {
    const prefer = (key: string, weight: number) => ({
      weight,
      preference: { matchExpressions: [{ key, operator: 'Exists' as const }] },
    })
    const pod = aPod('p', {
      spec: {
        affinity: {
          nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [prefer('x', 10), prefer('y', 20)] },
        },
      },
    })
    const cache = aCache([aNode('a', { labels: { x: '' } }), aNode('b', { labels: { y: '' } }), aNode('c')])
    expect(outcome(place(cache, pod, [nodeAffinity]))).toBe('b')
  })
})

describe('NodePorts', () => {
  const wanting = (name: string, hostPort: number, more: object = {}, node?: string) =>
    aPod(name, {
      ...(node && { node }),
      spec: { containers: [{ name: 'c', image: 'x', ports: [{ containerPort: 80, hostPort, ...more }] }] },
    })
  const cases = [
    { when: 'the port is free', taken: wanting('q', 81, {}, 'a'), want: wanting('p', 80), ok: true },
    { when: 'the port is taken', taken: wanting('q', 80, {}, 'a'), want: wanting('p', 80), ok: false },
    {
      when: 'the protocol differs',
      taken: wanting('q', 80, { protocol: 'UDP' }, 'a'),
      want: wanting('p', 80),
      ok: true,
    },
    {
      when: 'the addresses differ',
      taken: wanting('q', 80, { hostIP: '127.0.0.2' }, 'a'),
      want: wanting('p', 80, { hostIP: '127.0.0.3' }),
      ok: true,
    },
    {
      when: 'one takes all addresses',
      taken: wanting('q', 80, { hostIP: '127.0.0.2' }, 'a'),
      want: wanting('p', 80),
      ok: false,
    },
  ]
  for (const { when, taken, want, ok } of cases) {
    test(`${ok ? 'lets' : 'does not let'} a Pod in when ${when}`, () => {
      expect(place(aCache([aNode('a')], [taken]), want, [nodePorts]).found).toBe(ok)
    })
  }
})

describe('NodeResourcesFit', () => {
  const fit = nodeResourcesFit()

  test('counts what is requested there already, and says everything that is missing', () => {
    const cache = aCache([aNode('a', { cpu: '1', memory: '1Gi', pods: '1' })], [aPod('q', { cpu: '500m', node: 'a' })])
    expect(outcome(place(cache, aPod('p', { cpu: '600m', memory: '2Gi' }), [fit]))).toEqual({
      a: ['Too many pods', 'Insufficient cpu', 'Insufficient memory'],
    })
  })

  test('spreads to the emptier node, and packs with MostAllocated', () => {
    const cache = aCache([aNode('busy'), aNode('free')], [aPod('q', { cpu: '2', memory: '2Gi', node: 'busy' })])
    const pod = aPod('p', { cpu: '1', memory: '1Gi' })
    const packing = nodeResourcesFit({
      ...DEFAULT_FIT,
      scoringStrategy: { type: 'MostAllocated', resources: [{ name: 'cpu', weight: 1 }] },
    })
    expect(outcome(place(cache, pod, [fit]))).toBe('free')
    expect(outcome(place(cache, pod, [packing]))).toBe('busy')
  })

  test('spreads Pods that ask for nothing, too', () => {
    const cache = aCache([aNode('busy'), aNode('free')], [aPod('q', { node: 'busy' })])
    expect(outcome(place(cache, aPod('p'), [fit]))).toBe('free')
  })

  test('room that was assumed is taken, and room given back is free', () => {
    const cache = aCache([aNode('a', { cpu: '1' })], [aPod('q', { cpu: '1', node: 'a' })])
    expect(place(cache, aPod('p', { cpu: '1' }), [fit]).found).toBe(false)
    cache.removePod('pod-q')
    expect(place(cache, aPod('p', { cpu: '1' }), [fit]).found).toBe(true)
  })
})

describe('NodeResourcesBalancedAllocation', () => {
  test('prefers the node whose shares end up equal', () => {
    const cache = aCache(
      [aNode('lopsided'), aNode('even')],
      [aPod('q', { cpu: '3', node: 'lopsided' }), aPod('r', { cpu: '1', memory: '2Gi', node: 'even' })],
    )
    expect(outcome(place(cache, aPod('p', { cpu: '500m', memory: '1Gi' }), [nodeResourcesBalanced()]))).toBe('even')
  })
})

describe('ImageLocality', () => {
  test('prefers the node that has the image', () => {
    const holder = aNode('holder')
    const has = {
      ...holder,
      status: {
        ...holder.status,
        images: [{ names: ['docker.io/big:latest', 'big:latest'], sizeBytes: 800 * 2 ** 20 }],
      },
    }
    const pod = aPod('p', { spec: { containers: [{ name: 'c', image: 'big' }] } })
    expect(outcome(place(aCache([aNode('other'), has]), pod, [imageLocality]))).toBe('holder')
  })
})

describe('InterPodAffinity', () => {
  const term = (app: string, topologyKey = HOST) => ({ labelSelector: { matchLabels: { app } }, topologyKey })
  const near = (app: string) => ({
    affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term(app)] } },
  })
  const away = (app: string) => ({
    affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term(app)] } },
  })
  const nodes = [aNode('a'), aNode('b')]

  test('goes where its friend is', () => {
    const cache = aCache(nodes, [aPod('friend', { labels: { app: 'friend' }, node: 'b' })])
    expect(outcome(place(cache, aPod('p', { spec: near('friend') }), [interPodAffinity]))).toBe('b')
  })

  test('waits for a friend that is not there, unless it is its own friend', () => {
    const mismatch = ["node(s) didn't match pod affinity rules"]
    expect(outcome(place(aCache(nodes), aPod('p', { spec: near('friend') }), [interPodAffinity]))).toEqual({
      a: mismatch,
      b: mismatch,
    })
    expect(
      place(aCache(nodes), aPod('p', { labels: { app: 'self' }, spec: near('self') }), [interPodAffinity]).found,
    ).toBe(true)
  })

  test('keeps away from its foe, and from Pods that want it away', () => {
    const foe = aCache(nodes, [aPod('foe', { labels: { app: 'foe' }, node: 'a' })])
    expect(outcome(place(foe, aPod('p', { spec: away('foe') }), [interPodAffinity]))).toBe('b')
    const shy = aCache([aNode('a')], [aPod('shy', { spec: away('p'), node: 'a' })])
    expect(outcome(place(shy, aPod('p', { labels: { app: 'p' } }), [interPodAffinity]))).toEqual({
      a: ["node(s) didn't satisfy existing pods anti-affinity rules"],
    })
  })

  test('a friend of another namespace is none', () => {
    const cache = aCache(nodes, [aPod('friend', { labels: { app: 'friend' }, node: 'b', namespace: 'other' })])
    expect(place(cache, aPod('p', { spec: near('friend') }), [interPodAffinity]).found).toBe(false)
  })

  test('a preference scores over the whole topology', () => {
    const zoned = [aNode('a', zone('1')), aNode('b', zone('2')), aNode('c', zone('2'))]
    const wish = { weight: 5, podAffinityTerm: term('friend', 'topology.kubernetes.io/zone') }
    const pod = aPod('p', {
      spec: { affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [wish] } } },
    })
    const cache = aCache(zoned, [aPod('friend', { labels: { app: 'friend' }, node: 'b' })])
    expect(outcome(place(cache, pod, [interPodAffinity]))).toBe('a')
  })
})

describe('PodTopologySpread', () => {
  const spread = (whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway', more: object = {}) => ({
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: HOST, whenUnsatisfiable, labelSelector: { matchLabels: { app: 'web' } }, ...more },
    ],
  })
  const web = (name: string, node?: string) =>
    aPod(name, { labels: { app: 'web' }, ...(node && { node }), spec: spread('DoNotSchedule') })

  test('goes where the skew stays small', () => {
    const cache = aCache([aNode('a'), aNode('b')], [web('q', 'a')])
    expect(outcome(place(cache, web('p'), [podTopologySpread]))).toBe('b')
  })

  test('refuses nodes without the label, and says so', () => {
    const bare = { ...aNode('bare'), metadata: { name: 'bare' } }
    expect(outcome(place(aCache([bare]), web('p'), [podTopologySpread]))).toEqual({
      bare: ["node(s) didn't match pod topology spread constraints (missing required label)"],
    })
  })

  test('with minDomains unmet the least is taken to be none', () => {
    const pod = aPod('p', { labels: { app: 'web' }, spec: spread('DoNotSchedule', { minDomains: 2 }) })
    expect(place(aCache([aNode('a')], [web('q', 'a')]), pod, [podTopologySpread]).found).toBe(false)
    expect(place(aCache([aNode('a')], [web('q', 'a')]), web('p'), [podTopologySpread]).found).toBe(true)
  })

  test('soft constraints only prefer', () => {
    const pod = aPod('p', { labels: { app: 'web' }, spec: spread('ScheduleAnyway') })
    const cache = aCache([aNode('a'), aNode('b')], [web('q', 'a'), web('r', 'a')])
    expect(outcome(place(cache, pod, [podTopologySpread]))).toBe('b')
  })

  test("spreads a controller's Pods without being asked", () => {
    const owned = (name: string, node?: string) => {
      const pod = aPod(name, { labels: { app: 'web' }, ...(node && { node }) })
      return {
        ...pod,
        metadata: {
          ...pod.metadata,
          ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'rs', uid: 'rs', controller: true }],
        },
      }
    }
    const cache = aCache([aNode('a'), aNode('b')], [owned('q', 'a'), owned('r', 'a')])
    const replicaSet: ReplicaSet = {
      metadata: { name: 'rs', namespace: 'default' },
      spec: { selector: { matchLabels: { app: 'web' } }, template: { spec: { containers: [] } } },
    }
    const owners = { ...NO_OWNERS, replicaSets: listerOf([replicaSet]) }
    expect(outcome(place(cache, owned('p'), [makePodTopologySpread(owners)]))).toBe('b')
  })
})

describe('failureText()', () => {
  test('counts reasons over the nodes, in the words of Kubernetes', () => {
    const cache = aCache([
      aNode('a', { cpu: '1' }),
      aNode('b', { cpu: '1' }),
      aNode('c', { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] }),
    ])
    const result = place(cache, aPod('p', { cpu: '2' }), [taintToleration, nodeResourcesFit()])
    if (result.found) throw new Error('found a node')
    expect(failureText(result, '')).toBe(
      '0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu.',
    )
  })

  test('says so when there are no nodes at all', () => {
    const result = place(aCache([]), aPod('p'), [nodeName])
    if (result.found) throw new Error('found a node')
    expect(failureText(result, '')).toBe('no nodes available to schedule pods')
  })
})
