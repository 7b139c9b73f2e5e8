import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { Container, PodSpec } from '../../src/api/generated/core-v1.ts'
import { EVENTS, PODS } from '../../src/client/resources.ts'
import { type Cluster, createCluster } from '../../src/testing/cluster.ts'
import type { Behaviour } from '../../src/testing/index.ts'

let cluster: Cluster
/** By container name; the incarnations of a container go through the list, the last stays. */
let behaviours: Record<string, Behaviour[]>
/** What hooks ran, and when. */
let ran: string[]
let begin = 0
beforeEach(async () => {
  behaviours = {}
  ran = []
  const behaviour = ({ config }: { config: { metadata: { name: string; attempt: number } } }): Behaviour => {
    const { name, attempt } = config.metadata
    const own = behaviours[name] ?? [{}]
    return {
      exec: (command) => {
        ran.push(`${seconds()} ${name} ${command.join(' ')}`)
        return { exitCode: 0, takesMs: command[0] === 'slow' ? 3_000 : 0 }
      },
      ...own[Math.min(attempt, own.length - 1)],
    }
  }
  cluster = await createCluster({ clock: 'virtual', nodes: [{ behaviour }] })
  begin = cluster.clock.monotonic()
})
afterEach(() => cluster.stop())

const seconds = () => Math.round((cluster.clock.monotonic() - begin) / 1000)
const look = () => cluster.client.get(PODS, { namespace: 'default', name: 'app' })
const container = (name: string, more: Partial<Container> = {}): Container => ({ name, image: 'busybox', ...more })
const create = (spec: Partial<PodSpec>) =>
  cluster.client.create(PODS, {
    metadata: { name: 'app', namespace: 'default' },
    spec: { containers: [container('main')], ...spec },
  })
const statusOf = async (name: string) => {
  const { containerStatuses = [], initContainerStatuses = [] } = (await look()).status ?? {}
  return [...initContainerStatuses, ...containerStatuses].find((status) => status.name === name)
}
const isReady = async () =>
  (await look()).status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')
const restarting = async () => {
  const found = (await look()).status?.conditions?.find(({ type }) => type === 'AllContainersRestarting')
  return found === undefined ? undefined : [found.status, found.reason]
}

describe('a container whose end asks for all to be restarted', () => {
  const asking = container('main', {
    restartPolicy: 'Never',
    restartPolicyRules: [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [42] } }],
  })

  test('begins the Pod anew in its sandbox, init containers first', async () => {
    behaviours = { main: [{ runMs: 5_000, exitCode: 42 }, {}], init: [{ runMs: 1_000 }] }
    await create({
      restartPolicy: 'Never',
      initContainers: [container('init')],
      containers: [asking, container('log')],
    })
    await cluster.until(isReady)
    expect(await restarting()).toEqual(['False', undefined])
    const before = { pod: await look(), log: await statusOf('log') }
    await cluster.until(async () => (await statusOf('main'))?.restartCount === 1, 20_000)
    await cluster.until(isReady)
    const after = await look()
    expect(after.status?.podIP).toBe(before.pod.status?.podIP)
    expect(await statusOf('log')).toMatchObject({
      restartCount: 1,
      lastState: { terminated: { reason: 'RestartingAllContainers', exitCode: 137 } },
    })
    expect((await statusOf('log'))?.containerID).not.toBe(before.log?.containerID)
    expect(await statusOf('init')).toMatchObject({ restartCount: 1, state: { terminated: { exitCode: 0 } } })
    expect(await restarting()).toEqual(['False', undefined])
    expect(after.status?.phase).toBe('Running')
  })

  test('ends the Pod with another end, and tells so', async () => {
    behaviours = { main: [{ runMs: 2_000, exitCode: 1 }] }
    await create({ restartPolicy: 'Never', containers: [asking] })
    await cluster.until(async () => (await look()).status?.phase === 'Failed')
    expect(await restarting()).toEqual(['False', 'PodFailed'])
    expect(await statusOf('main')).toMatchObject({ restartCount: 0, state: { terminated: { exitCode: 1 } } })
  })

  test('does so ever more slowly', async () => {
    behaviours = { main: [{ runMs: 1_000, exitCode: 42 }] }
    await create({ restartPolicy: 'Never', containers: [asking] })
    await cluster.advance(120_000)
    const { restartCount = 0 } = (await statusOf('main')) ?? {}
    expect(restartCount).toBeGreaterThanOrEqual(3)
    expect(restartCount).toBeLessThanOrEqual(6)
  })
})

