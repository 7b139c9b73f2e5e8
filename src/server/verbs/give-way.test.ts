import { beforeEach, expect, test } from 'vitest'
import { turnsDuring } from '../../base/async/turns-during.ts'
import type { Client } from '../../client/client.ts'
import { CONFIG_MAPS } from '../../client/resources.ts'
import { startServer } from '../fixtures.ts'

let client: Client
beforeEach(async () => {
  ;({ client } = await startServer())
})

const cases = [
  { what: 'a small object is changed', keys: 10, isSteps: false },
  { what: 'a large object is changed', keys: 5_000, isSteps: true },
]
for (const { what, keys, isSteps } of cases) {
  test(`others ${isSteps ? 'have' : 'need not have'} their turn between the steps when ${what}`, async () => {
    const at = { namespace: 'default', name: 'a' }
    const data = Object.fromEntries(Array.from({ length: keys }, (_, i) => [`key-${i}`, 'x'.repeat(20)]))
    await client.create(CONFIG_MAPS, { metadata: at, data })
    for (const type of ['merge', 'strategic', 'apply'] as const) {
      const patch = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { more: type } }
      const options = type === 'apply' ? { fieldManager: 'test', force: true } : {}
      // oxlint-disable-next-line no-await-in-loop -- each changes what the one before left
      const turns = await turnsDuring(client.patch(CONFIG_MAPS, at, type, patch, options))
      expect([turns, turns >= 5]).toEqual([turns, isSteps])
    }
    const next = { metadata: at, data: { ...data, more: 'put' } }
    const turns = await turnsDuring(client.update(CONFIG_MAPS, next))
    expect([turns, turns >= 5]).toEqual([turns, isSteps])
  })
}

test('others have their turn while very many conflicts are told', async () => {
  const at = { namespace: 'default', name: 'a' }
  const data = (value: string) => Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`key-${i}`, value]))
  await client.create(CONFIG_MAPS, { metadata: at, data: data('theirs') }, { fieldManager: 'other' })
  const patch = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: data('ours') }
  const applying = client.patch(CONFIG_MAPS, at, 'apply', patch, { fieldManager: 'test' })
  let why = ''
  const told = applying.catch((error: unknown) => (why = (error as Error).message))
  expect(await turnsDuring(told)).toBeGreaterThan(8)
  expect(why).toMatch(/^Apply failed with 5000 conflicts: conflicts with "other" using v1:/)
})
