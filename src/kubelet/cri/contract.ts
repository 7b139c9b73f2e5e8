/** What every container runtime must do, as tests. Each implementation's own test file runs it. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import {
  type ContainerConfig,
  type ImageService,
  isRuntimeNotFound,
  type PodSandboxConfig,
  RuntimeError,
  type RuntimeEvent,
  type RuntimeService,
} from './runtime.ts'

/** A runtime to hold to the contract, and commands that its image has. */
export interface ContractRuntime {
  readonly runtime: RuntimeService
  readonly images: ImageService
  /** An image that can be pulled, in full. */
  readonly image: string
  /** One that cannot. */
  readonly missingImage: string
  readonly commands: {
    /** Runs until it is stopped, and then ends by itself. */
    readonly serve: readonly string[]
    /** Runs, and does not care that it is asked to stop. */
    readonly ignore: readonly string[]
    readonly exit: (code: number) => readonly string[]
    /** For `execSync`: prints the text and succeeds. */
    readonly print: (text: string) => readonly string[]
    /** For `execSync`: takes longer than two seconds. */
    readonly linger: readonly string[]
  }
  /** Where logs may be written. */
  readonly logDirectory: string
  readonly cgroupParent: string
  /** Waits for `work`, moving time on where it does not move by itself. */
  during<T>(work: Promise<T>): Promise<T>
  /** Settles when the container that runs `ignore` has come so far that it does not care. */
  untilIgnoring(id: string): Promise<void>
  /** Lets a moment pass: some milliseconds, of whatever time it is. */
  pause(): Promise<void>
  close(): Promise<void>
}

const alive = () => new AbortController().signal

