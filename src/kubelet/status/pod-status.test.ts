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

  test('tells containers by their names, and init containers in their order', () => {
    const named = (...names: string[]) => names.map((name) => aContainer(name))
    const pod = aPod({ containers: named('b', 'a'), initContainers: named('z', 'y') })
    const status = podStatus(facts({ pod }))
    expect(status.containerStatuses?.map(({ name }) => name)).toEqual(['a', 'b'])
    expect(status.initContainerStatuses?.map(({ name }) => name)).toEqual(['z', 'y'])
  })

  test('tells of what ended containers say so much that 12 KiB hold it for all', () => {
    const pod = aPod({ containers: [aContainer('a'), aContainer('b'), aContainer('c'), aContainer('d')] })
    const observed = observedPod([seen('a', 'exited'), seen('b', 'running')])
    const status = podStatus(facts({ pod, observed, terminationMessage: () => 'x'.repeat(4_096) }))
    const { state, lastState } = status.containerStatuses?.[0] ?? {}
    expect((state?.terminated ?? lastState?.terminated)?.message).toHaveLength(3_072)
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

  test.each([
    { policy: 'Never', exitCode: 0, reason: 'PodCompleted' },
    { policy: 'Never', exitCode: 3, reason: 'PodFailed' },
    { policy: 'OnFailure', exitCode: 0, reason: 'PodCompleted' },
    { policy: 'OnFailure', exitCode: 3, reason: 'ContainersNotReady' },
    { policy: 'Always', exitCode: 0, reason: 'ContainersNotReady' },
  ] as const)('a $policy container that exits with $exitCode is at once unready by $reason, its Pod running', (row) => {
    const observed = observedPod([seen('app', 'exited', { exitCode: row.exitCode })])
    const status = podStatus(facts({ pod: aPod({ restartPolicy: row.policy }), observed, last: { phase: 'Running' } }))
    expect(status.phase).toBe('Running')
    expect(conditions(status)).toMatchObject({ PodReadyToStartContainers: 'True', Ready: `False/${row.reason}` })
  })

  test('a Pod that the kubelet ends is unready by its failure before it has ended', () => {
    const failure = { reason: 'DeadlineExceeded', message: 'too long' }
    const status = podStatus(facts({ failure, last: { phase: 'Running' } }))
    expect(status).toMatchObject({ phase: 'Running' })
    expect(status.reason).toBeUndefined()
    expect(conditions(status)).toMatchObject({ Ready: 'False/PodFailed', PodReadyToStartContainers: 'True' })
  })

  test('a container that never ran has failed when its Pod ends, and nobody knows how', () => {
    const waiting = new Map([['app', { reason: 'ErrImagePull', message: 'no such image' }]])
    const status = podStatus(facts({ observed: NOTHING_OBSERVED, waiting, isTerminal: true }))
    expect(status.phase).toBe('Failed')
    expect(status.containerStatuses?.[0]?.state).toMatchObject({
      terminated: { exitCode: 137, reason: 'ContainerStatusUnknown' },
    })
    expect(conditions(status)).toMatchObject({ Ready: 'False/ContainersNotReady' })
  })

  test('a container that no init container made way for is still waiting when its Pod ends', () => {
    const pod = aPod({ initContainers: [aContainer('i1')] })
    const status = podStatus(
      facts({ pod, observed: observedPod([seen('i1', 'exited', { exitCode: 1 })]), isTerminal: true }),
    )
    expect(status.phase).toBe('Failed')
    expect(status.containerStatuses?.[0]?.state).toEqual({ waiting: { reason: 'PodInitializing' } })
  })

  describe('a sidecar that waits to be started again when its Pod ends', () => {
    const sidecar = aContainer('s', { restartPolicy: 'Always' })
    const pod = aPod({ restartPolicy: 'Never', initContainers: [sidecar] })
    const observed = observedPod([seen('app', 'exited'), seen('s', 'exited', { exitCode: 1 })])
    const waiting = new Map([['s', { reason: 'CrashLoopBackOff', message: 'back-off 10s' }]])

    test('has come to nobody knows what', () => {
      const status = podStatus(facts({ pod, observed, waiting, isTerminal: true }))
      expect(status.phase).toBe('Succeeded')
      expect(status.initContainerStatuses?.[0]).toMatchObject({
        state: { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown' } },
        lastState: { terminated: { exitCode: 1, reason: 'Error' } },
      })
    })

    test('has ended as it did where the Pod was deleted', () => {
      const metadata = { ...pod.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' }
      const status = podStatus(facts({ pod: { ...pod, metadata }, observed, waiting, isTerminal: true }))
      expect(status.initContainerStatuses?.[0]?.state).toMatchObject({ terminated: { exitCode: 1, reason: 'Error' } })
    })
  })

  test('a Pod that was initialized stays so, whatever becomes of its sidecars', () => {
    const pod = aPod({ initContainers: [aContainer('s', { restartPolicy: 'Always' })] })
    const observed = observedPod([seen('s', 'exited')])
    const last: PodStatus = { phase: 'Pending', conditions: [{ type: 'Initialized', status: 'True' }] }
    expect(conditions(podStatus(facts({ pod, observed, last })))).toMatchObject({ Initialized: 'True' })
    expect(conditions(podStatus(facts({ pod, observed })))).toMatchObject({
      Initialized: 'False/ContainersNotInitialized',
    })
  })

  test('tells of a resize first, and of a restart of all without a generation', () => {
    const rules = [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [42] } }]
    const pod = aPod({ containers: [aContainer('app', { restartPolicy: 'Never', restartPolicyRules: rules })] })
    const progress = { status: 'True', observedGeneration: 1 }
    const status = podStatus(facts({ pod, resize: { pending: undefined, progress } }))
    expect(status.conditions?.map(({ type }) => type)).toEqual([
      'PodResizeInProgress',
      'PodReadyToStartContainers',
      'Initialized',
      'Ready',
      'ContainersReady',
      'PodScheduled',
      'AllContainersRestarting',
    ])
    expect(status.conditions?.at(-1)?.observedGeneration).toBeUndefined()
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

  test('says what is gone from resources, and nothing but them where there were none', () => {
    const whole: PodStatus = { allocatedResources: { cpu: '1' }, resources: { limits: { cpu: '2' } } }
    expect(statusPatch({}, whole)).toEqual(whole)
    const less: PodStatus = { allocatedResources: { memory: '1Gi' }, resources: { limits: { cpu: '1' } } }
    const more: PodStatus = { ...whole, resources: { limits: { cpu: '2', memory: '1Gi' }, requests: { cpu: '1' } } }
    expect(statusPatch(more, less)).toEqual({
      allocatedResources: { cpu: null, memory: '1Gi' },
      resources: { requests: null, limits: { cpu: '1', memory: null } },
    })
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
      '$setElementOrder/conditions': [{ type: 'Ready' }],
    })
  })
})
