import { describe, expect, test } from 'vitest'
import type { KubeList, KubeObject } from '../meta/types.ts'
import type { Shape } from '../wire/schema.ts'
import type { Pod, PodList } from './generated/core-v1.ts'
import { resourceFacts } from './generated/resources.ts'
import { schemaOf, typeKeyOf, typeKeys } from './schemas.ts'

function structsIn(shape: Shape): string[] {
  if (shape.kind === 'struct') return [shape.type]
  return shape.kind === 'scalar' ? [] : structsIn(shape.of)
}

describe('schemaOf()', () => {
  test('knows every type that any field names', () => {
    const missing = typeKeys().flatMap((key) =>
      [...schemaOf(key)!.fields.values()].flatMap((field) => structsIn(field.shape)).filter((type) => !schemaOf(type)),
    )
    expect(missing).toEqual([])
  })

  test('lays embedded structs flat and keeps where they stand on the wire', () => {
    const emptyDir = schemaOf('core/v1.Volume')!.fields.get('emptyDir')!
    expect(emptyDir.embeddedIn).toEqual([2])
    expect(emptyDir.proto).toEqual({ number: 2, wire: 'bytes', repeated: false })
  })

  test('gives merge keys and list kinds', () => {
    const ports = schemaOf('core/v1.Container')!.fields.get('ports')!
    expect(ports).toMatchObject({
      patchStrategy: ['merge'],
      patchMergeKey: 'containerPort',
      listType: 'map',
      listMapKeys: ['containerPort', 'protocol'],
    })
  })

  test('answers undefined to an unknown key', () => {
    expect(schemaOf('core/v1.Nothing')).toBeUndefined()
    expect(schemaOf('constructor')).toBeUndefined()
  })

  test('has the type of every resource and subresource', () => {
    for (const resource of Object.values(resourceFacts)) {
      expect(schemaOf(resource.type)?.root).toBe(true)
      for (const sub of resource.subresources) expect(schemaOf(sub.type)?.root).toBe(true)
    }
  })
})

describe('typeKeyOf()', () => {
  const cases = [
    ['meta.k8s.io/v1beta1', 'PartialObjectMetadata', 'meta/v1.PartialObjectMetadata'],
    ['v1', 'Pod', 'core/v1.Pod'],
    ['apps/v1', 'DeploymentList', 'apps/v1.DeploymentList'],
    ['events.k8s.io/v1', 'Event', 'events/v1.Event'],
    ['v1', 'DeleteOptions', 'meta/v1.DeleteOptions'],
    ['meta.k8s.io/v1', 'Table', 'meta/v1.Table'],
    ['v1', 'PodSpec', undefined],
    ['constructor', 'Pod', undefined],
  ] as const
  for (const [apiVersion, kind, key] of cases) {
    test(`${apiVersion} ${kind} is ${key ?? 'unknown'}`, () => expect(typeKeyOf(apiVersion, kind)).toBe(key))
  }
})

test('generated kinds are objects and lists as all code knows them', () => {
  const pod = (object: Pod): KubeObject => object
  const pods = (list: PodList): KubeList<Pod> => list
  expect([pod, pods]).toHaveLength(2)
})
