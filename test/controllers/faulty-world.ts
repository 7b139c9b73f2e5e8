/**
 * The controllers on manual time with faults by seed: writes that lose a race, writes whose answer is lost, servers that
 * do not answer, watches that end, and restarts between two writes. One number makes one history, again and again.
 */

import { setMaxListeners } from 'node:events'
import { catalog } from '../../src/api/catalog.ts'
import { silentLog } from '../../src/base/log.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { type Random, seededRandom } from '../../src/base/random.ts'
import { createClient } from '../../src/client/client.ts'
import { createInformers, WATCH_SECONDS_IN_PROCESS } from '../../src/client/informer.ts'
import type { Transport } from '../../src/client/transport.ts'
import { MASTERS_GROUP, serviceAccountUser, type UserInfo, userOf } from '../../src/client/user.ts'
import { runControllers } from '../../src/controllers/controllers.ts'
import { conflict, expired, OBJECT_MODIFIED, serviceUnavailable } from '../../src/meta/errors.ts'
import { createApiServer } from '../../src/server/api-server.ts'
import { createMemoryStorage } from '../../src/storage/memory/memory-storage.ts'
import { makeWorld, type World } from './world.ts'

const READS = new Set(['get', 'list'])

export interface FaultyWorld extends World {
  readonly random: Random
  /** What happened, in order: for a seed that fails. */
  readonly faults: readonly string[]
  /** Writes of the controllers so far. */
  readonly writes: number
  /** From now on nothing fails any more. */
  heal(): void
}

/** Runs `body` in a world whose faults follow from `seed`. */
export async function withFaults(seed: number, body: (world: FaultyWorld) => Promise<void>): Promise<void> {
  const clock = new ManualClock()
  const chance = seededRandom(seed)
  const storage = createMemoryStorage()
  const random = seededRandom(seed + 1)
  const server = await createApiServer({ storage, clock, random, log: silentLog, catalog })
  await server.admitControllers()
  const faults: string[] = []
  const state = { writes: 0, isHealed: false }
  let running = { stop: () => {}, ended: Promise.resolve() }
  const restarts: Promise<void>[] = []

  const strike = (share: number) => !state.isHealed && chance.next() < share
  const as = (user: UserInfo) =>
    createClient(faulty(server.transportFor(user), { strike, state, faults, chance, restart }))
  const clientFor = (account: string) => as(serviceAccountUser('kube-system', account))

  function begin(): typeof running {
    const stopping = new AbortController()
    setMaxListeners(0, stopping.signal)
    const manager = as(userOf('system:kube-controller-manager'))
    const informers = createInformers(manager, clock, silentLog, seededRandom(seed + 2), WATCH_SECONDS_IN_PROCESS)
    const eventsOf = () => ({ event: () => {} })
    const deps = { client: manager, clientFor, informers, clock, random, log: silentLog, eventsOf, rootCa: 'PEM' }
    const quiet = (run: Promise<void>) =>
      run.catch((error: unknown) => {
        if (!stopping.signal.aborted) throw error
      })
    const parts = [quiet(runControllers(deps, stopping.signal)), quiet(informers.run(stopping.signal))]
    return { stop: () => stopping.abort(new Error('killed')), ended: Promise.all(parts).then(() => {}) }
  }
  function restart(): void {
    faults.push('restart')
    const old = running
    old.stop()
    running = begin()
    restarts.push(old.ended)
  }

  running = begin()
  const world = makeWorld(createClient(server.transportFor(userOf('tester', [MASTERS_GROUP]))), clock, [], [], state)
  try {
    await world.settle()
    await body({
      ...world,
      random: chance,
      faults,
      get writes() {
        return state.writes
      },
      heal: () => {
        state.isHealed = true
      },
    })
  } catch (error) {
    throw new Error(`seed ${seed} after ${faults.length} faults (${faults.slice(-10).join('; ')})`, { cause: error })
  } finally {
    running.stop()
    await Promise.all([running.ended, ...restarts])
    server.close()
    await storage.close()
  }
}

interface Faults {
  readonly strike: (share: number) => boolean
  readonly state: { writes: number }
  readonly faults: string[]
  readonly chance: Random
  readonly restart: () => void
}

function faulty(inner: Transport, { strike, state, faults, restart }: Faults): Transport {
  return {
    async call(call, signal) {
      if (READS.has(call.verb)) return inner.call(call, signal)
      const { group, resource } = call.resource
      const what = `${call.verb} ${resource} ${call.namespace ?? ''}/${call.name ?? ''}`
      state.writes++
      if ((call.verb === 'update' || call.verb === 'patch') && strike(0.06)) {
        faults.push(`conflict: ${what}`)
        throw conflict({ group, resource, name: call.name ?? '' }, OBJECT_MODIFIED)
      }
      if (strike(0.04)) {
        faults.push(`unavailable: ${what}`)
        throw serviceUnavailable('the server is not there')
      }
      const answer = await inner.call(call, signal)
      if (strike(0.04)) {
        faults.push(`answer lost: ${what}`)
        throw serviceUnavailable('the connection was cut')
      }
      if (strike(0.03)) {
        faults.push(`after ${what}:`)
        restart()
      }
      return answer
    },
    async *watch(target, options, signal) {
      for await (const event of inner.watch(target, options, signal)) {
        if (strike(0.02)) {
          faults.push(`watch of ${target.resource.resource} lost`)
          if (strike(0.5)) throw expired('too old resource version')
          return
        }
        yield event
      }
    },
  }
}
