import { expect, test } from 'vitest'
import { CONFIG_MAPS } from '../../client/resources.ts'
import { startServer } from '../fixtures.ts'

test('patches do not make of an object what no body may be', async () => {
  const { client } = await startServer()
  const at = { namespace: 'default', name: 'a' }
  const part = (letter: string) =>
    Object.fromEntries(Array.from({ length: 30_000 }, (_, i) => [`${letter}-${i}`, 'value']))
  await client.create(CONFIG_MAPS, { metadata: at, data: part('a') })
  const grown = client.patch(CONFIG_MAPS, at, 'merge', { data: part('b') })
  await expect(grown).rejects.toMatchObject({
    status: { code: 413, reason: 'RequestEntityTooLarge', message: 'the object would have more than 50000 values' },
  })
  const { data } = await client.patch(CONFIG_MAPS, at, 'merge', { data: { 'a-0': 'other' } })
  expect(Object.keys(data ?? {})).toHaveLength(30_000)
})
