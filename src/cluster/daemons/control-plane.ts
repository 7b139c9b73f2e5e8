/** The parts that run beside the API server, each under its own name, in the order in which they start. */

import { aborted, type TaskGroup, withGroup } from '../../base/async/group.ts'
import type { Lease } from '../../api/generated/coordination-v1.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Random } from '../../base/random.ts'
import type { KeyPair } from '../../base/tls/certificates.ts'
import { type Client, createClient } from '../../client/client.ts'
import { createSeriesEvents } from '../../client/event-series.ts'
import { createEvents, type EventRecorder } from '../../client/events.ts'
import { createInformers, WATCH_SECONDS_IN_PROCESS } from '../../client/informer.ts'
import { leadInTurn } from '../../client/leader-election.ts'
import { measuredTransport } from '../../client/measured-transport.ts'
import { serviceAccountUser, type UserInfo, userOf } from '../../client/user.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { runControllers } from '../../controllers/controllers.ts'
import type { SchedulerConfig } from '../../scheduler/config/types.ts'
import { DEFAULT_SCHEDULER_NAME, runScheduler } from '../../scheduler/scheduler.ts'
import type { ApiServer } from '../../server/api-server.ts'
import type { ManagerProgram, ProgramMetrics, SchedulerProgram } from './components.ts'

export interface PartDeps {
  readonly server: ApiServer
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** The cluster CA's certificates as PEM, for Pods that talk to the API server; absent: not published. */
  readonly rootCa?: string
  /** The cluster CA with its key, which signs requests for certificates; absent: they stay unsigned. */
  readonly authority?: KeyPair
  /**
   * Who this server is among several that share a storage: the same after each start, so that it need not wait for
   * itself. Absent: it is the only one, and leads without a Lease.
   */
  readonly identity?: string
  /** The machine's name: events tell it. */
  readonly hostname?: string
  /** Where what the programs do is counted; absent: nowhere. */
  readonly programs?: Programs
}

export interface Programs {
  readonly scheduler: SchedulerProgram
  readonly manager: ManagerProgram
}

/** A client for a program of the cluster, which may do what the role of that name says. */
export function partClient(server: ApiServer, program: 'kube-scheduler' | 'kube-controller-manager'): Client {
  return createClient(server.transportFor(userOf(`system:${program}`), program))
}

/** A client as that user, whose calls are counted where somebody counts. */
function countedClient({ server, clock }: PartDeps, user: UserInfo, name: string, counts?: ProgramMetrics): Client {
  const transport = server.transportFor(user, name)
  return createClient(counts === undefined ? transport : measuredTransport(transport, counts.requests, clock))
}

interface Led {
  readonly client: Client
  readonly lease: string
  /** Who tells of it when this server begins to lead, and when it ends. */
  readonly events: EventRecorder
  readonly counts: ProgramMetrics | undefined
}

/** Between two renewals of a lease; another server takes over at the latest 15 s and a few retries after a crash. */
const RENEW_MS = 5_000

const LEASE = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' }

/**
 * Runs `parts` where this server is the one that leads: always, when it is the only one; else for as long as it holds
 * the Lease of that name, which is given back when the server stops.
 */
function whileLeading(
  { clock, random, log, identity }: PartDeps,
  { client, lease, events, counts }: Led,
  group: TaskGroup,
  parts: (group: TaskGroup) => void,
): void {
  const leads = (isLeading: boolean) => {
    if (counts !== undefined) counts.isLeading = isLeading
  }
  if (identity === undefined) {
    leads(true)
    parts(group)
    return
  }
  const tell = (held: DeepReadonly<Lease>, what: string) =>
    events.event({ ...held, ...LEASE }, 'Normal', 'LeaderElection', `${identity} ${what}`)
  const options = { namespace: 'kube-system', name: lease, identity, retryMs: RENEW_MS, tell }
  const lead = (leading: AbortSignal) =>
    withGroup(async (own) => {
      leads(true)
      parts(own)
      await aborted(own.signal)
    }, leading).finally(() => leads(false))
  group.start((signal) => leadInTurn({ client, clock, random, log }, options, lead, signal))
}

export interface SchedulerPartDeps extends PartDeps {
  /** Absent: the default one. */
  readonly schedulerConfig?: SchedulerConfig
}

export function startScheduler(deps: SchedulerPartDeps, group: TaskGroup): void {
  const { clock, random, log, schedulerConfig, hostname = 'localhost' } = deps
  const program = 'kube-scheduler'
  const counts = deps.programs?.scheduler
  const client = countedClient(deps, userOf(`system:${program}`), program, counts)
  const elections = createEvents({ client, clock, random, log })
  const [firstProfile] = schedulerConfig?.profiles ?? []
  const teller = elections.recorder(firstProfile?.schedulerName ?? DEFAULT_SCHEDULER_NAME)
  group.start((signal) => elections.run(signal))
  whileLeading(deps, { client, lease: program, events: teller, counts }, group, (own) => {
    const informers = createInformers(client, clock, log, random, WATCH_SECONDS_IN_PROCESS)
    const events = createSeriesEvents({ client, clock, random, log })
    const recorder = (name: string) => events.recorder(name, hostname)
    const config = schedulerConfig === undefined ? {} : { config: schedulerConfig }
    const metrics = counts === undefined ? {} : { metrics: counts.scheduling }
    const parts = { client, informers, events: recorder, clock, random, log, ...config, ...metrics }
    own.start((signal) => runScheduler(parts, signal))
    own.start((signal) => informers.run(signal))
    own.start((signal) => events.run(signal))
  })
}

export function startControllers(deps: PartDeps, group: TaskGroup): void {
  const { server, clock, random, log, rootCa, authority } = deps
  const program = 'kube-controller-manager'
  const counts = deps.programs?.manager
  const client = countedClient(deps, userOf(`system:${program}`), program, counts)
  const clientFor = (account: string) =>
    countedClient(deps, serviceAccountUser('kube-system', account), program, counts)
  const events = createEvents({ client, clock, random, log })
  group.start((signal) => events.run(signal))
  const teller = events.recorder(program)
  whileLeading(deps, { client, lease: program, events: teller, counts }, group, (own) => {
    const informers = createInformers(client, clock, log, random, WATCH_SECONDS_IN_PROCESS)
    const parts = {
      client,
      clientFor,
      mint: (subject: Parameters<ApiServer['secretToken']>[0]) => server.secretToken(subject),
      informers,
      eventsOf: (component: string, own: Client) => events.recorder(component, '', own),
      clock,
      random,
      log,
      ...(rootCa === undefined ? {} : { rootCa }),
      ...(authority === undefined ? {} : { authority }),
    }
    own.start(async (signal) => {
      await server.admitControllers()
      await runControllers(parts, signal, (controllers) => {
        if (counts !== undefined) counts.controllers = controllers
      })
    })
    own.start((signal) => informers.run(signal))
  })
}
