import { describe, expect, test } from 'vitest'
import { schemaOf, typeKeyOf } from '../../api/schemas.ts'
import { ApiError } from '../../meta/errors.ts'
import type { KubeObject, ManagedFieldsEntry } from '../../meta/types.ts'
import { applyConfiguration, managerOf, updateManagedFields, type ApplyWrite } from './field-manager.ts'

type Thing = KubeObject & { [key: string]: unknown }

const typeOf = (object: KubeObject) => ({
  key: typeKeyOf(object.apiVersion ?? '', object.kind ?? ''),
  lookup: schemaOf,
})
const at = (second: number) => `2026-01-01T00:00:${String(second).padStart(2, '0')}Z`

/** An API server of one object: keeps what is written, as the verbs will. */
function server(start?: Thing) {
  let live: Thing | undefined = start
  let second = 0
  const store = (object: object, managedFields: readonly object[]) => {
    const { managedFields: _, ...metadata } = (object as Thing).metadata
    live = structuredClone({
      ...object,
      metadata: { uid: 'u', ...metadata, ...(managedFields.length === 0 ? {} : { managedFields }) },
    }) as Thing
    return live
  }
  return {
    get live() {
      return live
    },
    entries: () => (live?.metadata.managedFields ?? []) as ManagedFieldsEntry[],
    entry: (manager: string) => live?.metadata.managedFields?.find((entry) => entry.manager === manager),
    /** What the server itself fills in: no manager's doing. */
    complete(filled: Thing) {
      live = { ...filled, metadata: { ...filled.metadata, ...live?.metadata } }
    },
    update(manager: string, next: Thing, subresource?: string) {
      const sub = subresource === undefined ? {} : { subresource }
      const write = {
        live,
        next,
        manager,
        apiVersion: next.apiVersion ?? '',
        time: at(++second),
        type: typeOf(next),
        ...sub,
      }
      return store(next, updateManagedFields(write))
    },
    change(manager: string, change: (draft: Thing) => void, subresource?: string) {
      const draft = structuredClone(live) as Thing
      change(draft)
      return this.update(manager, draft, subresource)
    },
    apply(manager: string, applied: Thing, options: Partial<ApplyWrite> = {}) {
      const write = { live, applied, manager, apiVersion: applied.apiVersion ?? '', time: at(++second), force: false }
      const done = applyConfiguration({ ...write, type: typeOf(applied), ...options })
      store(done.object, done.managedFields)
      return done
    },
  }
}

const configMap = (data: object, metadata: object = {}): Thing => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', ...metadata },
  data,
})
const deployment = (spec: object): Thing => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd' },
  spec,
})
const containers = (...list: object[]) => deployment({ template: { spec: { containers: list } } })

function failure(act: () => unknown): ApiError {
  try {
    act()
  } catch (error) {
    if (error instanceof ApiError) return error
    throw error
  }
  throw new Error('no failure')
}

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
    ['empty', []],
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

