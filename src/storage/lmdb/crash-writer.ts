/**
 * The process that the crash test kills: writes to a data folder from several sides at once and prints a line for
 * everything that was acknowledged to it. Bundled and run by `crash.test.ts`; no part of the product.
 */

import { writeSync } from 'node:fs'
import { systemClock } from '../../base/clock.ts'
import type { Payload, Storage } from '../storage.ts'
import { openLmdbStorage } from './lmdb-storage.ts'

const SIDES = 8
const KEYS = 20

const text = (value: string): Payload => ({ bytes: () => Buffer.from(value) })

/** `ack REVISION KEY VALUE` or `ack REVISION KEY -` for a delete; `told REVISION` for what followers heard. */
const say = (line: string) => writeSync(1, `${line}\n`)

async function side(storage: Storage, id: number, round: string): Promise<never> {
  for (let i = 0; ; i++) {
    const key = `/side/${id}/${i % KEYS}`
    const isDelete = i % 7 === 6
    const value = `${round}.${i}.${'x'.repeat((i * 37) % 2_000)}`
    const { revision } = await storage.transact(
      [],
      [
        isDelete ? { delete: key } : { put: key, value: () => text(value) },
        { put: `/shared/${id}`, value: (at) => text(`${at}`) },
      ],
    )
    say(`ack ${revision} ${key} ${isDelete ? '-' : value.slice(0, 40)}`)
  }
}

const [folder = '', round = '', since = '0'] = process.argv.slice(2)
const storage = await openLmdbStorage(folder)
say(`open ${storage.revision}`)
storage.follow('/', ({ revision }) => say(`told ${revision}`))
const compact = async () => {
  for (;;) {
    await systemClock.sleep(1)
    if (storage.revision <= Number(since) + 200) continue
    say('compacting')
    return storage.compact(storage.revision - 150)
  }
}
if (Number(round) % 5 === 4) void compact().then(() => say('compacted'))
await Promise.all(Array.from({ length: SIDES }, (_, id) => side(storage, id, round)))
