/** The parts that run beside the API server, each under its own name, in the order in which they start. */

import type { TaskGroup } from '../base/async/group.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import { type Client, createClient } from '../client/client.ts'
import { createEvents } from '../client/events.ts'
import { createInformers } from '../client/informer.ts'
import { MASTERS_GROUP, userOf } from '../client/user.ts'
import { runControllers } from '../controllers/controllers.ts'
import { runScheduler } from '../scheduler/scheduler.ts'
import type { ApiServer } from '../server/api-server.ts'

export interface PartDeps {
  readonly server: ApiServer
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** The cluster CA's certificates as PEM, for Pods that talk to the API server; absent: not published. */
  readonly rootCa?: string
}

/** A client for a part of the cluster. */
export function partClient(server: ApiServer, name: string): Client {
  return createClient(server.transportFor(userOf(name, [MASTERS_GROUP])))
}

export function startScheduler({ server, clock, random, log }: PartDeps, group: TaskGroup): void {
  const client = partClient(server, 'system:kube-scheduler')
  const informers = createInformers(client, clock, log, random)
  const events = createEvents({ client, clock, random, log })
  const deps = { client, informers, events: events.recorder('default-scheduler'), clock, random, log }
  group.start((signal) => runScheduler(deps, signal))
  group.start((signal) => informers.run(signal))
  group.start((signal) => events.run(signal))
}

export function startControllers({ server, clock, random, log, rootCa }: PartDeps, group: TaskGroup): void {
  const client = partClient(server, 'system:kube-controller-manager')
  const informers = createInformers(client, clock, log, random)
  const events = createEvents({ client, clock, random, log })
  const recorder = (component: string) => events.recorder(component)
  const deps = { client, informers, events: recorder, clock, random, log, ...(rootCa === undefined ? {} : { rootCa }) }
  group.start((signal) => runControllers(deps, signal))
  group.start((signal) => informers.run(signal))
  group.start((signal) => events.run(signal))
}
