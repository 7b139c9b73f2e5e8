/**
 * A whole cluster in the caller's process: API server, scheduler, controllers and simulated nodes, in memory, on real
 * or virtual time. Needs no root, no container engine, no port; stopping it leaves nothing behind.
 */

import { setMaxListeners } from 'node:events'
import { aborted, withGroup } from '../base/async/group.ts'
import { type Clock, systemClock } from '../base/clock.ts'
import { type LogLevel, type LogLine, createLog, silentLog } from '../base/log.ts'
import { seededRandom } from '../base/random.ts'
import { catalog } from '../api/catalog.ts'
import { type Client, createClient } from '../client/client.ts'
import { MASTERS_GROUP, userOf } from '../client/user.ts'
import { readSchedulerConfig } from '../scheduler/config/read.ts'
import { createApiServer } from '../server/api-server.ts'
import { createMemoryStorage } from '../storage/memory/memory-storage.ts'
import { type ClusterTime, realTime, virtualTime } from './cluster-time.ts'
import { startControllers, startScheduler } from '../cluster/daemons/control-plane.ts'
import { type ClusterNode, clusterNodes, type NodeWish } from './nodes.ts'
import { type UsageOf, usageSource } from './usage.ts'
import { loopbackAuthority } from '../server/loopback.ts'
import { type ServedCluster, serveCluster } from './serve.ts'

export interface ClusterOptions {
  /** Whose time it runs on: the machine's, or one that stands still but for `advance`. `real` unless told otherwise. */
  readonly clock?: 'real' | 'virtual'
  /** Where virtual time starts, in milliseconds since the epoch; 2026-01-01T00:00:00Z unless told otherwise. */
  readonly startMs?: number
  /** The same seed gives the same names and uids; on virtual time, the same history. */
  readonly seed?: number
  /** Leave out to test a scheduler or controllers of one's own. Both run unless told otherwise. */
  readonly scheduler?: boolean
  readonly controllers?: boolean
  /** A KubeSchedulerConfiguration (kubescheduler.config.k8s.io/v1) as YAML or JSON; a wrong one is told before anything runs. */
  readonly schedulerConfig?: string
  /** How many simulated nodes there are, or which; none unless told otherwise. They run the real kubelet. */
  readonly nodes?: number | readonly NodeWish[]
  /** What each container uses, for `kubectl top` and autoscalers; very little unless told otherwise. */
  readonly usage?: UsageOf
  /** Where log lines of all parts go; nowhere unless told otherwise. */
  readonly log?: (line: LogLine) => void
  readonly logLevel?: LogLevel
}

/** A running cluster. */
export interface Cluster {
  /** May do everything. */
  readonly client: Client
  readonly clock: Clock
  /** The simulated nodes there are, those without power included. */
  readonly nodes: readonly ClusterNode[]
  /** Adds a simulated node, which registers itself in a moment. */
  addNode(wish?: NodeWish): ClusterNode
  /** A client with the rights of that user. */
  clientFor(name: string, groups?: readonly string[]): Client
  /** Moves time on by `ms`: at once on virtual time, with everything that falls due on the way; by waiting on real time. */
  advance(ms: number): Promise<void>
  /** Sets the wall clock forward or back by `ms`, as a person or a time server may; no time passes. Virtual time only. */
  jump(ms: number): void
  /**
   * Waits, in the cluster's time, until `check` answers something other than undefined or false, and answers that.
   * Throws when `timeoutMs` (30 s) have gone by. On virtual time this moves the clock.
   */
  until<T>(check: () => Promise<T | undefined | false> | T | undefined | false, timeoutMs?: number): Promise<T>
  /** Serves the API on loopback, for kubectl and other programs; any free port unless named. Ends when the cluster stops. */
  serve(options?: { readonly port?: number }): Promise<ServedCluster>
  /** Stops every part and waits for it. Throws if a part failed meanwhile or anything is left running. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Starts a cluster. Resolves as soon as its API answers. */
export async function createCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const scheduling =
    options.schedulerConfig === undefined ? {} : { schedulerConfig: readSchedulerConfig(options.schedulerConfig) }
  const time = options.clock === 'virtual' ? virtualTime(options.startMs) : realTime()
  const random = seededRandom(options.seed ?? 1)
  const log = options.log === undefined ? silentLog : createLog(options.log, options.logLevel)
  const { clock } = time
  const storage = createMemoryStorage()
  const admin = (): Client => clientFor('kubernetes-admin', [MASTERS_GROUP])
  const nodeStats = usageSource(admin, options.usage)
  const server = await createApiServer({ storage, clock, random, log, catalog, options: { nodeStats } })
  const authority = loopbackAuthority()
  const parts = { server, clock, random, log, rootCa: authority.certificate, authority }

  const stopping = new AbortController()
  setMaxListeners(0, stopping.signal)
  const nodes = clusterNodes(parts)
  const running = withGroup(async (group) => {
    group.start((signal) => server.run(signal))
    if (options.controllers !== false) startControllers(parts, group)
    if (options.scheduler !== false) startScheduler({ ...parts, ...scheduling }, group)
    group.start((signal) => nodes.run(signal))
    await aborted(group.signal)
  }, stopping.signal)
  for (const wish of wishesOf(options.nodes)) nodes.add(wish)
  // A part that fails is told by `stop`; until then nobody listens.
  running.catch(() => {})

  const clientFor = (name: string, groups: readonly string[] = []) =>
    createClient(server.transportFor(userOf(name, groups)))
  const served: ServedCluster[] = []
  const stop = once(async () => {
    stopping.abort(new Error('the cluster is being stopped'))
    try {
      await running
    } finally {
      await Promise.all(served.map((serving) => serving.close()))
      server.close()
      await storage.close()
    }
    await assertNothingLeft(time)
  })
  return {
    client: admin(),
    clock,
    nodes: nodes.all,
    addNode: (wish) => nodes.add(wish),
    clientFor,
    advance: (ms) => time.advance(ms),
    jump: (ms) => time.jump(ms),
    until: (check, timeoutMs = 30_000) => time.until(check, timeoutMs),
    async serve({ port = 0 } = {}) {
      const serving = await serveCluster(server, { port, authority })
      served.push(serving)
      return serving
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

const wishesOf = (nodes: ClusterOptions['nodes'] = 0): readonly NodeWish[] =>
  typeof nodes === 'number' ? Array.from({ length: nodes }, () => ({})) : nodes

/** Connections that were cut tell their handlers a moment later: they get that moment. */
async function assertNothingLeft({ clock }: ClusterTime): Promise<void> {
  for (let waited = 0; clock.pending > 0 && waited < 100; waited++) await systemClock.sleep(5)
  if (clock.pending > 0) throw new Error(`the stopped cluster has left ${clock.pending} timers running`)
}

function once(action: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () => (done ??= action())
}
