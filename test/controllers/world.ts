/**
 * The API server and the controllers in one process, on manual time, without nodes: a test plays the kubelets and sets
 * Pod statuses itself.
 */

import { setMaxListeners } from 'node:events'
import type { Pod } from '../../src/api/generated/core-v1.ts'
import { toTime } from '../../src/base/clock.ts'
import { createLog, type LogLine } from '../../src/base/log.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { seededRandom } from '../../src/base/random.ts'
import { type Client, createClient } from '../../src/client/client.ts'
import { createInformers, WATCH_SECONDS_IN_PROCESS } from '../../src/client/informer.ts'
import type { Transport } from '../../src/client/transport.ts'
import { PODS, type ResourceRef } from '../../src/client/resources.ts'
import { MASTERS_GROUP, serviceAccountUser, userOf } from '../../src/client/user.ts'
import { runControllers } from '../../src/controllers/controllers.ts'
import type { DeepReadonly } from '../../src/meta/deep-readonly.ts'
import { hasReason } from '../../src/meta/errors.ts'
import type { KubeObject } from '../../src/meta/types.ts'
import { createApiServer } from '../../src/server/api-server.ts'
import type { ApiServerOptions } from '../../src/server/options.ts'
import { catalog } from '../../src/api/catalog.ts'
import { createMemoryStorage } from '../../src/storage/memory/memory-storage.ts'
import { countingReads } from './counted-reads.ts'

export interface ToldEvent {
  readonly about: string
  readonly type: string
  readonly reason: string
  readonly message: string
}

export interface World {
  readonly client: Client
  readonly clock: ManualClock
  readonly told: readonly ToldEvent[]
  readonly logged: readonly LogLine[]
  /** Writes of the controllers so far, refused ones included. */
  readonly writes: number
  /** Objects that the controllers took out of their caches so far by listing them. */
  readonly reads: number
  /** Lets everything happen that happens at once, then whatever happens within `ms`. */
  settle(ms?: number): Promise<void>
  list<T extends KubeObject>(ref: ResourceRef<T>, labelSelector?: string): Promise<readonly DeepReadonly<T>[]>
  find<T extends KubeObject>(
    ref: ResourceRef<T>,
    name: string,
    namespace?: string,
  ): Promise<DeepReadonly<T> | undefined>
  /** Gives a Pod a status as a kubelet would. */
  report(pod: DeepReadonly<Pod>, status: NonNullable<Pod['status']>): Promise<void>
  /** Every unfinished Pod runs and is ready; every deleted one goes. */
  kubelets(): Promise<void>
}

/** Runs `body` in a world of its own, and takes the world down. */
export async function withWorld(
  body: (world: World) => Promise<void>,
  options: Partial<ApiServerOptions> = {},
): Promise<void> {
  const clock = new ManualClock()
  const random = seededRandom(1)
  const logged: LogLine[] = []
  const log = createLog((line) => logged.push(line), 'warn')
  const storage = createMemoryStorage()
  const server = await createApiServer({ storage, clock, random, log, catalog, options })
  await server.admitControllers()
  const client = createClient(server.transportFor(userOf('tester', [MASTERS_GROUP])))
  const manager = createClient(server.transportFor(userOf('system:kube-controller-manager')))
  const counter = { writes: 0, reads: 0 }
  const clientFor = (account: string) => {
    const user = serviceAccountUser('kube-system', account)
    return createClient(counting(server.transportFor(user, 'kube-controller-manager'), counter))
  }
  const informers = countingReads(
    createInformers(manager, clock, log, seededRandom(2), WATCH_SECONDS_IN_PROCESS),
    (objects) => (counter.reads += objects),
  )
  const told: ToldEvent[] = []
  const eventsOf = () => ({
    event: (object: KubeObject, type: string, reason: string, message: string) => {
      told.push({ about: `${object.kind}/${object.metadata.name}`, type, reason, message })
    },
  })
  const mint = (subject: Parameters<typeof server.secretToken>[0]) => server.secretToken(subject)
  const stop = new AbortController()
  setMaxListeners(0, stop.signal)
  const ended = (run: Promise<void>) =>
    run.catch((error: unknown) => {
      if (!stop.signal.aborted) throw error
    })
  const controllers = ended(
    runControllers(
      { client: manager, clientFor, mint, informers, clock, random, log, eventsOf, rootCa: 'PEM' },
      stop.signal,
    ),
  )
  const caches = ended(informers.run(stop.signal))
  const world = makeWorld(client, clock, told, logged, counter)
  try {
    await world.settle()
    await body(world)
    assertAllowed(logged)
  } finally {
    stop.abort()
    await Promise.all([controllers, caches])
    server.close()
    await storage.close()
  }
}

