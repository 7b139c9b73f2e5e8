import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { PodSpec } from '../../src/api/generated/core-v1.ts'
import { EVENTS, NODES, PODS } from '../../src/client/resources.ts'
import { type Cluster, createCluster } from '../../src/testing/cluster.ts'
import { FaultyRuntime } from './faulty-runtime.ts'

let cluster: Cluster
let faults: FaultyRuntime
beforeEach(async () => {
  faults = new FaultyRuntime()
  cluster = await createCluster({ clock: 'virtual', nodes: [{ between: faults.between }] })
  faults.clock = cluster.clock
  await cluster.until(async () => (await nodeReady()).status === 'True')
})
afterEach(() => cluster.stop())

const at = (name: string) => ({ namespace: 'default', name })
const look = (name: string) => cluster.client.get(PODS, at(name))
const create = (name: string, spec: Partial<PodSpec> = {}) =>
  cluster.client.create(PODS, {
    metadata: { name, namespace: 'default' },
    spec: { containers: [{ name: 'app', image: 'busybox' }], ...spec },
  })
const isRunning = async (name: string) => (await look(name)).status?.phase === 'Running'
const isGone = async (name: string) =>
  !(await cluster.client.list(PODS)).items.some((pod) => pod.metadata.name === name)

async function nodeReady() {
  const { items } = await cluster.client.list(NODES)
  const found = items[0]?.status?.conditions?.find(({ type }) => type === 'Ready')
  return { status: found?.status, reason: found?.reason, message: found?.message }
}

async function told(reason: string): Promise<readonly string[]> {
  const { items } = await cluster.client.list(EVENTS, { namespace: 'default' })
  return items.filter((event) => event.reason === reason).map(({ message = '' }) => message)
}

