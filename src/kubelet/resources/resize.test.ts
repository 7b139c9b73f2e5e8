import { describe, expect, test } from 'vitest'

import { aContainer, aPod } from '../pods/fixtures.ts'
import {
  allocatedBefore,
  askedBy,
  asksForMore,
  type HadAndWanted,
  resizeRefusal,
  resizeStep,
  sameAllocation,
  withAllocation,
} from './resize.ts'

const asking = (cpu: string, memory = '100Mi') =>
  aPod({ containers: [aContainer('app', { resources: { requests: { cpu, memory } } })] })

describe('A resize', () => {
  const node = { cpu: '2', memory: '1Gi' }
  test.each<[asked: string, memory: string, others: string[], reason: string | undefined, message?: string]>([
    ['1', '100Mi', [], undefined],
    ['2', '1Gi', [], undefined],
    ['1', '100Mi', ['1'], undefined],
    [
      '1',
      '2Gi',
      [],
      'Deferred',
      "Node didn't have enough resource: memory, requested: 2147483648, used: 0, capacity: 1073741824",
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

describe('A Pod that states what it needs as a whole', () => {
  const whole = (cpu: string, limit: string) => {
    const pod = asking('100m')
    return { ...pod, spec: { ...pod.spec, resources: { requests: { cpu }, limits: { cpu: limit } } } } as typeof pod
  }

  test('is resized as a whole', () => {
    const given = askedBy(whole('1', '2'))
    expect(sameAllocation(given, askedBy(whole('1000m', '2')))).toBe(true)
    expect(sameAllocation(given, askedBy(whole('1', '3')))).toBe(false)
    expect(asksForMore(whole('1', '3'), given)).toBe(false)
    expect(asksForMore(whole('1500m', '2'), given)).toBe(true)
    expect(withAllocation(whole('9', '9'), given).spec).toEqual(whole('1', '2').spec)
  })

  test('has after a restart what the status says', () => {
    const status = {
      phase: 'Running' as const,
      allocatedResources: { cpu: '1', memory: '100Mi' },
      resources: { limits: { cpu: '2' } },
    }
    expect(allocatedBefore({ ...whole('9', '9'), status }).whole).toEqual({
      requests: { cpu: '1' },
      limits: { cpu: '2' },
    })
  })
})

describe('A running container', () => {
  const restarting = (resourceName: string) => [{ resourceName, restartPolicy: 'RestartContainer' as const }]
  const given = { cpuShares: 102, cpuQuota: 10_000, memoryLimitInBytes: 1_000 }
  const asked = { requests: { cpu: '100m', memory: '500' }, limits: { cpu: '100m', memory: '1000' } }
  const had = { asked, given }
  const askedFor = (memory: string) => ({ ...asked, requests: { cpu: '100m', memory } })
  test.each<[what: string, wanted: HadAndWanted['wanted'], policy: string | undefined, step: string]>([
    ['that has all', had, 'cpu', 'none'],
    ['whose CPU grew', { asked, given: { ...given, cpuQuota: 20_000 } }, undefined, 'update'],
    ['whose share grew', { asked, given: { ...given, cpuShares: 204 } }, 'memory', 'update'],
    ['whose CPU grew, which it cannot bear', { asked, given: { ...given, cpuQuota: 20_000 } }, 'cpu', 'restart'],
    [
      'whose memory grew, which it cannot bear',
      { asked, given: { ...given, memoryLimitInBytes: 2 } },
      'memory',
      'restart',
    ],
    ['whose memory shrank', { asked, given: { ...given, memoryLimitInBytes: 500 } }, 'cpu', 'update'],
    ['that asks for more memory within its limit', { asked: askedFor('600'), given }, undefined, 'none'],
    ['that asks for more memory, which it cannot bear', { asked: askedFor('600'), given }, 'memory', 'restart'],
  ])('%s takes the step', (_, wanted, policy, step) => {
    const container = aContainer('app', policy === undefined ? {} : { resizePolicy: restarting(policy) })
    expect(resizeStep(container, { had, wanted })).toBe(step)
  })

  test('without limits is the same however the runtime says that', () => {
    const unlimited = { asked: undefined, given: { cpuShares: 2, cpuQuota: -1, memoryLimitInBytes: 0 } }
    const wanted = { asked: {}, given: { cpuShares: 2 } }
    expect(resizeStep(aContainer('app'), { had: unlimited, wanted })).toBe('none')
  })
})
