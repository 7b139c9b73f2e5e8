import { expect, test } from 'vitest'
import { FLOW_SCHEMAS, PRIORITY_LEVEL_CONFIGURATIONS } from '../../client/resources.ts'
import { startServer } from '../fixtures.ts'

test('a server that runs has the default objects, and says of each schema whether its level is there', async () => {
  const { server, client, clock } = await startServer()
  const stop = new AbortController()
  const running = server.run(stop.signal).catch(() => {})
  const settle = async () => {
    for (let turn = 0; turn < 20; turn++) await clock.advance(50)
  }
  await settle()
  const spec = {
    priorityLevelConfiguration: { name: 'none' },
    matchingPrecedence: 7_000,
    rules: [
      {
        subjects: [{ kind: 'User', user: { name: 'jane' } }],
        nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
      },
    ],
  }
  await client.create(FLOW_SCHEMAS, { metadata: { name: 'mine' }, spec })
  await settle()
  const told = async () =>
    Object.fromEntries(
      (await client.list(FLOW_SCHEMAS)).items.map(({ metadata, status }) => [
        metadata.name,
        status?.conditions?.map(({ type, status: is, reason }) => `${type} ${is} ${reason}`).join(),
      ]),
    )
  const found = await told()
  expect(Object.keys(found)).toHaveLength(12)
  expect([found['exempt'], found['mine']]).toEqual(['Dangling False Found', 'Dangling True NotFound'])
  const version = async () => (await client.list(FLOW_SCHEMAS)).metadata.resourceVersion
  const judged = await version()
  await clock.advance(600_000)
  expect(await version()).toBe(judged)
  expect((await client.list(PRIORITY_LEVEL_CONFIGURATIONS)).items).toHaveLength(8)
  const level = { type: 'Limited' as const, limited: { limitResponse: { type: 'Reject' as const } } }
  await client.create(PRIORITY_LEVEL_CONFIGURATIONS, { metadata: { name: 'none' }, spec: level })
  await settle()
  expect((await told())['mine']).toBe('Dangling False Found')
  // Within a minute what was changed or removed is as it should be, and what only looks like a default is gone.
  await client.delete(FLOW_SCHEMAS, { name: 'probes' })
  const change = { spec: { matchingPrecedence: 77 } }
  await client.patch(FLOW_SCHEMAS, { name: 'catch-all' }, 'merge', change)
  await client.patch(FLOW_SCHEMAS, { name: 'mine' }, 'merge', {
    metadata: { annotations: { 'apf.kubernetes.io/autoupdate-spec': 'true' } },
  })
  await clock.advance(60_000)
  await settle()
  const { spec: restored } = await client.get(FLOW_SCHEMAS, { name: 'catch-all' })
  expect(restored?.matchingPrecedence).toBe(10_000)
  const left = Object.keys(await told())
  expect([left.includes('probes'), left.includes('mine'), left.length]).toEqual([true, false, 11])
  stop.abort()
  await running
})
