import { describe, expect, test } from 'vitest'
import { fieldPath } from './field-path.ts'
import { validateFieldManager, validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts'
import type { ObjectMeta } from './types.ts'

const good: ObjectMeta = { name: 'web', namespace: 'default', resourceVersion: '1', uid: 'u' }
const texts = (faults: readonly { field: string; message: string }[]) =>
  faults.map(({ field, message }) => `${field}: ${message}`)

describe('validateObjectMeta()', () => {
  const cases: [what: string, meta: ObjectMeta, faults: readonly string[]][] = [
    ['a good one', good, []],
    ['no name', { namespace: 'default' }, ['metadata.name: Required value: name or generateName is required']],
    ['no namespace', { name: 'web' }, ['metadata.namespace: Required value']],
    [
      'a negative generation',
      { ...good, generation: -1 },
      ['metadata.generation: Invalid value: -1: must be greater than or equal to 0'],
    ],
    [
      'a bad label key',
      { ...good, labels: { 'bad key': 'x' } },
      [
        "metadata.labels: Invalid value: \"bad key\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      ],
    ],
    ['upper case in an annotation’s prefix', { ...good, annotations: { 'Example.com/A': 'x' } }, []],
    [
      'annotations too big',
      { ...good, annotations: { a: 'x'.repeat(256 * 1024) } },
      ['metadata.annotations: Too long: may not be more than 262144 bytes'],
    ],
    [
      'an empty owner',
      { ...good, ownerReferences: [{ apiVersion: 'apps/', kind: '', name: '', uid: '' }] },
      [
        'metadata.ownerReferences.apiVersion: Invalid value: "apps/": version must not be empty',
        'metadata.ownerReferences.kind: Invalid value: "": must not be empty',
        'metadata.ownerReferences.name: Invalid value: "": must not be empty',
        'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
      ],
    ],
    [
      'a finalizer nobody knows',
      { ...good, finalizers: ['mine'] },
      [
        'metadata.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
      ],
    ],
    [
      'both ways of deleting',
      { ...good, finalizers: ['orphan', 'foregroundDeletion'] },
      [
        'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set',
      ],
    ],
  ]
  for (const [what, meta, faults] of cases) {
    test(`${what}: ${faults.length} faults`, () => {
      expect(texts(validateObjectMeta(meta, { namespaced: true }))).toEqual(faults)
    })
  }

  test('a cluster-wide kind has no namespace', () => {
    expect(texts(validateObjectMeta(good, { namespaced: false }))).toEqual([
      'metadata.namespace: Forbidden: not allowed on this type',
    ])
  })

  test('two controllers are one too many', () => {
    const owner = { apiVersion: 'v1', kind: 'A', name: 'a', uid: 'u', controller: true }
    const [fault] = validateObjectMeta(
      { ...good, ownerReferences: [owner, { ...owner, name: 'b' }] },
      { namespaced: true },
    )
    expect(fault?.message).toMatch(
      /Only one reference can have Controller set to true\. Found "true" in references for A\/a and A\/b$/,
    )
  })
})

describe('validateObjectMetaUpdate()', () => {
  const cases: [what: string, meta: ObjectMeta, old: ObjectMeta, faults: readonly string[]][] = [
    ['nothing', good, good, []],
    ['the name', { ...good, name: 'x' }, good, ['metadata.name: Invalid value: "x": field is immutable']],
    [
      'the uid away',
      { name: 'web', namespace: 'default', resourceVersion: '1' },
      good,
      ['metadata.uid: Invalid value: "": field is immutable'],
    ],
    [
      'no resourceVersion',
      { ...good, resourceVersion: '' },
      good,
      ['metadata.resourceVersion: Invalid value: "": must be specified for an update'],
    ],
    [
      'generation down',
      { ...good, generation: 1 },
      { ...good, generation: 2 },
      ['metadata.generation: Invalid value: 1: must not be decremented'],
    ],
    [
      'a finalizer on what is being deleted',
      { ...good, deletionTimestamp: 't', finalizers: ['a/b', 'a/a'] },
      { ...good, deletionTimestamp: 't', finalizers: ['a/b'] },
      [
        'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"a/a"}',
      ],
    ],
  ]
  for (const [what, meta, old, faults] of cases) {
    test(`changes ${what}`, () => expect(texts(validateObjectMetaUpdate(meta, old))).toEqual(faults))
  }
})

test('a path is written only when it is read', () => {
  const path = fieldPath('spec').child('containers').index(0).child('securityContext', 'runAsUser')
  expect(path.toString()).toBe('spec.containers[0].securityContext.runAsUser')
  expect(fieldPath().child('spec').key('a.b').toString()).toBe('spec[a.b]')
})

test.each([
  ['kubectl', []],
  ['é'.repeat(64), []],
  ['é'.repeat(65), ['Too long: may not be more than 128 bytes']],
  ['é\u0007', ['Invalid value: "é\\a": invalid character U+0007 (at position 2)']],
])('a field manager called %j has these faults: %j', (name, faults) => {
  expect(validateFieldManager(name, fieldPath('fieldManager')).map(({ message }) => message)).toEqual(faults)
})
