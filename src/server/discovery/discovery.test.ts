import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../../meta/types.ts'
import { readEnvelope } from '../../wire/protobuf/envelope.ts'
import { resourceFacts, type ResourceFacts } from '../../api/generated/resources.ts'
import { createDiscovery } from './discovery.ts'
import type { DiscoveryRequest } from './document.ts'
import { compareVersions } from './groups.ts'

const version = {
  major: '1',
  minor: '36',
  gitVersion: 'v1.36.0',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '2026-01-01T00:00:00Z',
  goVersion: 'none',
  compiler: 'none',
  platform: 'linux/amd64',
}
const thing: ResourceFacts = {
  group: 'example.com',
  version: 'v1beta1',
  resource: 'things',
  singular: 'thing',
  kind: 'Thing',
  type: '',
  namespaced: true,
  shortNames: ['tg'],
  categories: ['all'],
  verbs: ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'],
  subresources: [],
}
const discovery = createDiscovery([...Object.values(resourceFacts), thing, { ...thing, version: 'v1' }], {
  version,
  serverAddress: '127.0.0.1:6443',
  issuer: { issuer: 'https://issuer', keys: [{ kid: 'one', alg: 'ES256', jwk: { kty: 'EC', crv: 'P-256' } }] },
  clock: { now: () => 0 },
})
const get = async (request: DiscoveryRequest) => {
  const answer = await discovery.respond(request)
  return { ...answer, json: answer === undefined ? undefined : (JSON.parse(answer.body.toString()) as unknown) }
}

