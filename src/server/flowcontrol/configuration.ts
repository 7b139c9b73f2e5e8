/**
 * Flow schemas and priority levels as the API server keeps them: the default ones are there, each schema says whether
 * its level exists, and what they say is followed
 * (https://kubernetes.io/docs/concepts/cluster-administration/flow-control/).
 */

import type { FlowSchema, PriorityLevelConfiguration } from '../../api/generated/flowcontrol-v1.ts'
import { withGroup } from '../../base/async/group.ts'
import { type Clock, toTime } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { createWorkQueue } from '../../base/work-queue.ts'
import type { Client } from '../../client/client.ts'
import { createInformers, type Informer, WATCH_SECONDS_IN_PROCESS } from '../../client/informer.ts'
import { FLOW_SCHEMAS, PRIORITY_LEVEL_CONFIGURATIONS } from '../../client/resources.ts'
import { hasReason } from '../../meta/errors.ts'
import type { Random } from '../../base/random.ts'
import type { ReadFlowSchema } from './classify.ts'
import { defaultFlowSchemas, defaultPriorityLevels } from './defaults.ts'
import { DIVIDE_MS, type FlowControl } from './flow-control.ts'
import { maintain } from './maintenance.ts'
import type { ReadLevel } from './priority-level.ts'

/** Who writes the default objects, as field managers call it, and who their status. */
export const PRODUCER = 'api-priority-and-fairness-config-producer-v1'
const CONSUMER = 'api-priority-and-fairness-config-consumer-v1'

/** So often the default objects are looked after. */
const MAINTAIN_MS = 60_000

export interface FlowConfigurationDeps {
  readonly flows: FlowControl
  /** Writes as the producer of the default objects. */
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

export class FlowConfiguration {
  readonly #deps: FlowConfigurationDeps

  constructor(deps: FlowConfigurationDeps) {
    this.#deps = deps
  }

  /** Makes the default objects, keeps them, and follows all of them until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { flows, client, clock, random, log } = this.#deps
    const informers = createInformers(client, clock, log, random, WATCH_SECONDS_IN_PROCESS)
    const schemas = informers.of(FLOW_SCHEMAS)
    const levels = informers.of(PRIORITY_LEVEL_CONFIGURATIONS)
    const queue = createWorkQueue(clock)
    let isSynced = false
    const learn = () => {
      if (!isSynced) return
      flows.configure(schemas.list(), levels.list())
      for (const { metadata } of schemas.list()) queue.add(metadata.name ?? '')
    }
    schemas.on({ added: learn, updated: learn, deleted: learn })
    levels.on({ added: learn, updated: learn, deleted: learn })
    await withGroup(async (group) => {
      group.start((inner) => informers.run(inner))
      await this.#maintainAtStart()
      await Promise.all([schemas.whenSynced(group.signal), levels.whenSynced(group.signal)])
      isSynced = true
      learn()
      group.start((inner) => this.#keepMaintained(levels, schemas, inner))
      group.start((inner) => this.#keepDivided(inner))
      for await (const name of queue.take(group.signal)) {
        try {
          await this.#report(schemas.get(name), levels, group.signal)
          queue.finish(name)
        } catch (error) {
          group.signal.throwIfAborted()
          if (!hasReason(error, 'Conflict')) log.warn('a flow schema was not judged', { name, error })
          queue.retry(name)
        }
      }
    }, signal)
  }

  async #keepDivided(signal: AbortSignal): Promise<never> {
    const { flows, clock } = this.#deps
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- again and again
      await clock.sleep(DIVIDE_MS, signal)
      flows.divide()
    }
  }

  /** The defaults, given what is there. What fails is tried again the next time. */
  async #maintain(levels: readonly ReadLevel[], schemas: readonly ReadFlowSchema[]): Promise<void> {
    const { client, log } = this.#deps
    try {
      await maintain(client, PRIORITY_LEVEL_CONFIGURATIONS, { wanted: defaultPriorityLevels(), found: levels })
      await maintain(client, FLOW_SCHEMAS, { wanted: defaultFlowSchemas(), found: schemas })
    } catch (error) {
      log.warn('the default flow schemas could not be kept', { error })
    }
  }

  async #maintainAtStart(): Promise<void> {
    const { client } = this.#deps
    const [levels, schemas] = await Promise.all([client.list(PRIORITY_LEVEL_CONFIGURATIONS), client.list(FLOW_SCHEMAS)])
    await this.#maintain(levels.items, schemas.items)
  }

  async #keepMaintained(
    levels: Informer<PriorityLevelConfiguration>,
    schemas: Informer<FlowSchema>,
    signal: AbortSignal,
  ): Promise<never> {
    for (;;) {
      await this.#deps.clock.sleep(MAINTAIN_MS, signal)
      await this.#maintain(levels.list(), schemas.list())
    }
  }

  /** Says of a schema whether its level is there. */
  async #report(
    schema: ReadFlowSchema | undefined,
    levels: Informer<PriorityLevelConfiguration>,
    signal: AbortSignal,
  ): Promise<void> {
    if (schema?.spec === undefined) return
    const { client, clock } = this.#deps
    const { name: levelName = '' } = schema.spec.priorityLevelConfiguration ?? {}
    const isThere = levels.get(levelName) !== undefined
    const references = `This FlowSchema references the PriorityLevelConfiguration object named "${levelName}"`
    const verdict = isThere
      ? { status: 'False' as const, reason: 'Found', message: `${references} and it exists` }
      : { status: 'True' as const, reason: 'NotFound', message: `${references} but there is no such object` }
    const told = schema.status?.conditions?.find(({ type }) => type === 'Dangling')
    if (told?.status === verdict.status && told.message === verdict.message) return
    const lastTransitionTime =
      told?.status === verdict.status ? (told.lastTransitionTime ?? toTime(clock.now())) : toTime(clock.now())
    const name = schema.metadata.name ?? ''
    const body = {
      apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
      kind: 'FlowSchema',
      metadata: { name },
      status: { conditions: [{ type: 'Dangling', lastTransitionTime, ...verdict }] },
    }
    const options = { subresource: 'status', fieldManager: CONSUMER, force: true }
    await client.patch(FLOW_SCHEMAS, { name }, 'apply', body, options, signal).catch((error: unknown) => {
      if (!hasReason(error, 'NotFound')) throw error
    })
  }
}
