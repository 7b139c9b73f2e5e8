import { afterAll, beforeAll, expect, test } from 'vitest'

import { type Hostile, startHostile } from '../http/hostile-client.ts'

let server: Hostile
beforeAll(async () => {
  server = await startHostile()
})
afterAll(() => server.close())

const SPACE = '/api/v1/namespaces/default/limitranges'

interface Answer {
  readonly spec: unknown
  readonly metadata: { readonly managedFields?: readonly { readonly manager: string; readonly fieldsV1: object }[] }
}

async function send(method: string, path: string, body: unknown, type = 'application/json') {
  const answer = await server.ask({ method, path, type, body: JSON.stringify(body) })
  const { spec, metadata } = JSON.parse(answer.body) as Answer
  return { spec, owners: (metadata.managedFields ?? []).map(({ manager, fieldsV1 }) => [manager, fieldsV1]) }
}

const range = (name: string, limits: unknown, labels?: object) => ({
  apiVersion: 'v1',
  kind: 'LimitRange',
  metadata: { name, ...(labels === undefined ? {} : { labels }) },
  spec: { limits },
})
const GIVEN = { 'f:spec': { 'f:limits': {} } }

test('an empty list that somebody gave for one that is always there is owned, and told as null', async () => {
  expect(await send('POST', `${SPACE}?fieldManager=a&dryRun=All`, range('a', null))).toEqual({
    spec: { limits: null },
    owners: [],
  })
  expect(await send('POST', `${SPACE}?fieldManager=a&dryRun=All`, range('a', []))).toEqual({
    spec: { limits: null },
    owners: [['a', GIVEN]],
  })
})

test('an empty list is owned by whoever gave it last', async () => {
  await send('POST', `${SPACE}?fieldManager=m1`, range('b', []))
  const replaced = await send('PUT', `${SPACE}/b?fieldManager=m2`, range('b', [], { a: 'b' }))
  expect(replaced.owners).toEqual([['m2', { 'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } }, ...GIVEN }]])
  for (const [manager, type] of [
    ['m3', 'application/merge-patch+json'],
    ['m4', 'application/strategic-merge-patch+json'],
  ] as const) {
    // oxlint-disable-next-line no-await-in-loop -- each follows the one before
    const patched = await send('PATCH', `${SPACE}/b?fieldManager=${manager}`, { spec: { limits: [] } }, type)
    expect(patched.owners.find(([, fields]) => 'f:spec' in (fields as object))).toEqual([manager, GIVEN])
  }
  const operations = [{ op: 'replace', path: '/spec/limits', value: [] }]
  const patched = await send('PATCH', `${SPACE}/b?fieldManager=m5`, operations, 'application/json-patch+json')
  expect(patched.owners.find(([, fields]) => 'f:spec' in (fields as object))).toEqual(['m5', GIVEN])
})

test('an empty list that a patch leaves alone changes no owner', async () => {
  await send('POST', `${SPACE}?fieldManager=m1`, range('c', []))
  const patch = [
    { op: 'test', path: '/spec/limits', value: null },
    { op: 'add', path: '/metadata/labels', value: { a: 'b' } },
  ]
  const { owners } = await send('PATCH', `${SPACE}/c?fieldManager=m2`, patch, 'application/json-patch+json')
  expect(owners).toEqual([
    ['m1', GIVEN],
    ['m2', { 'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } } }],
  ])
})
