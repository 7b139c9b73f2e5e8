import { beforeEach, expect, test } from 'vitest'
import { turnsDuring } from '../../base/async/turns-during.ts'
import type { Client } from '../../client/client.ts'
import { CONFIG_MAPS, MUTATING_ADMISSION_POLICIES, VALIDATING_ADMISSION_POLICIES } from '../../client/resources.ts'
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

test('others have their turn between the operations of a JSON patch that each look at a large part', async () => {
  const at = { namespace: 'default', name: 'a' }
  const data = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`key-${i}`, 'x'.repeat(20)]))
  await client.create(CONFIG_MAPS, { metadata: at, data })
  const moves = ['/elsewhere', '/data'].map((path, i, all) => ({ op: 'move', from: all[1 - i], path }))
  const patch = Array.from({ length: 100 }, () => moves).flat()
  const turns = await turnsDuring(client.patch(CONFIG_MAPS, at, 'json', patch))
  expect(turns).toBeGreaterThan(30)
})

const many = <T>(count: number, make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i))
const long = (i: number) => `${"'x' + ".repeat(15)}'${i}' != ''`
const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE' as const], resources: ['pods'] }
const spec = { failurePolicy: 'Fail' as const, matchConstraints: { resourceRules: [rule] } }
const validations = many(2_000, (i) => ({ expression: long(i) }))

test('others have their turn while very many expressions of a ValidatingAdmissionPolicy are judged', async () => {
  const policy = { metadata: { name: 'a' }, spec: { ...spec, validations } }
  const made = await client.create(VALIDATING_ADMISSION_POLICIES, policy)
  const update = (last: string) => {
    const changed = { ...made.spec, validations: [...validations, { expression: last }] }
    return client.update(VALIDATING_ADMISSION_POLICIES, { ...made, spec: changed })
  }
  let why = ''
  const refused = update('nothing').catch((error: unknown) => (why = (error as Error).message))
  expect(await turnsDuring(refused)).toBeGreaterThan(20)
  expect(why).toMatch(/validations\[2000\]\.expression.*undeclared reference/s)
  expect(await turnsDuring(update('true'))).toBeGreaterThan(20)
})

test('others have their turn while very many variables of a MutatingAdmissionPolicy are judged', async () => {
  const variables = many(2_000, (i) => ({ name: `v${i}`, expression: long(i) }))
  const patch = { expression: "[JSONPatch{op: 'remove', path: '/metadata/labels'}]" }
  const mutations = [{ patchType: 'JSONPatch' as const, jsonPatch: patch }]
  const policy = { ...spec, reinvocationPolicy: 'Never' as const, variables, mutations }
  await client.create(MUTATING_ADMISSION_POLICIES, { metadata: { name: 'a' }, spec: policy })
  const labels = { metadata: { labels: { a: 'b' } } }
  const patching = client.patch(MUTATING_ADMISSION_POLICIES, { name: 'a' }, 'merge', labels)
  expect(await turnsDuring(patching)).toBeGreaterThan(20)
})