describe('createDiscovery()', () => {
  test('answers /api and /apis as every client knows them', async () => {
    expect((await get({ path: '/api', accept: 'application/json, */*' })).json).toEqual({
      kind: 'APIVersions',
      versions: ['v1'],
      serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '127.0.0.1:6443' }],
    })
    const { groups } = (await get({ path: '/apis' })).json as { groups: { name: string }[] }
    expect(groups.slice(0, 2).map(({ name }) => name)).toEqual(['apiregistration.k8s.io', 'apps'])
    expect(groups.at(-1)).toEqual({
      name: 'example.com',
      versions: [
        { groupVersion: 'example.com/v1', version: 'v1' },
        { groupVersion: 'example.com/v1beta1', version: 'v1beta1' },
      ],
      preferredVersion: { groupVersion: 'example.com/v1', version: 'v1' },
    })
  })

  test('says who issues tokens, and with which keys', async () => {
    expect((await get({ path: '/.well-known/openid-configuration' })).json).toEqual({
      issuer: 'https://issuer',
      jwks_uri: 'https://127.0.0.1:6443/openid/v1/jwks',
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
    })
    const { json, headers } = await get({ path: '/openid/v1/jwks' })
    expect(json).toEqual({ keys: [{ use: 'sig', kty: 'EC', kid: 'one', alg: 'ES256', crv: 'P-256' }] })
    expect(headers?.['content-type']).toBe('application/jwk-set+json')
  })

  test('lists the resources of apps/v1, subresources after their parents', async () => {
    const { resources } = (await get({ path: '/apis/apps/v1' })).json as { resources: { name: string }[] }
    expect(resources.map(({ name }) => name)).toEqual([
      'controllerrevisions',
      'daemonsets',
      'daemonsets/status',
      'deployments',
      'deployments/scale',
      'deployments/status',
      'replicasets',
      'replicasets/scale',
      'replicasets/status',
      'statefulsets',
      'statefulsets/scale',
      'statefulsets/status',
    ])
    expect(resources[4]).toEqual({
      name: 'deployments/scale',
      singularName: '',
      namespaced: true,
      group: 'autoscaling',
      version: 'v1',
      kind: 'Scale',
      verbs: ['get', 'patch', 'update'],
    })
    expect((await get({ path: '/api/v1' })).json).toMatchObject({ kind: 'APIResourceList', groupVersion: 'v1' })
  })

  const kubectl =
    'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,' +
    'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json'
  const accepts = [
    [kubectl, 'v2'],
    [kubectl.slice(kubectl.indexOf(',') + 1), undefined],
    ['application/json;v=v2;g=apidiscovery.k8s.io;as=APIGroupDiscoveryList;q=1', 'v2'],
    ['application/json', undefined],
    ['application/json;g=apidiscovery.k8s.io;v=v3;as=APIGroupDiscoveryList,application/json', undefined],
  ] as const
  for (const [accept, spoken] of accepts) {
    test(`speaks ${spoken ?? 'the old way'} to a client that accepts ${accept.slice(0, 60)}`, async () => {
      const { headers, json } = await get({ path: '/apis', accept })
      const suffix = spoken === undefined ? '' : `;g=apidiscovery.k8s.io;v=${spoken};as=APIGroupDiscoveryList`
      expect(headers?.['content-type']).toBe(`application/json${suffix}`)
      expect(json).toMatchObject({
        apiVersion: spoken === undefined ? 'v1' : `apidiscovery.k8s.io/${spoken}`,
        kind: spoken === undefined ? 'APIGroupList' : 'APIGroupDiscoveryList',
      })
    })
  }

  test('tells of all groups at once in aggregated discovery', async () => {
    const core = (await get({ path: '/api', accept: kubectl })).json as { items: { versions: object[] }[] }
    expect(core.items).toHaveLength(1)
    const { items } = (await get({ path: '/apis', accept: kubectl })).json as { items: { metadata: object }[] }
    expect(items.at(-1)).toMatchObject({
      metadata: { name: 'example.com' },
      versions: [
        { version: 'v1', resources: [{ resource: 'things', scope: 'Namespaced', responseKind: { kind: 'Thing' } }] },
        { version: 'v1beta1', freshness: 'Current' },
      ],
    })
  })

  test('answers 304 to a client that has the document', async () => {
    const { headers } = await get({ path: '/apis', accept: kubectl })
    const ifNoneMatch = `"other", W/${headers!.etag}`
    expect(await discovery.respond({ path: '/apis', accept: kubectl, ifNoneMatch })).toMatchObject({ status: 304 })
    expect((await get({ path: '/apis' })).headers).not.toHaveProperty('etag')
  })

  const forms = [
    ['application/yaml', 'kind: APIResourceList'],
    ['application/vnd.kubernetes.protobuf', 'k8s\0'],
  ] as const
  for (const [accept, text] of forms) {
    test(`answers in ${accept}`, async () => {
      const answer = await discovery.respond({ path: '/apis/apps/v1', accept })
      expect(answer?.headers['content-type']).toBe(accept)
      expect(answer?.body.toString('latin1')).toContain(text)
    })
  }

  test.each(['/api', '/api/v1'])('answers %s, which names no version of its own, in protobuf', async (path) => {
    const accept = 'application/vnd.kubernetes.protobuf'
    const answer = await discovery.respond({ path, accept })
    expect(answer?.headers['content-type']).toBe(accept)
    const { kind, apiVersion } = JSON.parse((await discovery.respond({ path }))?.body.toString() ?? '') as KubeObject
    expect([kind, apiVersion]).toEqual([path === '/api' ? 'APIVersions' : 'APIResourceList', undefined])
    expect(readEnvelope(answer!.body)).toMatchObject({ apiVersion: '', kind })
  })

  test('refuses a client that reads none of its forms', async () => {
    await expect(discovery.respond({ path: '/apis', accept: 'text/html' })).rejects.toThrow(/406: Not Acceptable/)
    await expect(discovery.respond({ path: '/version', accept: 'application/yaml' })).rejects.toThrow(/Not Acceptable/)
  })

  test('lists every path that it answers', async () => {
    const answers = await Promise.all(
      discovery.paths.map(async (path) => ({ path, status: (await discovery.respond({ path }))?.status })),
    )
    // Kubernetes names this path, which only begins others.
    expect(answers.filter(({ status }) => status !== 200)).toEqual([{ path: '/openapi/v3/', status: 404 }])
    expect(discovery.paths).toEqual(expect.arrayContaining(['/apis/example.com', '/apis/example.com/v1beta1']))
  })

  test('tells its version to whoever takes JSON, also when they like protobuf better', async () => {
    const accept = 'application/vnd.kubernetes.protobuf,application/json'
    expect((await get({ path: '/version', accept })).json).toEqual(version)
  })

  test('answers /version and nothing it does not know', async () => {
    expect((await get({ path: '/version' })).json).toEqual(version)
    for (const path of ['/', '/apis/none', '/apis/apps/v9', '/apis/apps/v1/deployments', '/api/v1/pods', '/healthz']) {
      expect(await discovery.respond({ path })).toBeUndefined()
    }
  })
})

test('compareVersions() puts stable before beta before alpha, and newer first', () => {
  const versions = ['foo1', 'v11alpha2', 'v1', 'v12alpha1', 'foo10', 'v3beta1', 'v2', 'v11beta2', 'v10', 'v10beta3']
  expect(versions.toSorted(compareVersions)).toEqual([
    'v10',
    'v2',
    'v1',
    'v11beta2',
    'v10beta3',
    'v3beta1',
    'v12alpha1',
    'v11alpha2',
    'foo1',
    'foo10',
  ])
})
