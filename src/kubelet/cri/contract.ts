/** The contract of every container runtime, as tests. A runtime's own test file calls this with a way to open it. */

import { expect, test } from 'vitest'

import { isRuntimeNotFound, type PodSandboxConfig, type RuntimeEvent, type RuntimeService } from './runtime.ts'
import type { ContainerConfig } from './types.ts'

export interface RuntimeUnderTest {
  readonly runtime: RuntimeService
  /** An image that is there and has a shell. */
  readonly image: string
  /** A folder for logs. */
  readonly logs: string
  /** Lets so much time pass. */
  readonly pass: (ms: number) => Promise<void>
  readonly close: () => Promise<void>
}

/** What one container does: ends after `runMs` with `exitCode`, or runs until it is stopped. */
export interface Life {
  readonly runMs?: number
  readonly exitCode?: number
}

/** `lifeOf` says how the runtime is told what a container shall do. */
export interface RuntimeKind {
  readonly open: () => Promise<RuntimeUnderTest>
  readonly lifeOf: (life: Life) => Pick<ContainerConfig, 'command'> & { readonly annotations?: Record<string, string> }
}

const NAMESPACES = { network: 'POD', pid: 'CONTAINER', ipc: 'POD' } as const
const NEVER = new AbortController().signal

let made = 0

function sandboxConfig(logs: string, annotations: Record<string, string> = {}): PodSandboxConfig {
  made += 1
  const uid = `contract-${process.pid}-${made}`
  return {
    metadata: { name: 'contract', uid, namespace: 'default', attempt: 0 },
    hostname: 'contract',
    logDirectory: `${logs}/${uid}`,
    labels: { suite: 'contract', uid },
    annotations,
    linux: { cgroupParent: `/gorae-contract/${uid}`, securityContext: { namespaceOptions: NAMESPACES } },
  }
}

function containerConfig(image: string, life: Pick<ContainerConfig, 'command'>): ContainerConfig {
  return {
    metadata: { name: 'main', attempt: 0 },
    image: { image },
    ...life,
    envs: [],
    mounts: [],
    labels: { role: 'main' },
    annotations: { kept: 'as it was' },
    logPath: 'main.log',
    linux: { resources: {}, securityContext: { namespaceOptions: NAMESPACES } },
  }
}

