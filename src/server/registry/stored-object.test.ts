import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../meta/types.ts'
import { StoredObject, storedFrom } from './stored-object.ts'

const rules: [string, string, string, object, object][] = [
  ['a required list', 'rbac.authorization.k8s.io/v1', 'Role', { rules: [] }, { rules: null }],
  ['a map that is left out when empty', 'v1', 'ConfigMap', { data: {} }, { data: {} }],
  [
    'a list of an item',
    'rbac.authorization.k8s.io/v1',
    'Role',
    { rules: [{ verbs: [] }, { verbs: ['get'] }] },
    { rules: [{ verbs: null }, { verbs: ['get'] }] },
  ],
  [
    'a list behind a status',
    'autoscaling/v2',
    'HorizontalPodAutoscaler',
    { status: { currentMetrics: [] } },
    { status: { currentMetrics: null } },
  ],
  [
    'a list of a volume',
    'v1',
    'Pod',
    { spec: { containers: [], volumes: [{ name: 'v', projected: { sources: [] } }] } },
    { spec: { containers: null, volumes: [{ name: 'v', projected: { sources: null } }] } },
  ],
  [
    'nothing in types that contain themselves',
    'apiextensions.k8s.io/v1',
    'CustomResourceDefinition',
    { spec: { versions: [{ schema: { openAPIV3Schema: { items: { items: { required: [] } } } } }] } },
    { spec: { versions: [{ schema: { openAPIV3Schema: { items: { items: { required: [] } } } } }] } },
  ],
  [
    'a group that a reference lacks',
    'v1',
    'PersistentVolumeClaim',
    { spec: { dataSource: { kind: 'PersistentVolumeClaim', name: 'c' } } },
    { spec: { dataSource: { kind: 'PersistentVolumeClaim', name: 'c', apiGroup: null } } },
  ],
  ['nothing of a custom resource', 'example.com/v1', 'Role', { rules: [] }, { rules: [] }],
]

describe('an object that is stored', () => {
  it.each(rules)('is shown with null for %s', (_, apiVersion, kind, given, shown) => {
    const head = { apiVersion, kind, metadata: { name: 'x', resourceVersion: '7' } }
    const stored = new StoredObject({ ...head, ...given } as KubeObject, 7)
    expect(JSON.parse(stored.json().toString())).toEqual({ ...head, ...shown })
    const item = JSON.parse(`{${stored.jsonItemTail().toString()}`)
    expect(item).toEqual({ metadata: head.metadata, ...shown })
    expect(stored.object).toEqual({ ...head, ...given })
  })

  it.each(rules)('comes back from its bytes without null for %s', (_, apiVersion, kind, given) => {
    const object = { apiVersion, kind, metadata: { name: 'x', resourceVersion: '7' }, ...given } as KubeObject
    const stored = new StoredObject(object, 7)
    expect(storedFrom({ bytes: () => stored.bytes() }, 7).object).toEqual(object)
  })
})
