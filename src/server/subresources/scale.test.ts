import { beforeEach, describe, expect, test } from 'vitest'

import type { Client } from '../../client/client.ts'
import { DEPLOYMENTS } from '../../client/resources.ts'
import { startServer } from '../fixtures.ts'

const AT = { namespace: 'default', name: 'web' }
const scaleTo = (replicas: number) => ({
  apiVersion: 'autoscaling/v1',
  kind: 'Scale',
  metadata: AT,
  spec: { replicas },
})

let client: Client
beforeEach(async () => {
  ;({ client } = await startServer())
  const labels = { app: 'web' }
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'busybox' }] } }
  await client.create(
    DEPLOYMENTS,
    { metadata: AT, spec: { replicas: 1, selector: { matchLabels: labels }, template } },
    { fieldManager: 'maker' },
  )
})

const apply = (replicas: number, fieldManager: string, force = false) =>
  client.patch(DEPLOYMENTS, AT, 'apply', scaleTo(replicas), {
    subresource: 'scale',
    fieldManager,
    ...(force ? { force } : {}),
  })

describe('applying a Scale', () => {
  test('is refused while another owns the replicas, and says who', async () => {
    await expect(apply(3, 'scaler')).rejects.toThrow(/conflict with "maker".*\.spec\.replicas/s)
    expect((await client.get(DEPLOYMENTS, AT)).spec?.replicas).toBe(1)
  })

  test('by force takes the replicas over, as a field of the scaled object', async () => {
    expect(await apply(3, 'scaler', true)).toMatchObject({ kind: 'Scale', spec: { replicas: 3 } })
    const { spec, metadata } = await client.get(DEPLOYMENTS, AT)
    expect(spec?.replicas).toBe(3)
    expect(metadata.managedFields?.find(({ manager }) => manager === 'scaler')).toMatchObject({
      operation: 'Apply',
      apiVersion: 'apps/v1',
      subresource: 'scale',
      fieldsV1: { 'f:spec': { 'f:replicas': {} } },
    })
    await expect(apply(5, 'rival')).rejects.toThrow(/conflict with "scaler"/)
  })

  test('refuses what is no Scale, and a number below none', async () => {
    await expect(apply(-1, 'scaler', true)).rejects.toThrow(/spec\.replicas: Invalid value: -1/)
    const other = { ...scaleTo(2), kind: 'Deployment' }
    const options = { subresource: 'scale', fieldManager: 'scaler' }
    await expect(client.patch(DEPLOYMENTS, AT, 'apply', other, options)).rejects.toThrow(/Deployment/)
  })
})

describe('changing a Scale', () => {
  const patch = (body: object) => client.patch(DEPLOYMENTS, AT, 'merge', body, { subresource: 'scale' })

  test('goes on where another write comes in between, as the patch names no resourceVersion', async () => {
    const label = client.patch(DEPLOYMENTS, AT, 'merge', { metadata: { labels: { by: 'another' } } })
    await Promise.all([label, patch({ spec: { replicas: 2 } }), patch({ spec: { replicas: 3 } })])
    const { metadata, spec } = await client.get(DEPLOYMENTS, AT)
    expect([metadata.labels, [2, 3].includes(spec?.replicas ?? 0)]).toEqual([{ by: 'another' }, true])
  })

  test('is refused where the resourceVersion that it names has passed', async () => {
    const { resourceVersion } = (await client.get(DEPLOYMENTS, AT)).metadata
    await patch({ metadata: { resourceVersion }, spec: { replicas: 2 } })
    await expect(patch({ metadata: { resourceVersion }, spec: { replicas: 3 } })).rejects.toThrow(
      /the object has been modified/,
    )
  })
})
