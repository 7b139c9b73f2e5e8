import { expect, test } from 'vitest'

import { toMicroTime } from '../../base/clock.ts'
import { COMPONENT_STATUSES, LEASES } from '../../client/resources.ts'
import { startServer } from '../fixtures.ts'

test('components are healthy as long as they keep their leases', async () => {
  const { client, clock } = await startServer()
  const told = async () => {
    const { items } = await client.list(COMPONENT_STATUSES)
    return items.map(({ metadata, conditions }) => `${metadata.name}: ${conditions?.[0]?.message}`)
  }
  const nobody = 'nobody holds its lease'
  expect(await told()).toEqual([`controller-manager: ${nobody}`, 'etcd-0: ok', `scheduler: ${nobody}`])

  const renewTime = toMicroTime(clock.now())
  const spec = { holderIdentity: 'a', leaseDurationSeconds: 15, renewTime }
  await client.create(LEASES, { metadata: { namespace: 'kube-system', name: 'kube-scheduler' }, spec })
  expect((await told()).at(-1)).toBe('scheduler: ok')
  expect((await client.get(COMPONENT_STATUSES, { name: 'scheduler' })).conditions).toEqual([
    { type: 'Healthy', status: 'True', message: 'ok' },
  ])
  await expect(client.get(COMPONENT_STATUSES, { name: 'none' })).rejects.toThrow('componentstatus "none" not found')
  await expect(client.delete(COMPONENT_STATUSES, { name: 'scheduler' })).rejects.toMatchObject({ code: 405 })
  const { items } = await client.list(COMPONENT_STATUSES, { fieldSelector: 'metadata.name=etcd-0' })
  expect(items.map(({ metadata }) => metadata.name)).toEqual(['etcd-0'])

  await clock.advance(16_000)
  expect((await told()).at(-1)).toBe(`scheduler: its lease ran out after ${renewTime}`)
})
