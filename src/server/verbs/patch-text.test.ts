import { describe, expect, test } from 'vitest'

import type { PatchType } from '../../client/transport.ts'
import { patchedText } from './patch-text.ts'

const configMap = {
  metadata: { uid: 'u', name: 'a', labels: { b: '1', a: '<2>' } },
  data: { y: '1', x: '2' },
  apiVersion: 'v1',
  kind: 'ConfigMap',
}
const METADATA = '"metadata":{"name":"a","uid":"u","labels":{"a":"\\u003c2\\u003e","b":"1"}}'
const volume = {
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'pv' },
  spec: { accessModes: ['ReadWriteOnce'], hostPath: { path: '/x' }, capacity: { storage: '1Gi' } },
  status: {},
}
const role = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'Role',
  metadata: { name: 'r' },
  rules: [{ resources: ['pods'], verbs: ['get'] }, { verbs: ['list'] }],
}

describe('what a patch made', () => {
  const of = (old: object, typeKey: string) => (type: PatchType, body: unknown) =>
    patchedText({ old, typeKey, type, body })
  const map = of(configMap, 'core/v1.ConfigMap')

  const cases: [what: string, type: PatchType, body: unknown, shown: string][] = [
    [
      'has the keys of what a merge patch went into by the alphabet, the fields of the rest in their order',
      'merge',
      { data: { w: 7 } },
      `{"apiVersion":"v1","data":{"w":7,"x":"2","y":"1"},"kind":"ConfigMap",${METADATA}}`,
    ],
    [
      'has what a merge patch put in the place of nothing by the alphabet and without nulls',
      'merge',
      { spec: { d: { z: 1, y: null, x: [{ q: 1, p: null }] } } },
      `{"apiVersion":"v1","data":{"x":"2","y":"1"},"kind":"ConfigMap",${METADATA},"spec":{"d":{"x":[{"q":1}],"z":1}}}`,
    ],
    [
      'has a list in the place of an object as it was sent',
      'merge',
      { data: [{ q: null, p: 1 }] },
      `{"apiVersion":"v1","data":[{"q":null,"p":1}],"kind":"ConfigMap",${METADATA}}`,
    ],
    [
      'has none of what a merge patch takes away',
      'merge',
      { metadata: null, data: { x: null } },
      '{"apiVersion":"v1","data":{"y":"1"},"kind":"ConfigMap"}',
    ],
    [
      'has a value of a JSON patch as it was sent',
      'json',
      [{ op: 'add', path: '/spec', value: { b: 1, a: 2 } }],
      `{"apiVersion":"v1","data":{"x":"2","y":"1"},"kind":"ConfigMap",${METADATA},"spec":{"b":1,"a":2}}`,
    ],
    [
      'has the keys of what a JSON patch went through, moved and tested by the alphabet',
      'json',
      [
        { op: 'test', path: '/metadata', value: configMap.metadata },
        { op: 'move', from: '/metadata/uid', path: '/data/uid' },
        { op: 'copy', from: '/data', path: '/copy' },
        { op: 'remove', path: '/data/y' },
        { op: 'replace', path: '/kind', value: 7 },
      ],
      '{"apiVersion":"v1","copy":{"uid":"u","x":"2","y":"1"},"data":{"uid":"u","x":"2"},"kind":7,' +
        '"metadata":{"labels":{"a":"\\u003c2\\u003e","b":"1"},"name":"a"}}',
    ],
  ]
  for (const [what, type, body, shown] of cases) test(`${what}`, () => expect(map(type, body)).toBe(shown))

  test('has embedded fields where what they are embedded from stands', () => {
    const shown = of(volume, 'core/v1.PersistentVolume')('merge', { metadata: { x: 1 } })
    expect(shown).toBe(
      '{"apiVersion":"v1","kind":"PersistentVolume","metadata":{"name":"pv","x":1},' +
        '"spec":{"capacity":{"storage":"1Gi"},"hostPath":{"path":"/x"},"accessModes":["ReadWriteOnce"]},"status":{}}',
    )
  })

  test('has the items of lists that a JSON patch went into, and the others in the order of their fields', () => {
    const shown = of(role, 'rbac/v1.Role')('json', [
      { op: 'add', path: '/rules/0/apiGroups', value: 7 },
      { op: 'add', path: '/rules/-', value: { verbs: 1, a: 2 } },
      { op: 'remove', path: '/rules/-2' },
    ])
    expect(shown).toBe(
      '{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","metadata":{"name":"r"},' +
        '"rules":[{"apiGroups":7,"resources":["pods"],"verbs":["get"]},{"verbs":1,"a":2}]}',
    )
  })

  test('is known of a large object and a long patch without looking at all of it in each step', () => {
    const keys = Array.from({ length: 100_000 }, (_, at) => [`k${at}`, ''] as const)
    const patch = Array.from({ length: 10_000 }, (_, at) => ({ op: 'replace', path: `/data/k${at}`, value: 'x' }))
    const before = process.cpuUsage()
    const shown = of({ ...configMap, data: Object.fromEntries(keys) }, 'core/v1.ConfigMap')('json', patch)
    expect(shown).toContain('"k9999":"x"')
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(4) // seconds; each with all took fifteen
  })
})
