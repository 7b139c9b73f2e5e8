import { expect, test } from 'vitest'

import type { PodSpec } from '../../api/generated/core-v1.ts'
import { aContainer, aPod } from '../pods/fixtures.ts'
import { oomScoreAdj } from './oom-score.ts'

const asking = (name: string, memory: string) => aContainer(name, { resources: { requests: { memory } } })
const sidecar = (memory: string) => ({ ...asking('side', memory), restartPolicy: 'Always' as const })

test.each<
  [
    what: string,
    spec: Partial<PodSpec>,
    container: string,
    qos: 'Burstable' | 'Guaranteed' | 'BestEffort',
    score: number,
  ]
>([
  ['that asks for a tenth of the memory', { containers: [asking('app', '100')] }, 'app', 'Burstable', 900],
  ['that asks for all of it', { containers: [asking('app', '1000')] }, 'app', 'Burstable', 3],
  ['that asks for none', { containers: [asking('app', '0')] }, 'app', 'Burstable', 999],
  ['of a Pod with guarantees', { containers: [asking('app', '100')] }, 'app', 'Guaranteed', -997],
  ['of a Pod without', { containers: [aContainer('app')] }, 'app', 'BestEffort', 1000],
  ['that the node needs', { priority: 2_000_001_000, containers: [aContainer('app')] }, 'app', 'BestEffort', -997],
  ['that is nearly so', { priority: 2_000_000_999, containers: [aContainer('app')] }, 'app', 'BestEffort', 1000],
  ['beside others', { initContainers: [sidecar('10')], containers: [asking('app', '300')] }, 'side', 'Burstable', 700],
  [
    'beside lesser ones',
    { initContainers: [sidecar('500')], containers: [asking('app', '300')] },
    'side',
    'Burstable',
    500,
  ],
  [
    'whose Pod asks for more as a whole',
    { resources: { requests: { memory: '500' } }, containers: [asking('app', '100'), asking('b', '200')] },
    'app',
    'Burstable',
    800,
  ],
])('a container %s', (_, spec, name, qos, score) => {
  const pod = aPod(spec)
  const all = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])]
  const container = all.find((one) => one.name === name) ?? aContainer('none')
  expect(oomScoreAdj(qos, pod, container, 1000)).toBe(score)
})
