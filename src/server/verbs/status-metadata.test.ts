import { expect, test } from 'vitest'
import { DEPLOYMENTS, PODS, VOLUME_ATTACHMENTS } from '../../client/resources.ts'
import { startServer } from '../fixtures.ts'

const AT = { namespace: 'default', name: 'a' }
const labels = { app: 'a' }
const spec = { containers: [{ name: 'c', image: 'i' }] }
const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'u' }
const metadata = { labels: { told: 'yes' }, annotations: { told: 'yes' }, ownerReferences: [owner] }
const OURS = { fieldManager: 'told', subresource: 'status' }

test('a status update may write metadata, but what the kind keeps', async () => {
  const { client } = await startServer()
  const template = { metadata: { labels }, spec }
  await client.create(DEPLOYMENTS, {
    metadata: { ...AT, labels },
    spec: { selector: { matchLabels: labels }, template },
  })
  await client.create(PODS, { metadata: { ...AT, labels }, spec })
  await client.create(VOLUME_ATTACHMENTS, {
    metadata: { name: 'a', labels },
    spec: { attacher: 'd.io', nodeName: 'n', source: { persistentVolumeName: 'p' } },
  })

  const [deployment, pod, attachment] = await Promise.all([
    client.patch(DEPLOYMENTS, AT, 'merge', { metadata }, OURS),
    client.patch(PODS, AT, 'merge', { metadata }, OURS),
    client.patch(VOLUME_ATTACHMENTS, { name: 'a' }, 'merge', { metadata }, OURS),
  ])

  expect(deployment.metadata).toMatchObject({ labels, annotations: metadata.annotations, ownerReferences: [owner] })
  expect(pod.metadata).toMatchObject({ labels: { ...labels, told: 'yes' }, annotations: metadata.annotations })
  expect(pod.metadata.ownerReferences).toBeUndefined()
  expect(attachment.metadata.labels).toEqual(labels)
  expect(attachment.metadata.annotations).toBeUndefined()

  const owned = [deployment, pod, attachment].map((object) => {
    const entry = object.metadata.managedFields?.find(({ manager }) => manager === 'told')
    return Object.keys((entry?.fieldsV1 as { 'f:metadata'?: object } | undefined)?.['f:metadata'] ?? {})
  })
  expect(owned).toEqual([['f:annotations', 'f:ownerReferences'], ['f:annotations', 'f:labels'], []])
})

test('a status told of one address of a Pod tells of all', async () => {
  const { client } = await startServer()
  await client.create(PODS, { metadata: AT, spec })
  const told = async (status: object) => (await client.patch(PODS, AT, 'merge', { status }, OURS)).status
  expect(await told({ podIPs: [{ ip: '10.0.0.1' }] })).toMatchObject({ podIP: '10.0.0.1' })
  expect(await told({ podIP: '10.0.0.2' })).toMatchObject({ podIPs: [{ ip: '10.0.0.2' }] })
})