describe('applyConfiguration()', () => {
  test('creates, and owns what it applied', () => {
    const s = server()
    const done = s.apply('m', containers({ name: 'c', image: 'i', ports: [{ containerPort: 80 }] }))
    expect(done.object).toEqual(containers({ name: 'c', image: 'i', ports: [{ containerPort: 80 }] }))
    expect(s.entries()).toEqual([
      {
        manager: 'm',
        operation: 'Apply',
        apiVersion: 'apps/v1',
        time: at(1),
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:spec': {
            'f:template': {
              'f:spec': {
                'f:containers': {
                  'k:{"name":"c"}': {
                    '.': {},
                    'f:image': {},
                    'f:name': {},
                    'f:ports': {
                      'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} },
                    },
                  },
                },
              },
            },
          },
        },
      },
    ])
  })

  test('removes what it no longer applies, keeps what others set', () => {
    const s = server()
    s.apply('m', configMap({ x: '1', y: '2' }))
    s.change('u', (draft) => Object.assign(draft['data'] as object, { other: 'kept' }))
    s.apply('m', configMap({ z: '3' }))
    expect(s.live?.['data']).toEqual({ other: 'kept', z: '3' })
    expect(s.entry('m')?.fieldsV1).toEqual({ 'f:data': { 'f:z': {} } })
  })

  test('keeps a field that another applier also applied', () => {
    const s = server()
    s.apply('m1', configMap({ x: '1', y: '2' }))
    s.apply('m2', configMap({ x: '1' }))
    s.apply('m1', configMap({ y: '2' }))
    expect(s.live?.['data']).toEqual({ x: '1', y: '2' })
    s.apply('m2', configMap({}))
    expect(s.live?.['data']).toEqual({ y: '2' })
  })

  test('removes a struct with what was defaulted in it, but not with what others set in it', () => {
    const probe = (livenessProbe: object) => containers({ name: 'c', image: 'i', livenessProbe })
    const s = server()
    s.apply('m', probe({ periodSeconds: 5 }))
    s.complete(probe({ periodSeconds: 5, timeoutSeconds: 1 }))
    const { live } = s
    s.apply('m', containers({ name: 'c', image: 'i' }))
    expect(s.live?.['spec']).toEqual(containers({ name: 'c', image: 'i' })['spec'])

    const other = server(live)
    other.change('u', (draft) => Object.assign(draft, { spec: probe({ periodSeconds: 5, timeoutSeconds: 9 })['spec'] }))
    other.apply('m', containers({ name: 'c', image: 'i' }))
    expect(other.live?.['spec']).toEqual(probe({ timeoutSeconds: 9 })['spec'])
  })

  test('keeps what others set when it drops its last field beside it', () => {
    const s = server()
    s.apply('m', configMap({ x: '1' }, { labels: { mine: 'x' } }))
    s.change('u', (draft) => {
      draft['data'] = { x: '1', other: '2' }
      draft.metadata.labels = { mine: 'x', other: 'y' }
    })
    const { data: _, ...nothing } = configMap({})
    s.apply('m', nothing)
    expect(s.live).toMatchObject({ metadata: { name: 'a', labels: { other: 'y' } }, data: { other: '2' } })
    expect(s.live?.metadata.labels).not.toHaveProperty('mine')
    expect(s.entry('m')).toBeUndefined()
  })

  test('merges lists by key, values of sets, and takes atomic lists whole', () => {
    const s = server()
    s.apply('m1', {
      ...containers({ name: 'a' }, { name: 'b', args: ['x'] }),
      metadata: { name: 'd', finalizers: ['o/1'] },
    })
    s.apply('m2', {
      ...containers({ name: 'c' }, { name: 'a', command: ['z'] }),
      metadata: { name: 'd', finalizers: ['o/2'] },
    })
    expect(s.live?.metadata.finalizers).toEqual(['o/1', 'o/2'])
    expect(s.live?.['spec']).toEqual(
      containers({ name: 'c' }, { name: 'a', command: ['z'] }, { name: 'b', args: ['x'] })['spec'],
    )
  })

  test('names the one conflict', () => {
    const s = server()
    s.update('kubectl-client-side-apply', deployment({ replicas: 1 }))
    const error = failure(() => s.apply('m', deployment({ replicas: 2 })))
    expect(error.status).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message: 'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using apps/v1: .spec.replicas',
      details: {
        causes: [
          {
            reason: 'FieldManagerConflict',
            message: 'conflict with "kubectl-client-side-apply" using apps/v1',
            field: '.spec.replicas',
          },
        ],
      },
    })
  })

  test('names every conflict by manager, with its subresource', () => {
    const s = server()
    s.apply('m1', deployment({ replicas: 1, template: { spec: { containers: [{ name: 'c', image: 'a' }] } } }))
    s.change('hpa', (draft) => Object.assign(draft['spec'] as object, { minReadySeconds: 5 }), 'scale')
    const wish = deployment({
      replicas: 2,
      minReadySeconds: 6,
      template: { spec: { containers: [{ name: 'c', image: 'b' }] } },
    })
    expect(failure(() => s.apply('m2', wish)).message).toBe(
      'Apply failed with 3 conflicts: conflicts with "hpa" with subresource "scale" using apps/v1:\n' +
        '- .spec.minReadySeconds\nconflicts with "m1":\n- .spec.replicas\n' +
        '- .spec.template.spec.containers[name="c"].image',
    )
    s.apply('m2', wish, { force: true })
    expect(s.live?.['spec']).toEqual(wish['spec'])
    expect(s.entry('hpa')).toBeUndefined()
    expect(s.entry('m1')?.fieldsV1).toEqual({
      'f:spec': { 'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"c"}': { '.': {}, 'f:name': {} } } } } },
    })
  })

  test('shares a field that is applied with the same value', () => {
    const s = server()
    s.update('u', configMap({ a: '1' }))
    s.apply('m', configMap({ a: '1' }))
    expect(s.entries().map(({ manager }) => manager)).toEqual(['m', 'u'])
    expect(s.entry('m')?.fieldsV1).toEqual({ 'f:data': { 'f:a': {} } })
  })

  test('changes nothing the second time, not even the time', () => {
    const s = server()
    s.apply('m', containers({ name: 'c', image: 'i' }))
    const before = s.live
    const again = s.apply('m', containers({ name: 'c', image: 'i' }))
    expect(again.unchanged).toBe(true)
    expect(again.managedFields).toBe(before?.metadata.managedFields)
    expect(s.live).toEqual(before)
  })

  test('lets kubectl take over what its client-side apply set, and keeps its annotation up to date', () => {
    const applied = configMap({ a: '1', b: '2' })
    const text = `${JSON.stringify(applied)}\n`
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': text }
    const s = server()
    s.update('kubectl-client-side-apply', configMap({ a: '1', b: '2' }, { annotations }))
    s.change('edit', (draft) => Object.assign(draft['data'] as object, { b: 'x' }))
    expect(failure(() => s.apply('kubectl', configMap({ a: '9', b: '9' }))).message).toBe(
      'Apply failed with 1 conflict: conflict with "edit" using v1: .data.b',
    )
    expect(failure(() => s.apply('other', configMap({ a: '9' }))).message).toContain('kubectl-client-side-apply')
    s.apply('kubectl', configMap({ a: '9' }))
    expect(s.live?.['data']).toEqual({ a: '9', b: 'x' })
    expect(s.live?.metadata.annotations).toEqual({
      'kubectl.kubernetes.io/last-applied-configuration': `${JSON.stringify(configMap({ a: '9' }))}\n`,
    })
    expect(s.entry('kubectl')).toMatchObject({ operation: 'Apply', fieldsV1: { 'f:data': { 'f:a': {} } } })
  })

  test('ignores status where it cannot be written', () => {
    const s = server()
    s.apply('m', { ...deployment({ replicas: 1 }), status: { replicas: 5 } })
    expect(s.entry('m')?.fieldsV1).toEqual({ 'f:spec': { 'f:replicas': {} } })
  })

  const refused: [why: string, applied: Thing, code: number, message: string][] = [
    ['managedFields', configMap({}, { managedFields: [] }), 400, 'metadata.managedFields must be nil'],
    [
      'unknown fields',
      { ...deployment({ bogus: 1 }), metadata: { name: 'd', namespace: 'n' } },
      500,
      'failed to create typed patch object (n/d; apps/v1, Kind=Deployment): .spec.bogus: field not declared in schema',
    ],
    [
      'duplicates',
      containers({ name: 'c', env: [{ name: 'A' }, { name: 'A' }] }),
      500,
      'failed to create typed patch object (/d; apps/v1, Kind=Deployment): ' +
        '.spec.template.spec.containers[name="c"].env: duplicate entries for key [name="A"]',
    ],
    [
      'items without their key',
      containers({ image: 'i' }),
      500,
      'failed to create typed patch object (/d; apps/v1, Kind=Deployment): .spec.template.spec.containers: element 0: ' +
        'associative list with keys has an element that omits key field "name" (and doesn\'t have default value)',
    ],
  ]
  for (const [why, applied, code, message] of refused) {
    test(`refuses ${why}`, () => {
      const error = failure(() => server().apply('m', applied))
      expect([error.code, error.message]).toEqual([code, message])
    })
  }

  test('refuses a configuration of another version', () => {
    const error = failure(() => server().apply('m', deployment({}), { apiVersion: 'apps/v2' }))
    expect(error.message).toBe(
      'Incorrect version specified in apply patch. Specified patch version: apps/v1, expected: apps/v2',
    )
  })
})
