import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { Container } from '../../src/api/generated/core-v1.ts'
import { NODES, PODS } from '../../src/client/resources.ts'
import { type Cluster, createCluster } from '../../src/testing/cluster.ts'

let cluster: Cluster
/** Whether the image `late` can be pulled. */
let published = false
beforeEach(async () => {
  const images = { isMissing: (name: string) => !published && name.includes('/late:') }
  cluster = await createCluster({ clock: 'virtual', nodes: [{ images }] })
  published = false
})
afterEach(() => cluster.stop())

const HOUR = 3_600_000
const at = (name: string) => ({ namespace: 'default', name })
const look = (name: string) => cluster.client.get(PODS, at(name))
const containerOf = async (name: string) => (await look(name)).status?.containerStatuses?.[0]
const create = (name: string, container: Partial<Container> = {}, annotations: Record<string, string> = {}) =>
  cluster.client.create(PODS, {
    metadata: { name, namespace: 'default', annotations },
    spec: { containers: [{ name: 'app', image: 'busybox', imagePullPolicy: 'IfNotPresent', ...container }] },
  })
const isReady = async (name: string) => (await containerOf(name))?.ready === true

async function node() {
  const { items } = await cluster.client.list(NODES)
  const ready = items[0]?.status?.conditions?.find(({ type }) => type === 'Ready')
  return { ready: ready?.status, taints: items[0]?.spec?.taints ?? [] }
}

for (const [words, jump] of [
  ['forward', HOUR],
  ['back', -HOUR],
] as const) {
  describe(`a clock that is set ${words} by an hour`, () => {
    test('takes no node for dead and no Pod from it', async () => {
      await create('app')
      await cluster.until(() => isReady('app'))
      const before = await containerOf('app')
      cluster.jump(jump)
      for (let looks = 0; looks < 20; looks++) {
        await cluster.advance(10_000)
        expect(await node()).toEqual({ ready: 'True', taints: [] })
      }
      expect(await containerOf('app')).toMatchObject({ ready: true, containerID: before?.containerID, restartCount: 0 })
    })

    test('restarts what keeps ending neither at once nor never', async () => {
      await create('loop', {}, { 'gorae.dev/sim-run-seconds': '1', 'gorae.dev/sim-exit-code': '1' })
      const restarts = async () => (await containerOf('loop'))?.restartCount ?? 0
      await cluster.until(async () => (await restarts()) === 3, 120_000)
      cluster.jump(jump)
      const before = await restarts()
      await cluster.advance(120_000)
      const after = await restarts()
      expect(after - before).toBeGreaterThanOrEqual(1)
      expect(after - before).toBeLessThanOrEqual(4)
    })

    test('has a restarted container once, and tells of that one', async () => {
      await create('app', {}, { 'gorae.dev/sim-run-seconds': '30' })
      await cluster.until(() => isReady('app'))
      const first = (await containerOf('app'))?.containerID
      cluster.jump(jump)
      await cluster.advance(40_000)
      const second = await containerOf('app')
      expect(second).toMatchObject({ restartCount: 1, ready: true })
      expect(second?.containerID).not.toBe(first)
      expect(second?.lastState?.terminated?.containerID).toBe(first)
      await cluster.advance(10_000)
      expect((await containerOf('app'))?.containerID).toBe(second?.containerID)
    })

    test('probes as often as before', async () => {
      const readinessProbe = { tcpSocket: { port: 80 }, initialDelaySeconds: 5, periodSeconds: 5 }
      await create('app', { readinessProbe }, { 'gorae.dev/sim-ready-seconds': '20' })
      await cluster.advance(2_000)
      cluster.jump(jump)
      await cluster.until(() => isReady('app'), 30_000)
      expect(await containerOf('app')).toMatchObject({ restartCount: 0 })
    })

    test('pulls again what could not be pulled, in time', async () => {
      await create('app', { image: 'late', imagePullPolicy: 'Always' })
      await cluster.advance(3_000)
      expect((await containerOf('app'))?.state?.waiting?.reason).toMatch(/^(ErrImagePull|ImagePullBackOff)$/)
      cluster.jump(jump)
      published = true
      await cluster.until(() => isReady('app'), 45_000)
      expect(await containerOf('app')).toMatchObject({ restartCount: 0 })
    })
  })
}
