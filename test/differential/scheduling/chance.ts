/** Cases made by chance: some nodes with some Pods on them, and one Pod to place. */

import type { PodSpec } from '../../../src/api/generated/core-v1.ts'
import { type Random, seededRandom } from '../../../src/base/random.ts'
import { budget, node, pod, priority, service } from './objects.ts'
import type { Case } from './side.ts'

const HOST = 'kubernetes.io/hostname'
const ZONE = 'topology.kubernetes.io/zone'
const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random.next() * from.length)] as T
const chance = (random: Random, share: number) => random.next() < share
const between = (random: Random, low: number, high: number) => low + Math.floor(random.next() * (high - low))

const selecting = (random: Random) => ({
  topologyKey: pick(random, [ZONE, HOST]),
  labelSelector: { matchLabels: { app: pick(random, ['a', 'b']) } },
})

const WISHES: readonly ((random: Random) => Partial<PodSpec>)[] = [
  () => ({}),
  (random) => ({ nodeSelector: { disk: pick(random, ['ssd', 'hdd']) } }),
  (random) => ({ tolerations: [{ key: pick(random, ['k', 'l']), operator: 'Exists' }] }),
  (random) => ({ affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [selecting(random)] } } }),
  (random) => ({
    affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [selecting(random)] } },
  }),
  (random) => ({
    affinity: {
      [pick(random, ['podAffinity', 'podAntiAffinity'])]: {
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 50, podAffinityTerm: selecting(random) }],
      },
    },
  }),
  (random) => ({
    affinity: {
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 10, preference: { matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] } },
          { weight: between(random, 1, 40), preference: { matchExpressions: [{ key: ZONE, operator: 'Exists' }] } },
        ],
      },
    },
  }),
  (random) => ({
    topologySpreadConstraints: [
      {
        ...selecting(random),
        maxSkew: between(random, 1, 3),
        whenUnsatisfiable: pick(random, ['DoNotSchedule', 'ScheduleAnyway']),
        ...(chance(random, 0.3) ? { nodeTaintsPolicy: 'Honor' as const } : {}),
        ...(chance(random, 0.3) ? { nodeAffinityPolicy: 'Ignore' as const } : {}),
      },
    ],
  }),
]

const app = (random: Random) => ({ app: pick(random, ['a', 'b']) })
const amounts = (random: Random, most: number) => ({
  cpu: `${between(random, 100, most * 1000)}m`,
  memory: `${between(random, 64, most * 1024)}Mi`,
})

const classes = [100, 200, 300, 400, 1000].map((value) => priority(`p${value}`, value))

export function anyCase(seed: number): Case {
  const random = seededRandom(seed)
  const nodes = Array.from({ length: between(random, 2, 7) }, (_, at) =>
    node(`n${at}`, {
      labels: {
        ...(chance(random, 0.8) ? { [ZONE]: pick(random, ['1', '2', '3']) } : {}),
        ...(chance(random, 0.5) ? { disk: pick(random, ['ssd', 'hdd']) } : {}),
      },
      // Odd amounts: few nodes are equally good.
      amounts: { cpu: `${between(random, 1500, 8000)}m`, memory: `${between(random, 2000, 16_000)}Mi`, pods: '5' },
      spec: chance(random, 0.3)
        ? {
            taints: [
              { key: pick(random, ['k', 'l']), effect: pick(random, ['NoSchedule', 'PreferNoSchedule'] as const) },
            ],
          }
        : {},
    }),
  )
  const there = Array.from({ length: between(random, 0, 9) }, (_, at) =>
    pod(
      `q${at}`,
      amounts(random, 1),
      {
        nodeName: `n${between(random, 0, nodes.length)}`,
        priorityClassName: `p${between(random, 1, 5)}00`,
        ...(chance(random, 0.3) ? pick(random, WISHES)(random) : {}),
      },
      app(random),
    ),
  )
  const others = [
    ...(chance(random, 0.3) ? [service('a', 'a')] : []),
    ...(chance(random, 0.3) ? [budget('b', 'a', between(random, 0, 2))] : []),
  ]
  const important = chance(random, 0.5) ? [{ priorityClassName: 'p1000' }] : []
  const wishes = [...important, pick(random, WISHES)(random), pick(random, WISHES)(random)]
  const wanted = pod('p', amounts(random, 4), Object.assign({}, ...wishes) as Partial<PodSpec>, app(random))
  return { name: `chance ${seed}`, objects: [...classes, ...nodes, ...others, ...there], pods: [wanted] }
}