describe('a container that is stopped to be started again', () => {
  for (const [words, main] of [
    ['by its liveness probe', { livenessProbe: { tcpSocket: { port: 80 }, periodSeconds: 1, failureThreshold: 1 } }],
    ['by its startup probe', { startupProbe: { tcpSocket: { port: 80 }, periodSeconds: 1, failureThreshold: 1 } }],
  ] as const) {
    test(`${words} is, though it ends well and only failures are restarted`, async () => {
      behaviours = { main: [{ answer: () => ({ outcome: 'failure', output: 'no' }) }, {}] }
      await create({ restartPolicy: 'OnFailure', containers: [container('main', main)] })
      await cluster.until(async () => (await statusOf('main'))?.restartCount === 1, 30_000)
      expect(await statusOf('main')).toMatchObject({ lastState: { terminated: { exitCode: 0 } } })
      await cluster.until(isReady)
    })
  }

  test('by its liveness probe is not, where nothing is restarted: the Pod ends', async () => {
    behaviours = {
      main: [{ answer: () => ({ outcome: 'failure', output: 'no' }), onStop: { afterMs: 0, exitCode: 143 } }],
    }
    const livenessProbe = { tcpSocket: { port: 80 }, periodSeconds: 1, failureThreshold: 1 }
    await create({ restartPolicy: 'Never', containers: [container('main', { livenessProbe })] })
    await cluster.until(async () => (await look()).status?.phase === 'Failed', 30_000)
    expect(await statusOf('main')).toMatchObject({ restartCount: 0, state: { terminated: { exitCode: 143 } } })
  })

  test('by a resize is, though it ends well and only failures are restarted', async () => {
    const resources = (cpu: string) => ({ requests: { cpu }, limits: { cpu } })
    const resizePolicy = [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }]
    await create({
      restartPolicy: 'OnFailure',
      containers: [container('main', { resources: resources('1'), resizePolicy })],
    })
    await cluster.until(isReady)
    const at = { namespace: 'default', name: 'app' }
    const body = { spec: { containers: [{ name: 'main', resources: resources('2') }] } }
    await cluster.client.patch(PODS, at, 'strategic', body, { subresource: 'resize' })
    await cluster.until(async () => (await statusOf('main'))?.restartCount === 1, 30_000)
    await cluster.until(isReady)
    expect(await statusOf('main')).toMatchObject({ lastState: { terminated: { exitCode: 0 } } })
  })
})

describe('a Pod that stops', () => {
  const hook = (command: string) => ({ lifecycle: { preStop: { exec: { command: [command] } } } })

  test('tells that it was seen, serves, and is ready, until it has stopped', async () => {
    await create({ containers: [container('main', { lifecycle: { preStop: { exec: { command: ['slow'] } } } })] })
    await cluster.until(isReady)
    await cluster.client.delete(PODS, { namespace: 'default', name: 'app' })
    await cluster.advance(1_000)
    const { metadata, status } = await look()
    expect(metadata.deletionTimestamp).toBeDefined()
    expect([metadata.generation, status?.observedGeneration]).toEqual([2, 2])
    expect(await isReady()).toBe(true)
  })

  test('runs all preStop hooks at once, and its sidecars to the end of the others', async () => {
    const onStop = { afterMs: 4_000, exitCode: 0 }
    behaviours = { main: [{ onStop }], second: [{ onStop }] }
    await create({
      initContainers: [
        container('first', { restartPolicy: 'Always', ...hook('quick') }),
        container('second', { restartPolicy: 'Always', ...hook('slow') }),
      ],
      containers: [container('main', hook('slow'))],
    })
    await cluster.until(isReady)
    begin = cluster.clock.monotonic()
    const ended: string[] = []
    const watching = new AbortController()
    const seen = (async () => {
      const options = { namespace: 'default', resourceVersion: '0' }
      for await (const { object } of cluster.client.watch(PODS, options, watching.signal))
        for (const { name, state } of [
          ...(object.status?.containerStatuses ?? []),
          ...(object.status?.initContainerStatuses ?? []),
        ])
          if (state?.terminated !== undefined && !ended.includes(name)) ended.push(name)
    })().catch(() => {})
    await cluster.client.delete(PODS, { namespace: 'default', name: 'app' })
    await cluster.advance(20_000)
    expect(ran.toSorted()).toEqual(['0 first quick', '0 main slow', '0 second slow'])
    expect(ended).toEqual(['main', 'second', 'first'])
    watching.abort()
    await seen
  })
})

describe('a container that has started', () => {
  test('is probed for readiness at once, whatever the period', async () => {
    const probe = { tcpSocket: { port: 80 } }
    behaviours = { main: [{ readyMs: 4_000 }] }
    const startupProbe = { ...probe, periodSeconds: 1, failureThreshold: 60 }
    const readinessProbe = { ...probe, periodSeconds: 60 }
    await create({ containers: [container('main', { startupProbe, readinessProbe })] })
    await cluster.advance(6_000)
    expect(await isReady()).toBe(true)
  })
})

test('a probe that is sent elsewhere succeeds, and says so', async () => {
  const output = 'Probe terminated redirects, Response body: there'
  behaviours = { main: [{ answer: () => ({ outcome: 'success', output, isWarning: true }) }] }
  await create({ containers: [container('main', { readinessProbe: { httpGet: { port: 80 }, periodSeconds: 1 } })] })
  await cluster.until(isReady, 5_000)
  await cluster.until(async () => {
    const { items } = await cluster.client.list(EVENTS)
    return items.some(
      ({ reason, message }) => reason === 'ProbeWarning' && message === `Readiness probe warning: ${output}`,
    )
  }, 5_000)
  expect(await isReady()).toBe(true)
})

test('a Pod with a readiness gate is ready as long as somebody holds it open', async () => {
  await create({ readinessGates: [{ conditionType: 'example.com/open' }] })
  await cluster.until(async () => (await look()).status?.phase === 'Running')
  await cluster.advance(2_000)
  expect(await isReady()).toBe(false)
  const set = (status: string) =>
    cluster.client.patch(
      PODS,
      { namespace: 'default', name: 'app' },
      'strategic',
      { status: { conditions: [{ type: 'example.com/open', status }] } },
      { subresource: 'status' },
    )
  await set('True')
  await cluster.until(isReady, 5_000)
  await set('False')
  await cluster.until(async () => (await isReady()) === false, 5_000)
})
