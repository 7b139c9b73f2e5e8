import { describe, expect, test } from 'vitest'
import { catalog } from '../../../api/catalog.ts'
import type { KubeObject } from '../../../meta/types.ts'
import { builtinResources } from '../../registry/served-resource.ts'
import { StoredObject } from '../../registry/stored-object.ts'
import { bookmarkFrame } from '../../watchcache/watch-frame.ts'
import { frameEncoder, protobuf } from './encode.ts'
import { encodeAnswer } from './encode-answer.ts'
import { negotiate } from './negotiate.ts'

const resources = builtinResources(catalog)
const META = 'g=meta.k8s.io;v=v1'
const contextOf = (accept: string, key?: string) => ({
  form: negotiate(accept),
  includeObject: 'Metadata' as const,
  now: 0,
  ...(key === undefined ? {} : { resource: resources.need(key) }),
})

/** The object in a bookmark of a resource. */
function bookmarked(key: string, accept: string): object {
  const resource = resources.need(key)
  const line = frameEncoder(resource, contextOf(accept, key))(bookmarkFrame(resource, 7)).toString()
  return (JSON.parse(line) as { object: object }).object
}

describe('the object of a bookmark', () => {
  const metadata = { resourceVersion: '7' }
  const template = { metadata: {}, spec: { containers: null } }
  const cases: [key: string, rest: object][] = [
    ['v1/configmaps', {}],
    ['v1/pods', { spec: { containers: null }, status: {} }],
    ['v1/services', { spec: {}, status: { loadBalancer: {} } }],
    ['apps/v1/deployments', { spec: { replicas: 0, selector: null, template, strategy: {} }, status: {} }],
    ['batch/v1/jobs', { spec: { template }, status: {} }],
    ['rbac.authorization.k8s.io/v1/roles', { rules: null }],
  ]
  test.each(cases)('has what none of its kind can be without: %s', (key, rest) => {
    const { apiVersion, kind } = resources.need(key)
    expect(bookmarked(key, 'application/json')).toEqual({ apiVersion, kind, metadata, ...rest })
  })

  test('is metadata alone to who wants no more', () => {
    const alone = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata }
    expect(bookmarked('apps/v1/daemonsets', `application/json;as=PartialObjectMetadata;${META}`)).toEqual(alone)
  })
})

describe('metadata alone', () => {
  const accept = `application/json;as=PartialObjectMetadata;${META}`
  const text = (answer: Parameters<typeof encodeAnswer>[0], accepted: string, key?: string) =>
    (encodeAnswer(answer, contextOf(accepted, key)).body as Buffer).toString()

  const annotated = (apiVersion: string, kind: string, annotations: Record<string, string>) =>
    new StoredObject({ apiVersion, kind, metadata: { name: 'a', annotations } } as KubeObject, 1)
  const cases: [apiVersion: string, kind: string, hidden: string][] = [
    ['apps/v1', 'DaemonSet', 'deprecated.daemonset.template.generation'],
    ['autoscaling/v1', 'HorizontalPodAutoscaler', 'autoscaling.alpha.kubernetes.io/metrics'],
  ]
  test.each(cases)('of %s, %s lacks what is a field inside', (apiVersion, kind, hidden) => {
    const object = annotated(apiVersion, kind, { [hidden]: '1', own: '2' })
    const shown = JSON.parse(text({ form: 'object', code: 200, object }, accept)) as KubeObject
    expect(shown.metadata.annotations).toEqual({ own: '2' })
    const only = annotated(apiVersion, kind, { [hidden]: '1' })
    expect(text({ form: 'object', code: 200, object: only }, accept)).not.toContain('annotations')
  })

  const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', metadata: {}, spec: {} }
  test('is all there is of a review', () => {
    const answer = { form: 'plain', code: 201, object: review } as const
    expect(JSON.parse(text(answer, accept))).toEqual({
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: {},
    })
    expect(() => text(answer, accept.replace('Metadata', 'MetadataList'))).toThrow(
      'you requested PartialObjectMetadataList, but the requested object is not a list (*authorization.SelfSubjectAccessReview)',
    )
  })

  test('is not of a Status, which is told as it is', () => {
    const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' }
    const { body } = encodeAnswer(
      { form: 'plain', code: 200, object: status },
      contextOf(accept.replace('json', 'vnd.kubernetes.protobuf')),
    )
    expect(protobuf.decode(body as Buffer)).toMatchObject({ kind: 'Status', status: 'Success' })
  })
})
