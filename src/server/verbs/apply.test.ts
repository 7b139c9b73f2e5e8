import { beforeEach, describe, expect, test } from 'vitest'

import type { Client } from '../../client/client.ts'
import { CONFIG_MAPS, DEPLOYMENTS, LEASES, SERVICES, VALIDATING_ADMISSION_POLICIES } from '../../client/resources.ts'
import { startServer } from '../fixtures.ts'

const AT = { namespace: 'default', name: 'a' }
let client: Client
let clock: Awaited<ReturnType<typeof startServer>>['clock']
beforeEach(async () => {
  ;({ client, clock } = await startServer())
})

const apply = (fieldManager: string, rest: object) => {
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: AT, ...rest }
  return client.patch(CONFIG_MAPS, AT, 'apply', body, { fieldManager })
}
const ownersOf = ({ metadata }: Awaited<ReturnType<typeof apply>>) =>
  Object.fromEntries((metadata.managedFields ?? []).map(({ manager = '', fieldsV1 }) => [manager, fieldsV1]))

async function deploy(): Promise<void> {
  const labels = { app: 'a' }
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } }
  await client.create(DEPLOYMENTS, { metadata: AT, spec: { selector: { matchLabels: labels }, template } })
}

describe('an apply', () => {
  test('need not name what is there', async () => {
    await expect(apply('one', { metadata: {} })).rejects.toThrow(/name must be provided/)
    await apply('one', { data: { a: '1' } })
    expect((await apply('two', { metadata: {}, data: { b: '1' } })).data).toEqual({ a: '1', b: '1' })
  })

  const misnamed: [name: unknown, why: string][] = [
    [null, 'the name of the object (a based on URL) was undeterminable: name must be provided'],
    ['', 'the name of the object (a based on URL) was undeterminable: name must be provided'],
    ['b', 'the name of the object (b) does not match the name on the URL (a)'],
  ]
  test.each(misnamed)('that says %j of the name is refused', async (name, why) => {
    await apply('one', { data: { a: '1' } })
    await expect(apply('one', { metadata: { name } })).rejects.toThrow(why)
  })

  test.each([
    [true, '/x'],
    [false, undefined],
  ])('that creates shows the link to itself only where it is tried: %s', async (dryRun, link) => {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...AT, selfLink: '/x' } }
    const { metadata } = await client.patch(CONFIG_MAPS, AT, 'apply', body, { fieldManager: 'one', dryRun })
    expect(metadata.selfLink).toBe(link)
  })

  const unmade: [metadata: object, code: number, why: string][] = [
    [
      { uid: 'u' },
      409,
      'Operation cannot be fulfilled on configmaps "a": uid mismatch: the provided object specified uid u, and no existing object was found',
    ],
    [{ resourceVersion: 'x' }, 400, 'strconv.ParseUint: parsing "x": invalid syntax'],
  ]
  test.each(unmade)('of %o creates nothing', async (metadata, code, message) => {
    const made = apply('one', { metadata: { ...AT, ...metadata } })
    await expect(made).rejects.toMatchObject({ status: { code, message } })
  })

  test.each([{ ownerReferences: [] }, { uid: '' }, { namespace: null }, { generation: 7 }])(
    'of what changes nothing but %o is not written',
    async (more) => {
      const first = await apply('one', { data: { a: '1' } })
      await clock.advance(60_000)
      const again = await apply('one', { metadata: { ...AT, ...more }, data: { a: '1' } })
      expect(again.metadata.resourceVersion).toBe(first.metadata.resourceVersion)
      expect(again.metadata.managedFields).toEqual(first.metadata.managedFields)
    },
  )

  test('takes a null in the key of an item for another than its default', async () => {
    const ports = [{ port: 80, protocol: null }]
    const body = { apiVersion: 'v1', kind: 'Service', metadata: AT, spec: { ports } }
    const made = await client.patch(SERVICES, AT, 'apply', body, { fieldManager: 'one' })
    expect(JSON.stringify(ownersOf(made))).toContain('k:{\\"port\\":80,\\"protocol\\":null}')
    expect(made.spec?.ports).toMatchObject([{ port: 80, protocol: 'TCP' }])
  })

  test('of nothing in a map owns the map, be it empty or null', async () => {
    await apply('one', { data: { a: '1' } })
    expect(ownersOf(await apply('two', { data: {} }))).toEqual({
      one: { 'f:data': { 'f:a': {} } },
      two: { 'f:data': {} },
    })
    const after = await apply('one', { data: null })
    expect(ownersOf(after)).toEqual({ one: { 'f:data': {} }, two: { 'f:data': {} } })
    expect(after.data).toBeUndefined()
  })

  const given: [what: string, steps: readonly (readonly [manager: string, rest: object])[]][] = [
    ['to nothing', [['one', { data: {} }]]],
    ['to null', [['one', { data: null }]]],
    ['up', [['one', {}]]],
  ]
  test.each(given)('of nothing in a map owns it still when what was in it is given %s', async (_, steps) => {
    await apply('one', { data: { a: '1' } })
    await apply('two', { data: {} })
    for (const [manager, rest] of steps) await apply(manager, rest)
    const after = await client.get(CONFIG_MAPS, AT)
    expect(ownersOf(after)).toMatchObject({ two: { 'f:data': {} } })
    expect(after.data).toBeUndefined()
  })

  test('of null says nothing of what is inside', async () => {
    await deploy()
    const applied = (fieldManager: string, container: object) => {
      const spec = { template: { spec: { containers: [{ name: 'c', ...container }] } } }
      const body = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: AT, spec }
      return client.patch(DEPLOYMENTS, AT, 'apply', body, { fieldManager })
    }
    const full = {
      env: [{ name: 'A', value: '1' }],
      securityContext: { runAsUser: 1 },
      resources: { limits: { cpu: '1' } },
    }
    await applied('one', full)
    const { spec, metadata } = await applied('two', { env: null, securityContext: null, resources: { limits: null } })
    expect(spec?.template.spec?.containers).toMatchObject([full])
    expect(JSON.stringify(metadata.managedFields)).toContain('"f:runAsUser"')
  })

  const times: [what: string, by: string, renewTime: string, told: RegExp][] = [
    ['conflicts with nobody', 'one', 'x', /^failed to convert new object \(\/a; .* parsing time "x" as /],
    ['conflicts', 'two', 'x', /^Apply failed with 1 conflict: conflict with "one": \.spec\.renewTime$/],
    ['conflicts and has no fraction', 'two', '2026-01-01T00:00:00Z', /^Apply failed with 1 conflict/],
  ]
  test.each(times)('of a time that nobody can read is told of as such unless it conflicts: %s', async (...row) => {
    const [, fieldManager, renewTime, told] = row
    const renewed = (time: string, manager: string) => {
      const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'a' } }
      return client.patch(LEASES, AT, 'apply', { ...body, spec: { renewTime: time } }, { fieldManager: manager })
    }
    await renewed('2026-01-01T00:00:00.000000Z', 'one')
    await expect(renewed(renewTime, fieldManager)).rejects.toThrow(told)
  })

  test('of an amount that is written otherwise is a change', async () => {
    await deploy()
    const applied = (fieldManager: string, cpu: unknown) => {
      const spec = { template: { spec: { containers: [{ name: 'c', resources: { limits: { cpu } } }] } } }
      const body = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: AT, spec }
      return client.patch(DEPLOYMENTS, AT, 'apply', body, { fieldManager })
    }
    await applied('one', '1')
    await expect(applied('two', '1000m')).rejects.toThrow('conflict with "one"')
    await expect(applied('two', 1)).rejects.toThrow('conflict with "one"')
    await applied('two', '1')
    await applied('three', '1')
  })

  test('of an empty spec leaves what is not its own', async () => {
    await deploy()
    const applied = (spec: object) => {
      const body = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: AT, spec }
      return client.patch(DEPLOYMENTS, AT, 'apply', body, { fieldManager: 'one' })
    }
    expect((await applied({ paused: true })).spec?.paused).toBe(true)
    // Nobody but the applier owns anything below.
    await client.patch(DEPLOYMENTS, AT, 'json', [{ op: 'remove', path: '/metadata/managedFields/1' }])
    const { spec } = await applied({})
    expect(spec?.paused).toBeUndefined()
    expect(spec?.template.spec?.containers).toMatchObject([{ name: 'c', image: 'i' }])
  })

  test('of a Scale is told of others as owners of Scales', async () => {
    await deploy()
    const ofScale = { subresource: 'scale', fieldManager: 'one' }
    await client.patch(DEPLOYMENTS, AT, 'merge', { spec: { replicas: 2 } }, ofScale)
    const { managedFields = [] } = (await client.get(DEPLOYMENTS, AT)).metadata
    expect(managedFields.find(({ subresource }) => subresource === 'scale')).not.toHaveProperty('time')
    const wish = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: AT, spec: { replicas: 3 } }
    await expect(client.patch(DEPLOYMENTS, AT, 'apply', wish, { ...ofScale, fieldManager: 'two' })).rejects.toThrow(
      'conflict with "one" with subresource "scale" using autoscaling/v1: .spec.replicas',
    )
  })
})