describe('a runtime that hangs', () => {
  test('in one sandbox holds up that Pod alone, which can be deleted meanwhile', async () => {
    faults.hang('runPodSandbox', '"name":"stuck"')
    await create('stuck')
    await create('other')
    await cluster.until(() => isRunning('other'), 5_000)
    expect((await look('stuck')).status?.phase).toBe('Pending')
    await cluster.client.delete(PODS, at('stuck'), { gracePeriodSeconds: 1 })
    await cluster.until(() => isGone('stuck'), 5_000)
    expect(faults.hanging).toBe(0)
  })

  test('in one sandbox is given up after four minutes, told, and tried again', async () => {
    faults.hang('runPodSandbox')
    await create('stuck')
    await cluster.advance(241_000)
    expect(await told('FailedCreatePodSandBox')).toEqual([
      'Failed to create pod sandbox: rpc error: code = DeadlineExceeded desc = context deadline exceeded',
    ])
    faults.heal('runPodSandbox') // the second try is under way, and hangs as well
    await cluster.advance(245_000)
    expect(await isRunning('stuck')).toBe(true)
  })

  test('while it starts a container holds up that Pod alone', async () => {
    await create('first')
    await cluster.until(() => isRunning('first'))
    faults.hang('createContainer', '"name":"stuck"')
    await create('stuck', { terminationGracePeriodSeconds: 1 })
    await create('other')
    await cluster.until(() => isRunning('other'), 5_000)
    await cluster.advance(130_000)
    const [status] = (await look('stuck')).status?.containerStatuses ?? []
    expect(status?.state?.waiting).toEqual({ reason: 'CreateContainerError', message: 'context deadline exceeded' })
    expect((await nodeReady()).status).toBe('True')
    faults.heal('createContainer')
    await cluster.until(() => isRunning('stuck'), 200_000)
  })

  test('in its status makes the node not ready after half a minute, and ready when it answers again', async () => {
    faults.hang('status')
    await cluster.advance(20_000)
    expect((await nodeReady()).status).toBe('True')
    await cluster.advance(20_000)
    expect(await nodeReady()).toEqual({
      status: 'False',
      reason: 'KubeletNotReady',
      message: 'container runtime is down',
    })
    faults.heal('status')
    await cluster.advance(31_000)
    expect((await nodeReady()).status).toBe('True')
  })

  test('in its lists makes the node not ready after three minutes, and Pods go on as they were', async () => {
    await create('app')
    await cluster.until(() => isRunning('app'))
    faults.hang('listContainers')
    await cluster.advance(170_000)
    expect((await nodeReady()).status).toBe('True')
    await cluster.advance(30_000)
    expect((await nodeReady()).message).toMatch(
      /^PLEG is not healthy: pleg was last seen active 3m[\d.]+s ago; threshold is 3m0s$/,
    )
    expect(await isRunning('app')).toBe(true)
    faults.heal('listContainers')
    await cluster.advance(140_000)
    expect((await nodeReady()).status).toBe('True')
  })

  test('in the commands of probes has one of them under way for each container, not more', async () => {
    const livenessProbe = { exec: { command: ['true'] }, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 100 }
    await create('probed', { containers: [{ name: 'app', image: 'busybox', livenessProbe }] })
    await cluster.until(() => isRunning('probed'))
    faults.hang('execSync')
    await cluster.advance(60_000)
    expect(faults.hanging).toBe(1)
    await cluster.client.delete(PODS, at('probed'), { gracePeriodSeconds: 1 })
    await cluster.until(() => isGone('probed'), 5_000)
    expect(faults.hanging).toBe(0)
  })

  test('while it stops a container does not keep others from ending, and ends it when it answers', async () => {
    await create('stuck')
    await create('other')
    await cluster.until(async () => (await isRunning('stuck')) && (await isRunning('other')))
    const [status] = (await look('stuck')).status?.containerStatuses ?? []
    faults.hang('stopContainer', status?.containerID?.replace(/^.*:\/\//, ''))
    await cluster.client.delete(PODS, at('stuck'), { gracePeriodSeconds: 1 })
    await cluster.client.delete(PODS, at('other'), { gracePeriodSeconds: 1 })
    await cluster.until(() => isGone('other'), 5_000)
    expect(await isGone('stuck')).toBe(false)
    faults.heal('stopContainer')
    await cluster.until(() => isGone('stuck'), 130_000)
  })
})

describe('a runtime that is gone', () => {
  test('for a moment is not noticed, and what ended meanwhile is', async () => {
    await create('app', { restartPolicy: 'Never' })
    await cluster.until(() => isRunning('app'))
    faults.stop()
    await cluster.advance(5_000)
    expect((await nodeReady()).status).toBe('True')
    expect(await isRunning('app')).toBe(true)
    faults.start()
    await cluster.advance(10_000)
    expect(await isRunning('app')).toBe(true)
  })

  test('for long makes the node not ready, and new Pods start as soon as it is back', async () => {
    faults.stop()
    await cluster.advance(45_000)
    expect((await nodeReady()).message).toBe('container runtime is down')
    await create('app', { nodeName: 'node-1' })
    await cluster.advance(60_000)
    expect((await look('app')).status?.phase).toBe('Pending')
    faults.start()
    await cluster.until(() => isRunning('app'), 10_000)
    expect((await nodeReady()).status).toBe('True')
  })
})

describe('a runtime that answers late', () => {
  test('starts each container once', async () => {
    faults.delay('runPodSandbox', 30_000)
    faults.delay('createContainer', 20_000)
    faults.delay('startContainer', 20_000)
    await create('app')
    await cluster.until(() => isRunning('app'), 120_000)
    expect(faults.calls.get('createContainer')).toBe(1)
    const [status] = (await look('app')).status?.containerStatuses ?? []
    expect(status?.restartCount).toBe(0)
  })
})

describe('a runtime that lies', () => {
  test('about a start, and tells of no end, is not asked again and again', async () => {
    faults.fail('startContainer', 'failed to create task: no space left on device')
    await create('app', { restartPolicy: 'OnFailure' })
    await cluster.advance(5_000)
    const [status] = (await look('app')).status?.containerStatuses ?? []
    expect(status?.state?.waiting).toMatchObject({
      reason: 'RunContainerError',
      message: 'failed to create task: no space left on device',
    })
    expect(faults.calls.get('createContainer')).toBe(1)
    await cluster.advance(300_000)
    expect(faults.calls.get('createContainer')).toBeLessThan(32)
    faults.heal('startContainer')
    await cluster.until(() => isRunning('app'), 60_000)
  })
})
