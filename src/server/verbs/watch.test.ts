import { describe, expect, test } from 'vitest'
import { CONFIG_MAPS } from '../../client/resources.ts'
import { startServer } from '../fixtures.ts'

describe('how long a watch lasts', () => {
  const HOUR = 3_600_000
  const cases: [asked: number, ends: boolean, told: readonly string[]][] = [
    [5, true, ['ADDED a']],
    // No time at all is no wish: it lasts half an hour at least.
    [0, false, ['ADDED a']],
    [-1, true, []],
  ]
  test.each(cases)('%s seconds: ended after a minute is %s, and it told %j', async (timeoutSeconds, ends, told) => {
    const { client, clock } = await startServer()
    await client.create(CONFIG_MAPS, { metadata: { namespace: 'default', name: 'a' } })
    const seen: string[] = []
    let ended = false
    const options = { namespace: 'default', timeoutSeconds }
    const watching = (async () => {
      for await (const { type, object } of client.watch(CONFIG_MAPS, options, new AbortController().signal))
        seen.push(`${type} ${object.metadata?.name}`)
      ended = true
    })()
    await clock.advance(60_000)
    await new Promise(setImmediate)
    expect(ended).toBe(ends)
    await clock.advance(HOUR)
    await watching
    expect(seen).toEqual(told)
  })
})
