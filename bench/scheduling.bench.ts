/** How many Pods a second get a node, at 100, 1,000 and 5,000 nodes: API, storage, watches and scheduler in one process. */

import { tell } from './figure.ts'
import { measure } from './scheduling/placing.ts'

const PODS_TO_PLACE = Number(process.env['GORAE_BENCH_PODS'] ?? 3000)
const SIZES = (process.env['GORAE_BENCH_NODES'] ?? '100,1000,5000').split(',').map(Number)

for (const nodes of SIZES) {
  // oxlint-disable-next-line no-await-in-loop -- one size after another
  const result = await measure({ nodes, pods: PODS_TO_PLACE, apps: 50, specOf: () => ({}) })
  const on = `${nodes.toLocaleString('en-US')} nodes`
  tell({ what: `Pods created, ${on}`, value: result.createdPerSecond, unit: 'Pods/s' })
  tell({ what: `Pods placed, ${on}`, value: result.placedPerSecond, unit: 'Pods/s', goal: 1000, goalIs: 'atLeast' })
  tell({ what: `CPU for ${PODS_TO_PLACE} Pods, ${on}`, value: result.cpuSeconds, unit: 's' })
  tell({ what: `memory, ${on}`, value: result.memoryMiB, unit: 'MiB' })
}