export function testRuntimeContract({ open, lifeOf }: RuntimeKind): void {
  const withRuntime = (body: (under: RuntimeUnderTest) => Promise<void>) => async () => {
    const under = await open()
    try {
      await body(under)
    } finally {
      const left = await under.runtime.listPodSandboxes({ labels: { suite: 'contract' } }, NEVER)
      for (const { id } of left) {
        await under.runtime.stopPodSandbox(id, NEVER)
        await under.runtime.removePodSandbox(id, NEVER)
      }
      await under.close()
    }
  }
  const run = async ({ runtime, image, logs }: RuntimeUnderTest, life: Life) => {
    const { annotations, ...command } = lifeOf(life)
    const config = sandboxConfig(logs, annotations)
    const sandbox = await runtime.runPodSandbox(config, '', NEVER)
    const id = await runtime.createContainer({ id: sandbox, config }, containerConfig(image, command), NEVER)
    return { sandbox, id }
  }

  test(
    'a sandbox is ready and has an address until it is stopped',
    withRuntime(async (under) => {
      const { sandbox } = await run(under, {})
      const up = await under.runtime.podSandboxStatus(sandbox, NEVER)
      expect(up.state).toBe('SANDBOX_READY')
      expect(up.ips).toHaveLength(1)
      await under.runtime.stopPodSandbox(sandbox, NEVER)
      const down = await under.runtime.podSandboxStatus(sandbox, NEVER)
      expect(down.state).toBe('SANDBOX_NOTREADY')
    }),
  )

  test(
    'two sandboxes have different addresses',
    withRuntime(async (under) => {
      const { sandbox: a } = await run(under, {})
      const { sandbox: b } = await run(under, {})
      const [first, second] = await Promise.all([a, b].map((id) => under.runtime.podSandboxStatus(id, NEVER)))
      expect(first?.ips[0]).not.toBe(second?.ips[0])
    }),
  )

  test(
    'a container is created, runs, and keeps its labels and annotations',
    withRuntime(async (under) => {
      const { id } = await run(under, {})
      expect((await under.runtime.containerStatus(id, NEVER)).state).toBe('CONTAINER_CREATED')
      await under.runtime.startContainer(id, NEVER)
      const status = await under.runtime.containerStatus(id, NEVER)
      expect(status.state).toBe('CONTAINER_RUNNING')
      expect(status.startedAt).toBeGreaterThan(0)
      expect(status.labels).toMatchObject({ role: 'main' })
      expect(status.annotations).toMatchObject({ kept: 'as it was' })
      expect(status.metadata).toEqual({ name: 'main', attempt: 0 })
    }),
  )

  test(
    'a container that ends by itself tells its exit code',
    withRuntime(async (under) => {
      const { id } = await run(under, { runMs: 100, exitCode: 3 })
      await under.runtime.startContainer(id, NEVER)
      await under.pass(1_000)
      const status = await under.runtime.containerStatus(id, NEVER)
      expect(status).toMatchObject({ state: 'CONTAINER_EXITED', exitCode: 3, reason: 'Error' })
      expect(status.finishedAt).toBeGreaterThanOrEqual(status.startedAt)
    }),
  )

  test(
    'an event tells of an end, and by then the state is told too',
    withRuntime(async (under) => {
      const { id } = await run(under, { runMs: 200, exitCode: 0 })
      const leaving = new AbortController()
      const seen: { event: RuntimeEvent; state: string }[] = []
      const reading = (async () => {
        for await (const event of under.runtime.events(leaving.signal)) {
          if (event.type !== 'stopped' || event.containerId !== id) continue
          seen.push({ event, state: (await under.runtime.containerStatus(id, NEVER)).state })
        }
      })().catch(() => {})
      await under.pass(100)
      await under.runtime.startContainer(id, NEVER)
      await under.pass(1_000)
      leaving.abort()
      await reading
      expect(seen[0]).toEqual({ event: { type: 'stopped', containerId: id }, state: 'CONTAINER_EXITED' })
    }),
  )

  test(
    'lists are filtered by label and by sandbox',
    withRuntime(async (under) => {
      const { sandbox, id } = await run(under, {})
      await run(under, {})
      const { labels } = await under.runtime.podSandboxStatus(sandbox, NEVER)
      const byLabel = await under.runtime.listPodSandboxes({ labels: { uid: labels['uid'] ?? '' } }, NEVER)
      expect(byLabel.map((each) => each.id)).toEqual([sandbox])
      const inside = await under.runtime.listContainers({ podSandboxId: sandbox }, NEVER)
      expect(inside.map((each) => each.id)).toEqual([id])
    }),
  )

  test(
    'stopping a sandbox ends its containers',
    withRuntime(async (under) => {
      const { sandbox, id } = await run(under, {})
      await under.runtime.startContainer(id, NEVER)
      await under.runtime.stopPodSandbox(sandbox, NEVER)
      await under.pass(100)
      expect((await under.runtime.containerStatus(id, NEVER)).state).toBe('CONTAINER_EXITED')
    }),
  )

  test(
    'what is gone can be taken away again, and cannot be asked about',
    withRuntime(async (under) => {
      const { sandbox, id } = await run(under, {})
      for (let twice = 0; twice < 2; twice++) {
        await under.runtime.removeContainer(id, NEVER)
        await under.runtime.stopPodSandbox(sandbox, NEVER)
        await under.runtime.removePodSandbox(sandbox, NEVER)
      }
      await expect(under.runtime.containerStatus(id, NEVER)).rejects.toSatisfy(isRuntimeNotFound)
      await expect(under.runtime.podSandboxStatus(sandbox, NEVER)).rejects.toSatisfy(isRuntimeNotFound)
    }),
  )
}