describe('an apply to the status of what is not there', () => {
  const metadata = { name: 'a', labels: { a: 'b' } }
  const options = { fieldManager: 'm', subresource: 'status' }

  test('creates a ValidatingAdmissionPolicy, without its status', async () => {
    const rule = { operations: ['CREATE'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'] }
    const body = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata,
      spec: { matchConstraints: { resourceRules: [rule] }, validations: [{ expression: 'true' }] },
      status: { observedGeneration: 1 },
    }
    const made = await client.patch(VALIDATING_ADMISSION_POLICIES, { name: 'a' }, 'apply', body, options)
    expect(made).toMatchObject({ metadata: { labels: { a: 'b' }, generation: 1 }, status: {} })
    expect(ownersOf(made)).toEqual({ m: { 'f:status': { 'f:observedGeneration': {} } } })
  })

  test('creates a Service', async () => {
    const body = { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ port: 80 }] } }
    const made = await client.patch(SERVICES, AT, 'apply', body, options)
    expect(ownersOf(made)).toEqual({ m: { 'f:metadata': { 'f:labels': { 'f:a': {} } } } })
  })

  test('creates nothing of other kinds', async () => {
    const body = { apiVersion: 'apps/v1', kind: 'Deployment', metadata }
    await expect(client.patch(DEPLOYMENTS, AT, 'apply', body, options)).rejects.toThrow(/not found/)
    const unknown = { ...body, what: 1 }
    await expect(client.patch(DEPLOYMENTS, AT, 'apply', unknown, options)).rejects.toThrow(/not found/)
  })
})