function counting(inner: Transport, counter: { writes: number }): Transport {
  return {
    call(call, signal) {
      if (call.verb !== 'get' && call.verb !== 'list') counter.writes++
      return inner.call(call, signal)
    },
    watch: (target, options, signal) => inner.watch(target, options, signal),
  }
}

/** Each controller has its own account: none may want what its role does not give it. */
function assertAllowed(logged: readonly LogLine[]): void {
  for (const { fields } of logged) {
    const { error } = fields
    if (hasReason(error, 'Forbidden') && error.message.includes(' cannot ')) throw error
  }
}

/** A world around a server that is there. */
export function makeWorld(
  client: Client,
  clock: ManualClock,
  told: ToldEvent[],
  logged: LogLine[],
  counter: { readonly writes: number; readonly reads?: number },
): World {
  const report: World['report'] = async (pod, status) => {
    await client.updateStatus(PODS, { ...pod, status })
  }
  const settle = async (ms = 0) => {
    for (let turn = 0; turn < 20; turn++) await clock.advance(50)
    if (ms > 0) await clock.advance(ms)
  }
  return {
    client,
    clock,
    told,
    logged,
    get writes() {
      return counter.writes
    },
    get reads() {
      return counter.reads ?? 0
    },
    settle,
    report,
    async list(ref, labelSelector) {
      const options = labelSelector === undefined ? {} : { labelSelector }
      return (await client.list(ref, { namespace: 'default', ...options })).items
    },
    async find(ref, name, namespace = 'default') {
      try {
        return await client.get(ref, ref.namespaced ? { namespace, name } : { name })
      } catch (error) {
        if (hasReason(error, 'NotFound')) return undefined
        throw error
      }
    },
    async kubelets() {
      await settle()
      for (const pod of (await client.list(PODS)).items) {
        const { namespace = '', name = '' } = pod.metadata
        if (pod.metadata.deletionTimestamp !== undefined) {
          await client.delete(PODS, { namespace, name }, { gracePeriodSeconds: 0 }).catch(() => {})
        } else if (
          pod.status?.phase !== 'Running' &&
          pod.status?.phase !== 'Succeeded' &&
          pod.status?.phase !== 'Failed'
        ) {
          await report(pod, running(clock.now()))
        }
      }
      await settle()
    },
  }
}

/** The status of a Pod that serves. */
export const running = (now: number): NonNullable<Pod['status']> => ({
  phase: 'Running',
  conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: toTime(now) }],
})

/** The status of a Pod whose only container ended. */
export const ended = (exitCode: number, now: number): NonNullable<Pod['status']> => ({
  phase: exitCode === 0 ? 'Succeeded' : 'Failed',
  containerStatuses: [
    {
      name: 'c',
      image: 'pause',
      imageID: '',
      ready: false,
      restartCount: 0,
      state: { terminated: { exitCode, finishedAt: toTime(now) } },
    },
  ],
})

/** A Pod template with these labels and this image. */
export const template = (
  labels: Record<string, string>,
  image = 'pause:1',
  restartPolicy: 'Always' | 'Never' = 'Always',
) => ({
  metadata: { labels },
  spec: { restartPolicy, containers: [{ name: 'c', image }] },
})

/** A template of one claim for one device, called `gpus`. */
export const claimTemplate = {
  metadata: { name: 'gpus', namespace: 'default' },
  spec: {
    metadata: { labels: { made: 'yes' } },
    spec: { devices: { requests: [{ name: 'one', exactly: { deviceClassName: 'gpu' } }] } },
  },
}
