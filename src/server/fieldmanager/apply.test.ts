import { describe, expect, test } from 'vitest'

import { type Thing, server, configMap, deployment, containers, failure, at } from './one-object.ts'

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
    s.apply('kubectl', configMap({ a: '<9>' }))
    expect(s.live?.['data']).toEqual({ a: '<9>', b: 'x' })
    expect(s.live?.metadata.annotations).toEqual({
      'kubectl.kubernetes.io/last-applied-configuration':
        '{"apiVersion":"v1","data":{"a":"\\u003c9\\u003e"},"kind":"ConfigMap","metadata":{"name":"a"}}\n',
    })
    expect(s.entry('kubectl')).toMatchObject({ operation: 'Apply', fieldsV1: { 'f:data': { 'f:a': {} } } })
  })

  test('tells no time of an owner whose apply changed nothing', () => {
    const s = server()
    s.update('m', configMap({ a: '1' }))
    s.apply('late', configMap({ a: '1' }))
    expect(s.entry('late')?.fieldsV1).toEqual({ 'f:data': { 'f:a': {} } })
    expect(s.entry('late')?.time).toBeUndefined()
    s.apply('late', configMap({ a: '2' }), { force: true })
    expect(s.entry('late')?.time).toBe(at(3))
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
  ]
  test('tells of so many duplicates that they can still be read', () => {
    const env = Array.from({ length: 40_000 }, (_, at) => ({ name: at % 2 === 0 ? 'A' : `B${at}` }))
    const { message } = failure(() => server().apply('m', containers({ name: 'c', env })))
    const told = message.split('\n').slice(1)
    expect(told.length).toBeGreaterThan(1_000)
    expect(new Set(told)).toEqual(
      new Set(['  .spec.template.spec.containers[name="c"].env: duplicate entries for key [name="A"]']),
    )
    expect(message.length).toBeLessThan(300 * 1024)
  })
  const misfits: [spec: object, fault: string][] = [
    [{ replicas: 'x' }, '.spec.replicas: expected numeric (int or float), got string'],
    [{ replicas: ['x'] }, '.spec.replicas: expected numeric (int or float), got []interface {}'],
    [{ paused: 1 }, '.spec.paused: expected boolean, got &{1}'],
    [{ paused: { b: null, a: [1] } }, '.spec.paused: expected boolean, got &{map[a:[1] b:<nil>]}'],
    [{ template: 'x' }, '.spec.template: expected map, got &{x}'],
    [
      { strategy: { type: [{ a: true, b: null }] } },
      '.spec.strategy.type: expected string, got &value.valueUnstructured' +
        '{Value:[]interface {}{map[string]interface {}{"a":true, "b":interface {}(nil)}}}',
    ],
    [
      { paused: 1, bad: 1 },
      'errors:\n  .spec.bad: field not declared in schema\n  .spec.paused: expected boolean, got &{1}',
    ],
  ]
  for (const [spec, fault] of misfits) {
    test(`refuses what does not fit: ${fault}`, () => {
      expect(failure(() => server().apply('m', deployment(spec))).message).toBe(
        `failed to create typed patch object (/d; apps/v1, Kind=Deployment): ${fault}`,
      )
    })
  }

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