/** Runs the suite. `open` is called once for every test. */
export function testRuntimeContract(open: () => Promise<ContractRuntime>): void {
  let at: ContractRuntime
  let uid = 0
  const made: string[] = []
  beforeEach(async () => {
    at = await open()
  })
  afterEach(async () => {
    for (const id of made.splice(0)) await at.during(at.runtime.removePodSandbox(id, alive()))
    await at.close()
  })

  const sandboxConfig = (attempt = 0): PodSandboxConfig => ({
    metadata: { name: `contract-${uid}`, namespace: 'default', uid: `contract-uid-${uid}`, attempt },
    hostname: 'contract',
    logDirectory: `${at.logDirectory}/contract-${uid}`,
    labels: { 'io.kubernetes.pod.uid': `contract-uid-${uid}`, app: 'contract' },
    annotations: {},
    linux: {
      cgroupParent: at.cgroupParent,
      securityContext: { namespaceOptions: { network: 'POD', pid: 'CONTAINER', ipc: 'POD' } },
    },
  })
  const aSandbox = async () => {
    uid += 1
    const config = sandboxConfig()
    const id = await at.during(at.runtime.runPodSandbox(config, '', alive()))
    made.push(id)
    return { id, config }
  }
  const containerConfig = (image: string, command: readonly string[], attempt = 0): ContainerConfig => ({
    metadata: { name: 'c', attempt },
    image: { image },
    command,
    envs: [],
    mounts: [],
    labels: { 'io.kubernetes.pod.uid': `contract-uid-${uid}` },
    annotations: {},
    logPath: `c-${attempt}.log`,
    linux: {
      resources: {},
      securityContext: { namespaceOptions: { network: 'POD', pid: 'CONTAINER', ipc: 'POD' } },
    },
  })
  const pull = async () => {
    const present = await at.images.imageStatus({ image: at.image }, alive())
    return present?.id ?? at.during(at.images.pullImage({ image: { image: at.image } }, alive()))
  }
  const aContainer = async (command: readonly string[]) => {
    const image = await pull()
    const sandbox = await aSandbox()
    const id = await at.during(at.runtime.createContainer(sandbox, containerConfig(image, command), alive()))
    return { sandbox, image, id }
  }
  const started = async (command: readonly string[]) => {
    const container = await aContainer(command)
    await at.during(at.runtime.startContainer(container.id, alive()))
    return container
  }
  const statusOf = (id: string) => at.during(at.runtime.containerStatus(id, alive()))
  const untilExited = async (id: string) => {
    for (let looks = 0; looks < 200; looks++) {
      const status = await statusOf(id)
      if (status.state === 'CONTAINER_EXITED') return status
      await at.pause()
    }
    return statusOf(id)
  }
  const codeOf = async (work: Promise<unknown>) => {
    try {
      await at.during(work)
      return 'none'
    } catch (error) {
      return error instanceof RuntimeError ? error.code : `not a RuntimeError: ${String(error)}`
    }
  }

  describe('sandboxes', () => {
    test('a sandbox is ready and has an address; once stopped it is not; once removed it is unknown', async () => {
      const { id, config } = await aSandbox()
      const status = await at.runtime.podSandboxStatus(id, alive())
      expect(status).toMatchObject({ id, state: 'SANDBOX_READY', metadata: config.metadata })
      expect(status.ips[0]).toMatch(/^\d+\.\d+\.\d+\.\d+$/)
      await at.during(at.runtime.stopPodSandbox(id, alive()))
      expect((await at.runtime.podSandboxStatus(id, alive())).state).toBe('SANDBOX_NOTREADY')
      await at.during(at.runtime.removePodSandbox(id, alive()))
      expect(await codeOf(at.runtime.podSandboxStatus(id, alive()))).toBe('NotFound')
    })

    test('two sandboxes have two addresses', async () => {
      const [first, second] = [await aSandbox(), await aSandbox()]
      const ips = await Promise.all([first, second].map(({ id }) => at.runtime.podSandboxStatus(id, alive())))
      expect(ips[0]?.ips).not.toEqual(ips[1]?.ips)
    })

    test('the same attempt of a Pod cannot be run twice', async () => {
      const { config } = await aSandbox()
      expect(await codeOf(at.runtime.runPodSandbox(config, '', alive()))).not.toBe('none')
    })

    test('are listed by label and state', async () => {
      const { id } = await aSandbox()
      const labels = { 'io.kubernetes.pod.uid': `contract-uid-${uid}` }
      const idsOf = async (filter: Parameters<RuntimeService['listPodSandboxes']>[0]) =>
        (await at.runtime.listPodSandboxes(filter, alive())).map((sandbox) => sandbox.id)
      expect(await idsOf({ labels })).toEqual([id])
      expect(await idsOf({ labels, state: 'SANDBOX_READY' })).toEqual([id])
      expect(await idsOf({ labels, state: 'SANDBOX_NOTREADY' })).toEqual([])
      expect(await idsOf({ labels: { ...labels, app: 'other' } })).toEqual([])
    })

    test('taking away what is not there is a success', async () => {
      const nothing = '0'.repeat(64)
      expect(await codeOf(at.runtime.stopPodSandbox(nothing, alive()))).toBe('none')
      expect(await codeOf(at.runtime.removePodSandbox(nothing, alive()))).toBe('none')
      expect(await codeOf(at.runtime.removeContainer(nothing, alive()))).toBe('none')
    })

    test('a handler that nobody configured is refused', async () => {
      uid += 1
      expect(await codeOf(at.runtime.runPodSandbox(sandboxConfig(), 'no-such-handler', alive()))).not.toBe('none')
    })
  })

  describe('containers', () => {
    test('go from created to running to exited', async () => {
      const { id, sandbox } = await aContainer(at.commands.serve)
      expect(await statusOf(id)).toMatchObject({ state: 'CONTAINER_CREATED', startedAt: 0, finishedAt: 0 })
      await at.during(at.runtime.startContainer(id, alive()))
      const running = await statusOf(id)
      expect(running.state).toBe('CONTAINER_RUNNING')
      expect(running.startedAt).toBeGreaterThanOrEqual(running.createdAt)
      await at.during(at.runtime.stopContainer(id, 5, alive()))
      const exited = await statusOf(id)
      expect(exited.state).toBe('CONTAINER_EXITED')
      expect(exited.finishedAt).toBeGreaterThanOrEqual(running.startedAt)
      const listed = await at.runtime.listContainers({ podSandboxId: sandbox.id }, alive())
      expect(listed.map((container) => [container.id, container.state])).toEqual([[id, 'CONTAINER_EXITED']])
    })

    test('are not started twice', async () => {
      const { id } = await started(at.commands.serve)
      expect(await codeOf(at.runtime.startContainer(id, alive()))).not.toBe('none')
    })

    for (const [code, reason] of [
      [0, 'Completed'],
      [3, 'Error'],
    ] as const) {
      test(`that end with ${code} say so, with the reason ${reason}`, async () => {
        const { id } = await started(at.commands.exit(code))
        expect(await untilExited(id)).toMatchObject({ state: 'CONTAINER_EXITED', exitCode: code, reason })
      })
    }

    test('that do not stop in their grace period are killed', async () => {
      const { id } = await started(at.commands.ignore)
      await at.untilIgnoring(id)
      await at.during(at.runtime.stopContainer(id, 1, alive()))
      expect(await statusOf(id)).toMatchObject({ state: 'CONTAINER_EXITED', exitCode: 137, reason: 'Error' })
    })

    test('end with their sandbox, and are gone when it is', async () => {
      const { id, sandbox } = await started(at.commands.ignore)
      await at.during(at.runtime.stopPodSandbox(sandbox.id, alive()))
      expect((await statusOf(id)).state).toBe('CONTAINER_EXITED')
      await at.during(at.runtime.removePodSandbox(sandbox.id, alive()))
      expect(await codeOf(at.runtime.containerStatus(id, alive()))).toBe('NotFound')
    })

    test('may be removed while they run', async () => {
      const { id } = await started(at.commands.serve)
      await at.during(at.runtime.removeContainer(id, alive()))
      expect(await codeOf(at.runtime.containerStatus(id, alive()))).toBe('NotFound')
    })

    test('need a ready sandbox', async () => {
      const image = await pull()
      const sandbox = await aSandbox()
      await at.during(at.runtime.stopPodSandbox(sandbox.id, alive()))
      const config = containerConfig(image, at.commands.serve)
      const create = async () => {
        const id = await at.runtime.createContainer(sandbox, config, alive())
        await at.runtime.startContainer(id, alive())
      }
      expect(await codeOf(create())).not.toBe('none')
    })

    test('of one name may follow each other as attempts, and the newest was created last', async () => {
      const { id, sandbox, image } = await started(at.commands.exit(1))
      await untilExited(id)
      const next = await at.during(
        at.runtime.createContainer(sandbox, containerConfig(image, at.commands.serve, 1), alive()),
      )
      expect((await statusOf(next)).createdAt).toBeGreaterThan((await statusOf(id)).createdAt)
    })

    test('an unknown one is NotFound', async () => {
      const error = await at.runtime.containerStatus('f'.repeat(64), alive()).catch((caught: unknown) => caught)
      expect(isRuntimeNotFound(error)).toBe(true)
    })
  })

  describe('commands', () => {
    test('run to their end and tell what they printed', async () => {
      const { id } = await started(at.commands.serve)
      const answer = await at.during(at.runtime.execSync(id, at.commands.print('hello'), 10, alive()))
      expect([answer.exitCode, Buffer.from(answer.stdout).toString().trim()]).toEqual([0, 'hello'])
      const failed = await at.during(at.runtime.execSync(id, at.commands.exit(4), 10, alive()))
      expect(failed.exitCode).toBe(4)
    })

    test('that take too long end with DeadlineExceeded', async () => {
      const { id } = await started(at.commands.serve)
      expect(await codeOf(at.runtime.execSync(id, at.commands.linger, 1, alive()))).toBe('DeadlineExceeded')
    })

    test('need a container that runs', async () => {
      const { id } = await aContainer(at.commands.serve)
      expect(await codeOf(at.runtime.execSync(id, at.commands.print('x'), 1, alive()))).not.toBe('none')
    })
  })

  describe('events', () => {
    test('tell of a start and of an end, when the state has changed already', async () => {
      const stop = new AbortController()
      const seen: RuntimeEvent[] = []
      const states = new Map<string, string>()
      const listening = (async () => {
        for await (const event of at.runtime.events(stop.signal)) {
          seen.push(event)
          if (event.type === 'stopped')
            states.set(event.containerId, (await at.runtime.containerStatus(event.containerId, alive())).state)
        }
      })().catch(() => {})
      await at.pause()
      const { id } = await started(at.commands.serve)
      await at.during(at.runtime.stopContainer(id, 5, alive()))
      for (let looks = 0; looks < 200 && !states.has(id); looks++) await at.pause()
      const types = seen.filter(({ containerId }) => containerId === id).map(({ type }) => type)
      expect(types).toEqual(expect.arrayContaining(['started', 'stopped']))
      expect(states.get(id)).toBe('CONTAINER_EXITED')
      stop.abort()
      await listening
    })
  })

  describe('images', () => {
    test('are there once they were pulled, by name and by id, until they are removed', async () => {
      const id = await pull()
      const present = await at.images.imageStatus({ image: at.image }, alive())
      expect(present?.id).toBe(id)
      expect((await at.images.imageStatus({ image: id }, alive()))?.id).toBe(id)
      expect((await at.images.listImages(alive())).some((image) => image.id === id)).toBe(true)
    })

    test('that no registry has cannot be pulled', async () => {
      const image = { image: at.missingImage }
      expect(await at.images.imageStatus(image, alive())).toBeUndefined()
      expect(await codeOf(at.images.pullImage({ image }, alive()))).not.toBe('none')
    })
  })

  test('says that it and its network are ready', async () => {
    const { conditions } = await at.runtime.status(alive())
    const ready = conditions.filter(({ status }) => status).map(({ type }) => type)
    expect(ready).toEqual(expect.arrayContaining(['RuntimeReady', 'NetworkReady']))
    expect((await at.runtime.version(alive())).runtimeApiVersion).toBe('v1')
  })
}
