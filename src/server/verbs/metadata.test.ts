import { expect, test } from 'vitest'
import { CONFIG_MAPS } from '../../client/resources.ts'
import { startServer } from '../fixtures.ts'

test('a dry run tells the selfLink that an update has; nobody keeps it', async () => {
  const { client } = await startServer()
  const at = { namespace: 'default', name: 'a' }
  const metadata = { ...at, selfLink: '/x' }
  expect((await client.create(CONFIG_MAPS, { metadata })).metadata.selfLink).toBeUndefined()
  const told = await Promise.all([
    client.update(CONFIG_MAPS, { metadata }, { dryRun: true }),
    client.patch(CONFIG_MAPS, at, 'merge', { metadata }, { dryRun: true }),
    client.update(CONFIG_MAPS, { metadata }),
    client.get(CONFIG_MAPS, at),
  ])
  expect(told.map((object) => object.metadata.selfLink)).toEqual(['/x', '/x', undefined, undefined])
})
