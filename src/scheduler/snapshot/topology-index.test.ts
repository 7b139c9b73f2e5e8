import { describe, expect, test } from 'vitest'
import type { Pod } from '../../api/generated/core-v1.ts'
import { type Random, seededRandom } from '../../base/random.ts'
import { selectorOf } from '../../meta/label-selector.ts'
import { aCache, aNode, aPod } from '../fixtures.ts'
import { groupKey, termsOf } from './affinity-index.ts'
import type { SchedulerCache } from './cache.ts'
import { podInfoOf } from './pod-info.ts'

const ZONE = 'topology.kubernetes.io/zone'
const HOST = 'kubernetes.io/hostname'
const APPS = ['web', 'db', 'cache']
const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random.next() * from.length)] as T

const anyNode = (random: Random, name: string) =>
  aNode(name, random.next() < 0.8 ? { labels: { [ZONE]: pick(random, ['1', '2', '3']) } } : {})

/** Labels may change in a Pod's life; its namespace and affinity do not. */
function anyPod(random: Random, name: string, node: string): Pod {
  const fixed = seededRandom(Number(name.slice(1)) + 1)
  const labels = { app: pick(random, APPS), ...(random.next() < 0.5 ? { tier: pick(random, ['front', 'back']) } : {}) }
  const term = { topologyKey: pick(fixed, [ZONE, HOST]), labelSelector: { matchLabels: { app: pick(fixed, APPS) } } }
  const affinity =
    fixed.next() < 0.5
      ? {}
      : {
          affinity: {
            podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] },
            podAffinity: {
              preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 3, podAffinityTerm: term }],
            },
          },
        }
  const pod = aPod(name, { labels, node, namespace: pick(fixed, ['one', 'two']), spec: affinity })
  if (random.next() < 0.15) pod.metadata.deletionTimestamp = '2026-01-01T00:00:00Z'
  return pod
}

const SELECTORS = [
  { matchLabels: { app: 'web' } },
  { matchLabels: { app: 'db', tier: 'back' } },
  { matchExpressions: [{ key: 'tier', operator: 'Exists' as const }] },
  {},
]

/** The same, counted over every Pod there is. */
function recount(cache: SchedulerCache, namespace: string, at: number, withTerminating: boolean) {
  const selector = selectorOf(SELECTORS[at])
  const perNode = new Map<string, number>()
  const byZone = new Map<string, number>()
  for (const node of cache.nodes) {
    for (const { pod } of node.pods.values()) {
      const { metadata } = pod
      if (metadata.namespace !== namespace || !selector.matches(metadata.labels)) continue
      if (!withTerminating && metadata.deletionTimestamp !== undefined) continue
      perNode.set(node.name, (perNode.get(node.name) ?? 0) + 1)
      const zone = node.labels[ZONE]
      if (zone !== undefined) byZone.set(zone, (byZone.get(zone) ?? 0) + 1)
    }
  }
  const zones = new Set(cache.nodes.flatMap((node) => node.labels[ZONE] ?? []))
  const fewest = zones.size === 0 ? 0 : Math.min(...[...zones].map((zone) => byZone.get(zone) ?? 0))
  return { perNode, byZone, zones, fewest }
}

function checkCounts(cache: SchedulerCache): void {
  for (const namespace of ['one', 'two'])
    for (const at of SELECTORS.keys())
      for (const withTerminating of [true, false]) {
        const counts = cache.counts({ namespace, labelSelector: SELECTORS[at], withTerminating })
        const want = recount(cache, namespace, at, withTerminating)
        expect(new Map(counts.perNode)).toEqual(want.perNode)
        const byZone = counts.by(ZONE)
        expect([...want.zones].map((zone) => byZone.of(zone))).toEqual(
          [...want.zones].map((zone) => want.byZone.get(zone) ?? 0),
        )
        expect([byZone.domainCount, byZone.fewest(new Map())]).toEqual([want.zones.size, want.fewest])
      }
}

/** Every term that stands against Pods of an app, counted over every Pod there is. */
function checkTerms(cache: SchedulerCache): void {
  for (const app of APPS) {
    const want = new Map<string, number>()
    for (const node of cache.nodes)
      for (const pod of node.pods.values())
        for (const own of termsOf(pod)) {
          const isAbout = own.term.labelSelector?.matchLabels?.['app'] === app
          if (own.kind !== 'forbids' || pod.pod.metadata.namespace !== 'one' || !isAbout) continue
          const counted = node.labels[own.term.topologyKey] === undefined ? 0 : 1
          want.set(groupKey(own, pod), (want.get(groupKey(own, pod)) ?? 0) + counted)
        }
    const found = [...cache.forbidding('one', { app })].map(({ key, counts }) => [key, counts.total] as const)
    expect(new Map(found)).toEqual(want)
  }
}

function change(random: Random, cache: SchedulerCache, step: number): void {
  const node = `n${Math.floor(random.next() * 6)}`
  const chance = random.next()
  if (chance < 0.15) cache.setNode(anyNode(random, node))
  else if (chance < 0.2) cache.removeNode(node)
  else if (chance < 0.35) cache.removePod(`pod-p${Math.floor(random.next() * step)}`)
  else if (chance < 0.5) cache.assume(podInfoOf(anyPod(random, `p${step}`, '')), node)
  else if (chance < 0.6) cache.forget(`pod-p${Math.floor(random.next() * step)}`)
  else cache.setPod(anyPod(random, `p${Math.floor(random.next() * (step + 1))}`, node))
}

describe('what is counted ahead', () => {
  test('equals what is counted when asked, over 60 histories', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = seededRandom(seed)
      const cache = aCache([anyNode(random, 'n0'), anyNode(random, 'n1')])
      for (let step = 1; step <= 80; step++) {
        change(random, cache, step)
        if (step % 8 !== 0) continue
        checkCounts(cache)
        checkTerms(cache)
        expect(cache.nodes.length).toBeLessThanOrEqual(6)
      }
    }
  })
})
