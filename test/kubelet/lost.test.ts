/**
 * Pods of which the runtime has lost something: a sandbox ends without its containers, or nobody can tell what became of
 * a container (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/).
 */

import { describe, expect, test } from 'vitest'

import type { PodSpec } from '../../src/api/generated/core-v1.ts'
import { EVENTS, PODS } from '../../src/client/resources.ts'
import { createCluster } from '../../src/testing/cluster.ts'
import { LosingRuntime } from './losing-runtime.ts'

const AT = { namespace: 'default', name: 'app' }

async function lose(what: 'sandboxes' | 'containers', restartPolicy: NonNullable<PodSpec['restartPolicy']>) {
  const runtime = new LosingRuntime()
  const cluster = await createCluster({ clock: 'virtual', nodes: [{ between: runtime.between }] })
  const containers = [{ name: 'app', image: 'busybox' }]
  const spec = { containers, restartPolicy, terminationGracePeriodSeconds: 7 }
  await cluster.client.create(PODS, { metadata: AT, spec })
  const look = () => cluster.client.get(PODS, AT)
  await cluster.until(async () => (await look()).status?.phase === 'Running')
  await (what === 'sandboxes' ? runtime.loseSandboxes() : runtime.loseContainers())
  await cluster.advance(90_000)
  const { items } = await cluster.client.list(EVENTS, { namespace: 'default' })
  const told = items.map(({ reason, message }) => `${reason}: ${message}`)
  const { status } = await look()
  await cluster.stop()
  return { status, told, stopped: runtime.stopped }
}

const CHANGED = 'SandboxChanged: Pod sandbox changed, it will be killed and re-created.'
const UNKNOWN = 'Killing: Container is in "unknown" state, try killing it before restart'

describe('A Pod that loses its sandbox', () => {
  test('has its containers asked to end before the sandbox is stopped, and begins anew', async () => {
    const { status, told, stopped } = await lose('sandboxes', 'Always')
    expect(stopped.slice(0, 2)).toEqual(['container within 7 s', 'sandbox'])
    expect(told).toEqual(expect.arrayContaining([CHANGED, 'Killing: Stopping container app']))
    expect(status?.containerStatuses?.[0]).toMatchObject({
      restartCount: 1,
      lastState: { terminated: { exitCode: 0 } },
    })
  })

  test('and restarts nothing is over', async () => {
    const { status, told } = await lose('sandboxes', 'Never')
    expect(status?.phase).toBe('Succeeded')
    expect(told).not.toContain(CHANGED)
  })
})

describe('A container of which nobody knows what became', () => {
  const ENDED = { terminated: { exitCode: 255, reason: 'Unknown' } }

  test.each(['Always', 'OnFailure'] as const)('is stopped before it is started again (%s)', async (policy) => {
    const { status, told, stopped } = await lose('containers', policy)
    expect(stopped).toEqual(['container within 7 s'])
    expect(told).toContain(UNKNOWN)
    expect(status?.phase).toBe('Running')
    expect(status?.containerStatuses?.[0]).toMatchObject({ ready: true, restartCount: 1, lastState: ENDED })
  })

  test('is stopped, and has failed where nothing is started again', async () => {
    const { status, stopped } = await lose('containers', 'Never')
    expect(stopped[0]).toBe('container within 7 s')
    expect(status).toMatchObject({ phase: 'Failed', containerStatuses: [{ restartCount: 0, state: ENDED }] })
  })
})
