import { describe, expect, test } from 'vitest'
import { toTime } from '../base/clock.ts'
import { CONFIG_MAPS, EVENTS, EVENTS_V1 } from '../client/resources.ts'
import { ApiError } from '../meta/errors.ts'
import { startServer } from './fixtures.ts'

const MINUTE_MS = 60_000
const NAMESPACE = 'default'

async function start() {
  const { server, clock, client } = await startServer()
  const stop = new AbortController()
  const running = server.run(stop.signal).catch(() => {})
  return {
    clock,
    client,
    async [Symbol.asyncDispose]() {
      stop.abort()
      await running
      server.close()
    },
  }
}

type Running = Awaited<ReturnType<typeof start>>

const namesOf = (items: readonly { readonly metadata?: { readonly name?: string } }[]) =>
  items.map(({ metadata }) => metadata?.name)

async function refusalOf(promise: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await promise.then(
    () => undefined,
    (failure: unknown) => failure,
  )
  if (error instanceof ApiError) return error
  throw new Error('was not refused', { cause: error })
}

describe('history that is dropped', () => {
  async function firstPage({ client }: Running) {
    // oxlint-disable-next-line no-await-in-loop -- in this order
    for (const name of ['a', 'b', 'c']) await client.create(CONFIG_MAPS, { metadata: { name, namespace: NAMESPACE } })
    return client.list(CONFIG_MAPS, { namespace: NAMESPACE, limit: 1 })
  }

  test('does not break a list in pieces within five minutes', async () => {
    await using running = await start()
    const { metadata } = await firstPage(running)
    await running.client.delete(CONFIG_MAPS, { namespace: NAMESPACE, name: 'b' })
    await running.clock.advance(4 * MINUTE_MS)
    const rest = await running.client.list(CONFIG_MAPS, { namespace: NAMESPACE, continue: metadata!.continue! })
    expect(namesOf(rest.items)).toEqual(['b', 'c'])
  })

  test('ends a list in pieces with 410, and says how to go on all the same', async () => {
    await using running = await start()
    const { client, clock } = running
    const { metadata } = await firstPage(running)
    await client.delete(CONFIG_MAPS, { namespace: NAMESPACE, name: 'b' })
    await clock.advance(11 * MINUTE_MS)
    const { status } = await refusalOf(
      client.list(CONFIG_MAPS, { namespace: NAMESPACE, continue: metadata!.continue! }),
    )
    expect(status).toMatchObject({ code: 410, reason: 'Expired' })
    expect(status.message).toMatch(
      /^The provided continue parameter is too old to display a consistent list result\. You can start a new list/,
    )
    const next = (status.metadata as { continue: string }).continue
    expect(namesOf((await client.list(CONFIG_MAPS, { namespace: NAMESPACE, continue: next })).items)).toEqual(['c'])
  })

  test('cannot be listed any more', async () => {
    await using running = await start()
    const { client, clock } = running
    const { metadata } = await firstPage(running)
    const options = {
      namespace: NAMESPACE,
      resourceVersion: metadata!.resourceVersion!,
      resourceVersionMatch: 'Exact',
    } as const
    await client.delete(CONFIG_MAPS, { namespace: NAMESPACE, name: 'b' })
    expect(namesOf((await client.list(CONFIG_MAPS, options)).items)).toEqual(['a', 'b', 'c'])
    await clock.advance(11 * MINUTE_MS)
    const { status } = await refusalOf(client.list(CONFIG_MAPS, options))
    expect(status).toMatchObject({
      code: 410,
      reason: 'Expired',
      message: 'The resourceVersion for the provided list is too old.',
    })
  })
})

describe('an event', () => {
  const happened = (now: number) => ({
    metadata: { name: 'e', namespace: NAMESPACE },
    involvedObject: { kind: 'Pod', namespace: NAMESPACE, name: 'p' },
    reason: 'Pulled',
    message: 'pulled it',
    type: 'Normal',
    firstTimestamp: toTime(now),
    lastTimestamp: toTime(now),
    count: 1,
  })

  test('lives for an hour, in both of its groups', async () => {
    await using running = await start()
    const { client, clock } = running
    await client.create(EVENTS, happened(clock.now()))
    await clock.advance(59 * MINUTE_MS)
    expect(namesOf((await client.list(EVENTS, { namespace: NAMESPACE })).items)).toEqual(['e'])
    expect((await client.list(EVENTS_V1, { namespace: NAMESPACE })).items).toMatchObject([{ note: 'pulled it' }])
    await clock.advance(3 * MINUTE_MS)
    expect((await client.list(EVENTS, { namespace: NAMESPACE })).items).toEqual([])
    expect((await client.list(EVENTS_V1, { namespace: NAMESPACE })).items).toEqual([])
  })

  test('lives no longer for saying that it is yet to happen', async () => {
    await using running = await start()
    const { client, clock } = running
    await client.create(EVENTS, { ...happened(clock.now()), lastTimestamp: '2099-01-01T00:00:00Z' })
    await clock.advance(62 * MINUTE_MS)
    expect((await client.list(EVENTS, { namespace: NAMESPACE })).items).toEqual([])
  })

  test('lives for another hour when it happens again', async () => {
    await using running = await start()
    const { client, clock } = running
    await client.create(EVENTS, happened(clock.now()))
    await clock.advance(50 * MINUTE_MS)
    const again = { count: 2, lastTimestamp: toTime(clock.now()) }
    await client.patch(EVENTS, { namespace: NAMESPACE, name: 'e' }, 'merge', again)
    await clock.advance(50 * MINUTE_MS)
    expect((await client.list(EVENTS, { namespace: NAMESPACE })).items).toMatchObject([{ count: 2 }])
    await clock.advance(12 * MINUTE_MS)
    expect((await client.list(EVENTS, { namespace: NAMESPACE })).items).toEqual([])
  })
})
