import { describe, expect, test } from 'vitest'

import type { ManagedFieldsEntry } from '../../meta/types.ts'
import { managerOf, updateManagedFields } from './field-manager.ts'
import { server, configMap, deployment, containers, at, typeOf } from './one-object.ts'

describe('managerOf()', () => {
  const cases = [
    ['m', 'kubectl/v1', 'm'],
    [undefined, 'kubectl/v1.36 (linux)', 'kubectl'],
    ['', 'curl', 'curl'],
    [undefined, 'a\u0000b', 'ab'],
    [undefined, undefined, 'unknown'],
  ] as const
  for (const [asked, agent, want] of cases) {
    test(`${asked} of ${agent} is "${want}"`, () => expect(managerOf(asked, agent)).toBe(want))
  }
})

describe('updateManagedFields()', () => {
  test('tells on create what is set, as Kubernetes writes it for a Deployment', () => {
    const s = server()
    s.update('kubectl', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'n', labels: { app: 'web' } },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: 'web' } },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: {
            containers: [
              {
                name: 'c',
                image: 'nginx',
                ports: [{ containerPort: 80, protocol: 'TCP' }],
                env: [{ name: 'A', value: '1' }],
                resources: {},
              },
            ],
            securityContext: {},
            volumes: [{ name: 'v', emptyDir: {} }],
          },
        },
      },
      status: { replicas: 3 },
    })
    expect(s.entries()).toEqual([
      {
        manager: 'kubectl',
        operation: 'Update',
        apiVersion: 'apps/v1',
        time: at(1),
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
          'f:spec': {
            'f:replicas': {},
            'f:selector': {},
            'f:strategy': {
              'f:rollingUpdate': { '.': {}, 'f:maxSurge': {}, 'f:maxUnavailable': {} },
              'f:type': {},
            },
            'f:template': {
              'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
              'f:spec': {
                'f:containers': {
                  'k:{"name":"c"}': {
                    '.': {},
                    'f:env': { '.': {}, 'k:{"name":"A"}': { '.': {}, 'f:name': {}, 'f:value': {} } },
                    'f:image': {},
                    'f:name': {},
                    'f:ports': {
                      '.': {},
                      'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {}, 'f:protocol': {} },
                    },
                    'f:resources': {},
                  },
                },
                'f:securityContext': {},
                'f:volumes': { '.': {}, 'k:{"name":"v"}': { '.': {}, 'f:emptyDir': {}, 'f:name': {} } },
              },
            },
          },
        },
      },
    ])
  })

  test('moves what is changed to who changed it, and takes what is removed from all', () => {
    const s = server()
    s.update('one', configMap({ a: '1', b: '2', c: '3' }))
    s.change('two', (draft) => {
      draft['data'] = { a: 'x', b: '2', d: '4' }
    })
    expect(s.entry('one')).toMatchObject({ time: at(1), fieldsV1: { 'f:data': { '.': {}, 'f:b': {} } } })
    expect(s.entry('two')).toMatchObject({ time: at(2), fieldsV1: { 'f:data': { 'f:a': {}, 'f:d': {} } } })
  })

  test('merges the writes of one manager in one entry', () => {
    const s = server()
    s.update('one', configMap({ a: '1' }))
    s.change('two', (draft) => Object.assign(draft['data'] as object, { b: '2' }))
    s.change('two', (draft) => Object.assign(draft['data'] as object, { c: '3' }))
    expect(s.entry('two')).toMatchObject({ time: at(3), fieldsV1: { 'f:data': { 'f:b': {}, 'f:c': {} } } })
    expect(s.entries()).toHaveLength(2)
  })

  test('keeps apart what is written through a subresource', () => {
    const s = server()
    s.update('m', { ...deployment({ replicas: 1 }), status: {} })
    s.change(
      'm',
      (draft) => Object.assign(draft, { status: { replicas: 1, conditions: [{ type: 'Available', status: 'True' }] } }),
      'status',
    )
    expect(s.entries().map(({ subresource }) => subresource)).toEqual([undefined, 'status'])
    expect(s.entries()[1]?.fieldsV1).toEqual({
      'f:status': {
        'f:conditions': { '.': {}, 'k:{"type":"Available"}': { '.': {}, 'f:status': {}, 'f:type': {} } },
        'f:replicas': {},
      },
    })
  })

  test('answers the very list when nothing changes', () => {
    const s = server()
    const live = s.update('one', configMap({ a: '1' }))
    const write = { live, manager: 'two', apiVersion: 'v1', time: at(9), type: typeOf(live) }
    expect(updateManagedFields({ ...write, next: structuredClone(live) })).toBe(live.metadata.managedFields)
    const bumped = { ...live, metadata: { ...live.metadata, resourceVersion: '7', generation: 2 } }
    expect(updateManagedFields({ ...write, next: bumped })).toBe(live.metadata.managedFields)
  })

  test('forgets owners on request, and tells none again until the first apply', () => {
    const s = server()
    s.update('one', configMap({ a: '1' }))
    s.change('one', (draft) => {
      draft.metadata.managedFields = [{}]
    })
    expect(s.entries()).toEqual([])
    s.change('one', (draft) => Object.assign(draft['data'] as object, { b: '2' }))
    expect(s.entries()).toEqual([])
    s.apply('two', configMap({ c: '3' }))
    expect(s.entries().map(({ manager, operation }) => [manager, operation])).toEqual([
      ['two', 'Apply'],
      ['before-first-apply', 'Update'],
    ])
    expect(s.entry('before-first-apply')?.fieldsV1).toEqual({ 'f:data': { '.': {}, 'f:a': {}, 'f:b': {} } })
  })

  const unreadable: [why: string, managedFields: ManagedFieldsEntry[]][] = [
    ['without operation', [{ manager: 'm', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: {} }]],
    ['of another type', [{ manager: 'm', operation: 'Update', apiVersion: 'v1', fieldsType: 'V2', fieldsV1: {} }]],
    [
      'malformed',
      [{ manager: 'm', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { x: {} } }],
    ],
  ]
  for (const [why, managedFields] of unreadable) {
    test(`keeps the owners it knows when those sent are ${why}`, () => {
      const s = server()
      const before = s.update('one', configMap({ a: '1' })).metadata.managedFields
      s.change('two', (draft) => {
        draft.metadata.managedFields = managedFields
      })
      expect(s.entries()).toEqual(before)
    })
  }

  test('takes owners that are sent and readable', () => {
    const s = server()
    s.update('one', configMap({ a: '1' }))
    s.change('two', (draft) => {
      draft.metadata.managedFields =
        draft.metadata.managedFields?.map((entry) => ({ ...entry, manager: 'renamed' })) ?? []
    })
    expect(s.entries().map(({ manager }) => manager)).toEqual(['renamed'])
  })

  test.each(['a/b/c', '//v1'])('forgets all owners when those sent name the version %s', (apiVersion) => {
    const s = server()
    s.update('one', configMap({ a: '1' }))
    s.change('two', (draft) => {
      draft.metadata.managedFields = [
        ...(draft.metadata.managedFields ?? []),
        {
          manager: 'm',
          operation: 'Update',
          apiVersion,
          fieldsType: 'FieldsV1',
          fieldsV1: { 'f:data': { 'f:a': {} } },
        },
      ]
    })
    expect(s.entries()).toEqual([])
  })

  test('gathers the oldest updates when there are more than ten', () => {
    const s = server()
    s.update('m0', configMap({ k0: '' }))
    for (let i = 1; i < 13; i++) s.change(`m${i}`, (draft) => Object.assign(draft['data'] as object, { [`k${i}`]: '' }))
    expect(s.entries()).toHaveLength(10)
    expect(s.entry('ancient-changes')).toMatchObject({
      operation: 'Update',
      fieldsV1: { 'f:data': { '.': {}, 'f:k0': {}, 'f:k1': {}, 'f:k2': {}, 'f:k3': {} } },
    })
    expect(s.entry('m4')).toBeDefined()
  })

  test('never owns what names the object', () => {
    const s = server()
    s.update('m', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', generateName: 'a-', finalizers: ['x/y'] },
    })
    expect(s.entry('m')?.fieldsV1).toEqual({
      'f:metadata': { 'f:finalizers': { '.': {}, 'v:"x/y"': {} }, 'f:generateName': {} },
    })
  })

  test('owns lists with duplicate keys as a whole', () => {
    const s = server()
    s.update(
      'm',
      containers({
        name: 'c',
        env: [
          { name: 'A', value: '1' },
          { name: 'A', value: '2' },
        ],
      }),
    )
    expect(s.entry('m')?.fieldsV1).toMatchObject({
      'f:spec': {
        'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"c"}': { 'f:env': { 'k:{"name":"A"}': {} } } } } },
      },
    })
  })
})
