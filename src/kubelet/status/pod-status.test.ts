import { describe, expect, test } from 'vitest'

import type { PodStatus } from '../../api/generated/core-v1.ts'
import { aContainer, aPod, observedPod, seen } from '../pods/fixtures.ts'
import { NOTHING_OBSERVED } from '../pods/observed.ts'
import { podStatus, type PodStatusFacts } from './pod-status.ts'
import { statusPatch } from './writer.ts'

const facts = (more: Partial<PodStatusFacts>): PodStatusFacts => ({
  pod: aPod(),
  observed: observedPod([seen('app', 'running')]),
  waiting: new Map(),
  isStarted: () => true,
  isReady: () => true,
  isStoppedToRestart: () => false,
  isResized: () => true,
  terminationMessage: () => '',
  isTerminal: false,
  runtimeName: 'containerd',
  last: {},
  hostIps: ['192.0.2.1'],
  now: 1_767_225_600_000,
  ...more,
})

const conditions = ({ conditions: list = [] }: PodStatus) =>
  Object.fromEntries(
    list.map(({ type, status, reason }) => [type, reason === undefined ? status : `${status}/${reason}`]),
  )

describe('podStatus()', () => {
  test('tells a running Pod with its addresses', () => {
    const status = podStatus(facts({}))
    expect(status).toMatchObject({
      phase: 'Running',
      podIP: '10.244.0.5',
      hostIP: '192.0.2.1',
      qosClass: 'BestEffort',
      startTime: '2026-01-01T00:00:00Z',
    })
    expect(status.containerStatuses?.[0]).toMatchObject({
      ready: true,
      started: true,
      restartCount: 0,
      containerID: 'containerd://app-0',
    })
    expect(conditions(status)).toEqual({
      PodReadyToStartContainers: 'True',
      Initialized: 'True',
      Ready: 'True',
      ContainersReady: 'True',
      PodScheduled: 'True',
    })
  })

  test('tells a Pod that nothing is known of as being created', () => {
    const status = podStatus(facts({ observed: NOTHING_OBSERVED }))
    expect(status.phase).toBe('Pending')
    expect(status.containerStatuses?.[0]?.state).toEqual({ waiting: { reason: 'ContainerCreating' } })
    expect(conditions(status)).toMatchObject({ PodReadyToStartContainers: 'False', Ready: 'False/ContainersNotReady' })
  })

  test('tells a container in its crash loop as waiting, and its Pod as running', () => {
    const waiting = new Map([['app', { reason: 'CrashLoopBackOff', message: 'back-off 10s' }]])
    const status = podStatus(facts({ observed: observedPod([seen('app', 'exited', { exitCode: 7 })]), waiting }))
    expect(status.phase).toBe('Running')
    expect(status.containerStatuses?.[0]).toMatchObject({
      ready: false,
      started: false,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 7, reason: 'Error' } },
    })
  })

  test('tells a Pod that did its work', () => {
    const observed = observedPod([seen('app', 'exited')])
    const status = podStatus(facts({ pod: aPod({ restartPolicy: 'Never' }), observed, isTerminal: true }))
    expect(status.phase).toBe('Succeeded')
    expect(conditions(status)).toMatchObject({
      Initialized: 'True/PodCompleted',
      Ready: 'False/PodCompleted',
      ContainersReady: 'False/PodCompleted',
    })
  })

  test('tells which init containers are missing', () => {
    const pod = aPod({ initContainers: [aContainer('i1'), aContainer('i2')] })
    const status = podStatus(facts({ pod, observed: observedPod([seen('i1', 'exited'), seen('i2', 'running')]) }))
    expect(status.phase).toBe('Pending')
    expect(status.containerStatuses?.[0]?.state).toEqual({ waiting: { reason: 'PodInitializing' } })
    const initialized = status.conditions?.find(({ type }) => type === 'Initialized')
    expect(initialized).toMatchObject({ status: 'False', message: 'containers with incomplete status: [i2]' })
  })

  test('ends a Pod that ran too long, whatever its containers did', () => {
    const failure = { reason: 'DeadlineExceeded', message: 'too long' }
    expect(podStatus(facts({ failure, isTerminal: true }))).toMatchObject({ phase: 'Failed', ...failure })
  })

  test('keeps the times of conditions that did not change', () => {
    const first = podStatus(facts({}))
    const later = podStatus(facts({ last: first, now: facts({}).now + 60_000 }))
    expect(later).toEqual(first)
    expect(statusPatch(first, later)).toBeUndefined()
  })
})

describe('statusPatch()', () => {
  test('sends what differs, and replaces lists of addresses', () => {
    const old: PodStatus = { phase: 'Pending', podIPs: [{ ip: '10.0.0.1' }], message: 'gone' }
    const patch = statusPatch(old, { phase: 'Pending', podIPs: [{ ip: '10.0.0.2' }] })
    expect(patch).toEqual({ podIPs: [{ ip: '10.0.0.2' }, { $patch: 'replace' }], message: null })
  })

  test('leaves conditions of others alone, and takes back reasons that are no more', () => {
    const old: PodStatus = {
      conditions: [
        { type: 'Other', status: 'True' },
        { type: 'Ready', status: 'False', reason: 'ContainersNotReady' },
      ],
    }
    expect(statusPatch(old, { conditions: [{ type: 'Ready', status: 'True' }] })).toEqual({
      conditions: [{ type: 'Ready', status: 'True', reason: null }],
    })
  })
})
