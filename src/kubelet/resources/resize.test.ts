import { describe, expect, test } from 'vitest'

import { aContainer, aPod } from '../pods/fixtures.ts'
import { allocatedBefore, askedBy, resizeRefusal, resizeStep, sameAllocation, withAllocation } from './resize.ts'

const asking = (cpu: string, memory = '100Mi') =>
  aPod({ containers: [aContainer('app', { resources: { requests: { cpu, memory } } })] })

describe('A resize', () => {
  const node = { cpu: '2', memory: '1Gi' }
  test.each<[asked: string, memory: string, others: string[], reason: string | undefined, message?: string]>([
    ['1', '100Mi', [], undefined],
    ['2', '1Gi', [], undefined],
    ['1', '100Mi', ['1'], undefined],
    ['3', '1Mi', [], 'Infeasible', "Node didn't have enough capacity: cpu, requested: 3000, capacity: 2000"],
    [
      '1',
      '2Gi',
      [],
      'Infeasible',
      "Node didn't have enough capacity: memory, requested: 2147483648, capacity: 1073741824",
    ],
    [
      '1500m',
      '1Mi',
      ['1'],
      'Deferred',
      "Node didn't have enough resource: cpu, requested: 1500, used: 1000, capacity: 2000",
    ],
  ])('to %s CPUs and %s beside %j is %s', (cpu, memory, others, reason, message) => {
    const refusal = resizeRefusal(
      asking(cpu, memory),
      others.map((other) => asking(other)),
      node,
    )
    expect(refusal).toEqual(reason === undefined ? undefined : { reason, message })
  })

  test('is none when amounts are written otherwise', () => {
    expect(sameAllocation(askedBy(asking('500m')), askedBy(asking('0.5')))).toBe(true)
    expect(sameAllocation(askedBy(asking('500m')), askedBy(asking('501m')))).toBe(false)
  })

  test('that waits leaves the Pod with what it was given', () => {
    const given = askedBy(asking('1'))
    expect(withAllocation(asking('9'), given).spec).toEqual(asking('1').spec)
    const same = asking('1')
    expect(withAllocation(same, given)).toBe(same)
  })

  test('is found again after a restart, in the status', () => {
    const resources = { requests: { cpu: '1', memory: '100Mi' } }
    const status = { name: 'app', image: 'busybox', imageID: '', ready: true, restartCount: 0 }
    const running = { ...status, state: { running: {} }, allocatedResources: resources.requests, resources }
    const pod = { ...asking('9'), status: { containerStatuses: [running] } }
    expect(allocatedBefore(pod)).toEqual(askedBy(asking('1')))
    const waiting = { ...pod, status: { containerStatuses: [status] } }
    expect(allocatedBefore(waiting)).toEqual(askedBy(asking('9')))
  })
})

describe('A running container', () => {
  const restarting = (resourceName: string) => [{ resourceName, restartPolicy: 'RestartContainer' as const }]
  const had = { cpuShares: 102, cpuQuota: 10_000, memoryLimitInBytes: 1_000 }
  test.each<[what: string, wanted: typeof had, policy: string | undefined, step: string]>([
    ['that has all', had, 'cpu', 'none'],
    ['whose CPU grew', { ...had, cpuQuota: 20_000 }, undefined, 'update'],
    ['whose share grew', { ...had, cpuShares: 204 }, 'memory', 'update'],
    ['whose CPU grew, which it cannot bear', { ...had, cpuQuota: 20_000 }, 'cpu', 'restart'],
    ['whose memory grew, which it cannot bear', { ...had, memoryLimitInBytes: 2_000 }, 'memory', 'restart'],
    ['whose memory shrank', { ...had, memoryLimitInBytes: 500 }, 'cpu', 'update'],
  ])('%s takes the step', (_, wanted, policy, step) => {
    const container = aContainer('app', policy === undefined ? {} : { resizePolicy: restarting(policy) })
    expect(resizeStep(container, had, wanted)).toBe(step)
  })

  test('without limits is the same however the runtime says that', () => {
    expect(resizeStep(aContainer('app'), { cpuShares: 2, cpuQuota: -1, memoryLimitInBytes: 0 }, { cpuShares: 2 })).toBe(
      'none',
    )
  })
})
