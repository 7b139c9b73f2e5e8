import { afterAll, beforeAll, expect, test } from 'vitest'

import { type Hostile, startHostile } from '../http/hostile-client.ts'

let server: Hostile
beforeAll(async () => {
  server = await startHostile()
})
afterAll(() => server.close())

const CORE = '/api/v1/namespaces/default/events'
const NEW = '/apis/events.k8s.io/v1/namespaces/default/events'
const regarding = { kind: 'Pod', namespace: 'default', name: 'p' }
const coreEvent = (name: string) => ({ metadata: { name }, reason: 'R', type: 'Normal', involvedObject: regarding })
const newEvent = (name: string) => ({
  metadata: { name },
  eventTime: '2024-01-01T00:00:00.000000Z',
  reportingController: 'a.b/c',
  reportingInstance: 'i',
  action: 'A',
  reason: 'R',
  type: 'Normal',
  regarding,
})
const LABEL = { metadata: { labels: { x: 'y' } } }
const OWNED = { 'f:metadata': { 'f:labels': { '.': {}, 'f:x': {} } } }

interface Answer {
  readonly metadata: { readonly managedFields?: readonly { manager: string; apiVersion: string; fieldsV1: object }[] }
}

async function ownersAfter(method: string, path: string, body: object, type = 'application/json') {
  const answer = await server.ask({ method, path, type, body: JSON.stringify(body) })
  const { managedFields = [] } = (JSON.parse(answer.body) as Answer).metadata
  return managedFields.map(({ manager, apiVersion, fieldsV1 }) => [manager, apiVersion, fieldsV1])
}

const patch = (path: string, body: object) => ownersAfter('PATCH', path, body, 'application/merge-patch+json')

test('who wrote an Event in one group owns nothing of it once it is written in the other', async () => {
  await ownersAfter('POST', `${CORE}?fieldManager=a`, coreEvent('e1'))
  expect(await patch(`${NEW}/e1?fieldManager=b`, LABEL)).toEqual([['b', 'events.k8s.io/v1', OWNED]])
  await ownersAfter('POST', `${NEW}?fieldManager=a`, newEvent('e2'))
  expect(await patch(`${CORE}/e2?fieldManager=b`, LABEL)).toEqual([['b', 'v1', OWNED]])
})

test('a write of an Event that changes nothing forgets the owners of the other group as well', async () => {
  await ownersAfter('POST', `${NEW}?fieldManager=a`, newEvent('e3'))
  expect(await patch(`${CORE}/e3?fieldManager=b`, {})).toEqual([])
})

test('an apply in one group forgets the owners of the other', async () => {
  await ownersAfter('POST', `${NEW}?fieldManager=a`, newEvent('e4'))
  const applied = { apiVersion: 'v1', kind: 'Event', ...LABEL }
  const owners = await ownersAfter('PATCH', `${CORE}/e4?fieldManager=b`, applied, 'application/apply-patch+yaml')
  expect(owners).toEqual([['b', 'v1', { 'f:metadata': { 'f:labels': { 'f:x': {} } } }]])
})

test('a name that is taken is told of the group that was asked', async () => {
  await ownersAfter('POST', CORE, coreEvent('e4'))
  const taken = async (path: string, body: object) => {
    const answer = await server.ask({ method: 'POST', path, type: 'application/json', body: JSON.stringify(body) })
    return (JSON.parse(answer.body) as { message: string }).message
  }
  expect(await taken(CORE, coreEvent('e4'))).toBe('events "e4" already exists')
  expect(await taken(NEW, newEvent('e4'))).toBe('events.events.k8s.io "e4" already exists')
})
