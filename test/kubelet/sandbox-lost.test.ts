/** A Pod whose sandbox ends without its containers (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-sandbox). */

import { describe, expect, test } from 'vitest'

import type { PodSpec } from '../../src/api/generated/core-v1.ts'
import { EVENTS, PODS } from '../../src/client/resources.ts'
import type { RuntimeService } from '../../src/kubelet/cri/runtime.ts'
import { createCluster } from '../../src/testing/cluster.ts'

const AT = { namespace: 'default', name: 'app' }

/** A runtime that says of the sandboxes it was told to lose that they are not ready. Writes down what it is asked to stop. */
class LosingRuntime {
  readonly stopped: string[] = []
  readonly #lost = new Set<string>()
  #real: RuntimeService | undefined

  readonly between = (real: RuntimeService): RuntimeService => {
    this.#real = real
    const state = (id: string, now: 'SANDBOX_READY' | 'SANDBOX_NOTREADY') =>
      this.#lost.has(id) ? 'SANDBOX_NOTREADY' : now
    const own: Partial<RuntimeService> = {
      listPodSandboxes: async (filter, signal) =>
        (await real.listPodSandboxes(filter, signal)).map((one) => ({ ...one, state: state(one.id, one.state) })),
      podSandboxStatus: async (id, signal) => {
        const status = await real.podSandboxStatus(id, signal)
        return { ...status, state: state(id, status.state) }
      },
      stopContainer: (id, grace, signal) => {
        this.stopped.push(`container within ${grace} s`)
        return real.stopContainer(id, grace, signal)
      },
      stopPodSandbox: (id, signal) => {
        this.stopped.push('sandbox')
        return real.stopPodSandbox(id, signal)
      },
    }
    return new Proxy(real, {
      get: (target, key) => {
        const method = Reflect.get(key in own ? own : target, key) as (...args: readonly unknown[]) => unknown
        return (...args: readonly unknown[]) => method.apply(target, [...args])
      },
    })
  }

  async loseAll(): Promise<void> {
    const sandboxes = await this.#real?.listPodSandboxes({}, new AbortController().signal)
    for (const { id } of sandboxes ?? []) this.#lost.add(id)
  }
}

async function lose(restartPolicy: NonNullable<PodSpec['restartPolicy']>) {
  const runtime = new LosingRuntime()
  const cluster = await createCluster({ clock: 'virtual', nodes: [{ between: runtime.between }] })
  const containers = [{ name: 'app', image: 'busybox' }]
  const spec = { containers, restartPolicy, terminationGracePeriodSeconds: 7 }
  await cluster.client.create(PODS, { metadata: AT, spec })
  const look = () => cluster.client.get(PODS, AT)
  await cluster.until(async () => (await look()).status?.phase === 'Running')
  await runtime.loseAll()
  await cluster.advance(90_000)
  const { items } = await cluster.client.list(EVENTS, { namespace: 'default' })
  const told = items.map(({ reason, message }) => `${reason}: ${message}`)
  const { status } = await look()
  await cluster.stop()
  return { status, told, stopped: runtime.stopped }
}

const CHANGED = 'SandboxChanged: Pod sandbox changed, it will be killed and re-created.'

describe('A Pod that loses its sandbox', () => {
  test('has its containers asked to end before the sandbox is stopped, and begins anew', async () => {
    const { status, told, stopped } = await lose('Always')
    expect(stopped.slice(0, 2)).toEqual(['container within 7 s', 'sandbox'])
    expect(told).toEqual(expect.arrayContaining([CHANGED, 'Killing: Stopping container app']))
    expect(status?.containerStatuses?.[0]).toMatchObject({
      restartCount: 1,
      lastState: { terminated: { exitCode: 0 } },
    })
  })

  test('and restarts nothing is over', async () => {
    const { status, told } = await lose('Never')
    expect(status?.phase).toBe('Succeeded')
    expect(told).not.toContain(CHANGED)
  })
})
