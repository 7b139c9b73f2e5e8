import { expect, test } from 'vitest'
import { ENDPOINT_SLICES, LEASES, PODS } from '../../client/resources.ts'
import { startServer } from '../fixtures.ts'

const AT = { namespace: 'default', name: 'a' }
const OURS = { fieldManager: 'told' }

const fieldsOf = (object: { readonly metadata: { readonly managedFields?: readonly { fieldsV1?: unknown }[] } }) =>
  object.metadata.managedFields?.[0]?.fieldsV1

test('whoever sends fields of features that are off is told of as their owner, and the fields are gone', async () => {
  const { client } = await startServer()
  const group = { schedulingGroup: { podGroupName: 'g' } }
  const pod = await client.create(
    PODS,
    { metadata: AT, spec: { containers: [{ name: 'c', image: 'i' }], ...group } },
    OURS,
  )
  expect(pod.spec).not.toHaveProperty('schedulingGroup')
  expect(fieldsOf(pod)).toMatchObject({ 'f:spec': { 'f:schedulingGroup': { 'f:podGroupName': {} } } })
  const lease = await client.create(LEASES, { metadata: AT, spec: { holderIdentity: 'h', strategy: 'x' } }, OURS)
  expect(lease.spec).toEqual({ holderIdentity: 'h' })
  expect(fieldsOf(lease)).toEqual({ 'f:spec': { 'f:holderIdentity': {}, 'f:strategy': {} } })
})

test('a slice counts labels and dropped fields as a new generation', async () => {
  const { client } = await startServer()
  const slice = { metadata: AT, addressType: 'IPv4' as const, endpoints: [{ addresses: ['10.0.0.1'] }], ports: [] }
  await client.create(ENDPOINT_SLICES, slice)
  const generationAfter = async (change: object) =>
    (await client.patch(ENDPOINT_SLICES, AT, 'merge', change)).metadata.generation
  const dropped = { endpoints: [{ addresses: ['10.0.0.1'], deprecatedTopology: { a: 'b' } }] }
  expect(await generationAfter({ metadata: { labels: { a: 'b' } } })).toBe(2)
  expect(await generationAfter({ metadata: { annotations: { a: 'b' } } })).toBe(2)
  expect(await generationAfter(dropped)).toBe(3)
  expect(await client.get(ENDPOINT_SLICES, AT)).toMatchObject({ endpoints: [{ addresses: ['10.0.0.1'] }] })
  expect((await client.get(ENDPOINT_SLICES, AT)).endpoints?.[0]).not.toHaveProperty('deprecatedTopology')
})
