import { expect, test } from 'vitest'
import { NAMESPACES, RESOURCE_CLAIM_TEMPLATES, RESOURCE_CLAIMS } from '../../client/resources.ts'
import { answerOf } from '../admission/fixtures.ts'
import { startServer } from '../fixtures.ts'

test('access to devices of others is for namespaces that are labelled for it', async () => {
  const { client } = await startServer()
  const metadata = { namespace: 'default', name: 'c' }
  const exactly = { deviceClassName: 'x', allocationMode: 'ExactCount' as const, count: 1, adminAccess: true }
  const spec = { devices: { requests: [{ name: 'r', exactly }] } }
  const why =
    'is invalid: spec.devices.requests[0].adminAccess: Forbidden: admin access to devices requires the `resource.kubernetes.io/admin-access: true` label on the containing namespace'
  const claim = () => client.create(RESOURCE_CLAIMS, { metadata, spec })
  const template = () => client.create(RESOURCE_CLAIM_TEMPLATES, { metadata, spec: { spec } })
  expect(await answerOf(claim())).toBe(`ResourceClaim.resource.k8s.io "c" ${why}`)
  expect(await answerOf(template())).toBe(`ResourceClaimTemplate.resource.k8s.io "c" ${why}`)
  const labels = { 'resource.kubernetes.io/admin-access': 'true' }
  await client.patch(NAMESPACES, { name: 'default' }, 'merge', { metadata: { labels } })
  expect(await claim()).toMatchObject({ spec })
  expect(await template()).toMatchObject({ spec: { spec } })
})
