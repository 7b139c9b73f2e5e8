/**
 * What a Pod costs that asks for more than room: affinity, anti-affinity and spreading, in the spirit of upstream's
 * scheduler_perf. The cost must neither follow the number of nodes nor that of Pods that are placed already.
 */

import type { PodSpec } from '../src/api/generated/core-v1.ts'
import { tell } from './figure.ts'
import { measure } from './scheduling/placing.ts'

const PODS_TO_PLACE = Number(process.env['GORAE_BENCH_PODS'] ?? 1000)
const SIZES = (process.env['GORAE_BENCH_NODES'] ?? '1000,5000').split(',').map(Number)
const ONLY = process.env['GORAE_BENCH_ONLY']

const HOST = 'kubernetes.io/hostname'
const ZONE = 'topology.kubernetes.io/zone'
const term = (topologyKey: string, app: string) => ({ topologyKey, labelSelector: { matchLabels: { app } } })
const required = (topologyKey: string, app: string) => ({
  requiredDuringSchedulingIgnoredDuringExecution: [term(topologyKey, app)],
})
const preferred = (topologyKey: string, app: string) => ({
  preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 10, podAffinityTerm: term(topologyKey, app) }],
})
const spread = (topologyKey: string, app: string, whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway') => ({
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey, whenUnsatisfiable, labelSelector: { matchLabels: { app } } }],
})

const CASES: Readonly<Record<string, (app: string) => Partial<PodSpec>>> = {
  'nothing more': () => ({}),
  'anti-affinity by node': (app) => ({ affinity: { podAntiAffinity: required(HOST, app) } }),
  'affinity by zone': (app) => ({ affinity: { podAffinity: required(ZONE, app) } }),
  'preferred anti-affinity by node': (app) => ({ affinity: { podAntiAffinity: preferred(HOST, app) } }),
  'spread over zones': (app) => spread(ZONE, app, 'DoNotSchedule'),
  'spread over nodes': (app) => spread(HOST, app, 'DoNotSchedule'),
  'spread over nodes, softly': (app) => spread(HOST, app, 'ScheduleAnyway'),
}

for (const nodes of SIZES) {
  for (const [name, specOf] of Object.entries(CASES)) {
    if (ONLY !== undefined && name !== ONLY) continue
    // oxlint-disable-next-line no-await-in-loop -- one after another
    const result = await measure({ nodes, pods: PODS_TO_PLACE, apps: 20, specOf })
    const what = `${name}, ${nodes.toLocaleString('en-US')} nodes`
    tell({ what: `CPU a Pod, ${what}`, value: (result.cpuSeconds / PODS_TO_PLACE) * 1000, unit: 'ms' })
  }
}
