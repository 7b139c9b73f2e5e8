import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { resourceFacts } from '../../../api/generated/resources.ts'
import { atOnce } from '../../../base/async/steps.ts'
import { createDiscovery } from '../discovery.ts'
import type { DiscoveryRequest } from '../document.ts'
import type { DiscoveredResource } from '../groups.ts'
import { groupsOf } from '../groups.ts'
import { openApiV2 } from './documents.ts'
import { documentParts } from './parts.ts'
import { ProtobufReader } from '../../../wire/protobuf/reader.ts'
import type { OpenApiSchema } from './definitions.ts'
import { swaggerProtobuf } from './proto-v2.ts'

const thing: DiscoveredResource = {
  group: 'example.com',
  version: 'v1',
  resource: 'things',
  singular: 'thing',
  kind: 'Thing',
  type: '',
  namespaced: true,
  shortNames: [],
  categories: [],
  verbs: ['get', 'list', 'create', 'patch'],
  subresources: [],
  openApiSchema: {
    type: 'object',
    properties: { spec: { type: 'object', properties: { size: { type: 'integer', nullable: true, anyOf: [{}] } } } },
  },
}
const version = { major: '1', minor: '36', gitVersion: 'v1.36.0', platform: 'linux/amd64' }
const options = {
  version: { ...version, gitCommit: '', gitTreeState: '', buildDate: '', goVersion: '', compiler: '' },
  serverAddress: '127.0.0.1:6443',
  clock: { now: () => Date.UTC(2026, 0, 2, 3, 4, 5) },
  issuer: { issuer: 'https://issuer', keys: [] },
}
const resources = [...Object.values(resourceFacts), thing]
const discovery = createDiscovery(resources, options)

interface Document {
  paths: Record<string, Record<string, OpenApiSchema & { parameters: { name: string }[] }>>
  components: { schemas: Record<string, OpenApiSchema & { properties: Record<string, OpenApiSchema> }> }
  parameters: Record<string, OpenApiSchema>
  definitions: Record<string, OpenApiSchema & { properties: Record<string, OpenApiSchema> }>
}
const get = async (request: DiscoveryRequest): Promise<Document> => {
  const answer = await discovery.respond(request)
  return JSON.parse(answer?.body.toString() ?? 'null') as Document
}

/** Every `$ref` anywhere within; a property may be called that too. */
function refsOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? [inner] : refsOf(inner),
  )
}

/** What stands in these fields, one inside the other, of a protobuf message. */
function at(message: Buffer, ...[number, ...inside]: number[]): Buffer[] {
  const reader = new ProtobufReader(message)
  const found: Buffer[] = []
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === number! * 8 + 2) found.push(reader.bytes())
    else reader.skip(tag & 7)
  }
  return inside.length === 0 ? found : found.flatMap((inner) => at(inner, ...inside))
}

describe('OpenAPI version 3', () => {
  test('has a document for each group and version, and the index names it', async () => {
    const { paths } = await get({ path: '/openapi/v3' })
    const entries = Object.entries(paths) as unknown as [string, { serverRelativeURL: string }][]
    expect(entries.length).toBeGreaterThan(20)
    for (const [path, { serverRelativeURL }] of entries) {
      expect(serverRelativeURL).toMatch(/^\/openapi\/v3\/[a-z.].*\?hash=[0-9A-F]{128}$/)
      const { components, paths: own } = await get({ path: `/openapi/v3/${path}` })
      const known = new Set(Object.keys(components.schemas).map((name) => `#/components/schemas/${name}`))
      expect(refsOf({ components, own }).filter((ref) => !known.has(ref))).toEqual([])
    }
  })

  test('tells of discovery, too, in documents of their own', async () => {
    const { paths } = await get({ path: '/openapi/v3' })
    const own = ['.well-known/openid-configuration', 'api', 'apis', 'apis/apps', 'openid/v1/jwks', 'version']
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(own))
    const group = await get({ path: '/openapi/v3/apis/apps' })
    expect(group.paths['/apis/apps/']?.get).toMatchObject({ operationId: 'getAppsAPIGroup', tags: ['apps'] })
    expect(Object.keys(group.components.schemas)).toContain('io.k8s.apimachinery.pkg.apis.meta.v1.APIGroup')
    const version = await get({ path: '/openapi/v3/apis/apps/v1' })
    expect(version.paths['/apis/apps/v1/']?.get).toMatchObject({ operationId: 'getAppsV1APIResources' })
    expect(Object.keys((await get({ path: '/openapi/v2' })).paths)).toEqual(
      expect.arrayContaining(['/version/', '/api/', '/api/v1/', '/apis/', '/apis/apps/', '/apis/apps/v1/']),
    )
  })

  test('describes fields whose value is an object', async () => {
    const { components } = await get({ path: '/openapi/v3/api/v1' })
    const fields = components.schemas['io.k8s.api.core.v1.Container']!.properties
    const undescribed = Object.entries(fields).filter(([, { description }]) => (description ?? '') === '')
    expect(undescribed.map(([name]) => name)).toEqual([])
  })

  test('tells what kubectl looks for: kinds of paths, and what a patch takes', async () => {
    const { paths } = await get({ path: '/openapi/v3/apis/apps/v1' })
    const item = paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}']!
    expect(item.patch!['x-kubernetes-group-version-kind']).toEqual({ group: 'apps', version: 'v1', kind: 'Deployment' })
    const names = item.patch!.parameters.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['dryRun', 'fieldManager', 'fieldValidation', 'force']))
    const list = paths['/apis/apps/v1/deployments']!.get!
    expect(list).toMatchObject({ 'x-kubernetes-action': 'list', operationId: 'listAppsV1DeploymentForAllNamespaces' })
    expect(paths['/apis/apps/v1/namespaces/{namespace}/deployments']!.delete).toMatchObject({
      operationId: 'deleteAppsV1CollectionNamespacedDeployment',
    })
    const scale = paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale']!.get!
    expect(scale['x-kubernetes-group-version-kind']).toMatchObject({ group: 'autoscaling', kind: 'Scale' })
  })

  test('tells of the old paths of watches, and of connections', async () => {
    const { paths, components } = await get({ path: '/openapi/v3/api/v1' })
    const watch = paths['/api/v1/watch/namespaces/{namespace}/pods/{name}']!
    expect(watch.get).toMatchObject({ operationId: 'watchCoreV1NamespacedPod', 'x-kubernetes-action': 'watch' })
    expect(paths['/api/v1/watch/pods']!.get).toMatchObject({
      operationId: 'watchCoreV1PodListForAllNamespaces',
      'x-kubernetes-action': 'watchlist',
    })
    const exec = paths['/api/v1/namespaces/{namespace}/pods/{name}/exec'] as unknown as Record<string, OpenApiSchema>
    expect(exec['post']).toMatchObject({ operationId: 'connectCoreV1PostNamespacedPodExec' })
    expect(JSON.stringify(exec['parameters'])).toContain('"command"')
    const proxy = Object.keys(paths['/api/v1/nodes/{name}/proxy/{path}']!)
    expect(proxy).toEqual(['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'parameters'])
    const { schemas } = components
    expect(schemas['io.k8s.apimachinery.pkg.apis.meta.v1.WatchEvent']).toMatchObject({
      'x-kubernetes-group-version-kind': [{ group: '', kind: 'WatchEvent', version: 'v1' }],
    })
    expect(schemas['io.k8s.api.core.v1.SeccompProfile']!['x-kubernetes-unions']).toEqual([
      { discriminator: 'type', 'fields-to-discriminateBy': { localhostProfile: 'LocalhostProfile' } },
    ])
  })

  test('says how lists merge, and what fields are for', async () => {
    const { schemas } = (await get({ path: '/openapi/v3/api/v1' })).components
    expect(schemas['io.k8s.api.core.v1.Container']!.properties.ports).toMatchObject({
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['containerPort', 'protocol'],
      'x-kubernetes-patch-merge-key': 'containerPort',
      'x-kubernetes-patch-strategy': 'merge',
      description: expect.stringContaining('List of ports') as string,
    })
    expect(schemas['io.k8s.api.core.v1.Pod']).toMatchObject({
      'x-kubernetes-group-version-kind': [{ group: '', version: 'v1', kind: 'Pod' }],
      properties: { spec: { allOf: [{ $ref: '#/components/schemas/io.k8s.api.core.v1.PodSpec' }] } },
    })
  })
})

describe('OpenAPI version 3 for clients that keep documents', () => {
  const path = '/openapi/v3/apis/apps/v1'
  const named = async () => {
    const { paths } = await get({ path: '/openapi/v3' })
    const { serverRelativeURL } = (paths as unknown as Record<string, { serverRelativeURL: string }>)['apis/apps/v1']!
    return serverRelativeURL.slice(serverRelativeURL.indexOf('=') + 1)
  }

  test('never changes under its hash', async () => {
    const hash = await named()
    const answer = await discovery.respond({ path, hash })
    expect(answer).toMatchObject({ status: 200, headers: { etag: `"${hash}"` } })
    expect(answer?.headers).toMatchObject({
      'cache-control': 'public, immutable',
      expires: 'Sat, 02 Jan 2027 03:04:05 UTC',
    })
    expect(await discovery.respond({ path, ifNoneMatch: `"${hash}"` })).toMatchObject({ status: 304 })
  })

  test('says since when it is so, which goes behind its tag', async () => {
    const since = 'Fri, 02 Jan 2026 03:04:05 GMT'
    expect((await discovery.respond({ path }))?.headers).toMatchObject({ 'last-modified': since })
    const cases = [
      { ifModifiedSince: since, status: 304 },
      { ifModifiedSince: 'Fri, 02 Jan 2026 03:04:04 GMT', status: 200 },
      { ifModifiedSince: since, ifNoneMatch: '"OLD"', status: 200 },
      { ifModifiedSince: 'whenever', status: 200 },
    ]
    for (const { status, ...known } of cases) expect((await discovery.respond({ path, ...known }))?.status).toBe(status)
  })

  test('sends the parts of a document that are asked for, if it is still the one that is meant', async () => {
    const path = '/openapi/v3/apis/apps/v1'
    const etag = (await discovery.respond({ path }))?.headers['etag']
    const bytes = async (request: Omit<DiscoveryRequest, 'path'>) => {
      const { status, headers, body } = (await discovery.respond({ path, ...request }))!
      return [status, headers['content-range']?.replace(/\/\d+$/, ''), body.length < 20 ? body.toString() : 'all']
    }
    expect(await bytes({ range: 'bytes=0-9' })).toEqual([206, 'bytes 0-9', '{"openapi"'])
    expect(await bytes({ range: 'bytes=0-9', ifRange: etag })).toEqual([206, 'bytes 0-9', '{"openapi"'])
    expect(await bytes({ range: 'bytes=0-9', ifRange: '"other"' })).toEqual([200, undefined, 'all'])
    expect((await bytes({ range: 'bytes=99999999-' })).slice(0, 2)).toEqual([416, 'bytes *'])
    expect(await bytes({ range: 'lines=0-1' })).toEqual([416, undefined, 'invalid range\n'])
    expect(await bytes({ ifMatch: '"other"' })).toEqual([412, undefined, ''])
    expect(await bytes({ ifMatch: etag })).toEqual([200, undefined, 'all'])
    expect(await bytes({ ifUnmodifiedSince: 'Mon, 02 Jan 2006 15:04:05 GMT' })).toEqual([412, undefined, ''])
  })

  test('leads from an old hash to the new one', async () => {
    const headers = { location: `${path}?hash=${await named()}` }
    expect(await discovery.respond({ path, hash: 'OLD' })).toMatchObject({ status: 301, headers })
  })

  test('may change where no hash is asked for, and has one form for each reader', async () => {
    const answer = await discovery.respond({ path })
    expect(answer?.headers).not.toHaveProperty('cache-control')
    expect(answer?.headers.vary).toBe('Accept')
    expect(await discovery.respond({ path, accept: 'text/plain' })).toMatchObject({ status: 406 })
  })

  for (const spec of ['v3@v1.0', 'v3.v1.0']) {
    test(`has the same in protobuf, as ${spec}`, async () => {
      const accept = `application/com.github.proto-openapi.spec.${spec}+protobuf`
      const { body, headers } = (await discovery.respond({ path, accept }))!
      expect(headers['content-type']).toBe('application/com.github.proto-openapi.spec.v3.v1.0+protobuf')
      expect(body.subarray(0, 7).toString()).toBe('\n\x053.0.0')
      const { paths, components } = await get({ path })
      expect(at(body, 4, 1, 1).map(String)).toEqual(Object.keys(paths))
      expect(at(body, 5, 1, 1, 1).map(String)).toEqual(Object.keys(components.schemas))
      const item = at(body, 4, 1).find((own) => at(own, 1)[0]!.toString() === '/apis/apps/v1/deployments')!
      expect(at(item, 2, 4, 5).map(String)).toEqual(['listAppsV1DeploymentForAllNamespaces'])
      expect(at(item, 2, 13, 1, 1).map(String)).toContain('labelSelector')
      const ok = at(item, 2, 4, 8, 2).find((response) => at(response, 1)[0]!.toString() === '200')!
      expect(at(ok, 2, 1, 3, 1, 2, 1, 2, 1).map(String)).toContain(
        '#/components/schemas/io.k8s.api.apps.v1.DeploymentList',
      )
      const kind = at(body, 5, 1, 1).find((own) => at(own, 1)[0]!.toString() === 'io.k8s.api.apps.v1.Deployment')!
      expect(at(kind, 2, 1, 31, 1, 1).map(String)).toContain('status')
      expect(at(kind, 2, 1, 36, 1).map(String)).toEqual(['x-kubernetes-group-version-kind'])
    })
  }
})

describe('OpenAPI version 2', () => {
  test('has every definition that it refers to', async () => {
    const { definitions, parameters, paths } = await get({ path: '/openapi/v2', accept: 'application/json' })
    const named = (kind: string, all: object) => Object.keys(all).map((name) => `#/${kind}/${name}`)
    const known = new Set([...named('definitions', definitions), ...named('parameters', parameters)])
    expect(refsOf({ definitions, parameters, paths }).filter((ref) => !known.has(ref))).toEqual([])
    expect(Object.keys(paths).length).toBeGreaterThan(200)
  })

  test('writes parameters once that many operations take, but those that kubectl looks for in each', async () => {
    const { parameters, paths } = await get({ path: '/openapi/v2' })
    const { patch } = paths['/api/v1/namespaces/{namespace}/configmaps/{name}']!
    const own = patch!.parameters.map(({ name, ...rest }) => name ?? (rest as { $ref?: string }).$ref)
    expect(own).toEqual([
      expect.stringMatching(/^#\/parameters\/body-[\w-]{8}$/),
      'dryRun',
      expect.stringMatching(/^#\/parameters\/fieldManager-/),
      'fieldValidation',
      expect.stringMatching(/^#\/parameters\/force-/),
    ])
    expect(parameters[own[2]!.slice('#/parameters/'.length)]).toMatchObject({ name: 'fieldManager', in: 'query' })
  })

  test('has custom resources, in keywords it knows', () => {
    const { definitions } = atOnce(openApiV2(documentParts(groupsOf([thing])), '1.36'))
    expect(definitions['com.example.v1.Thing']).toMatchObject({
      'x-kubernetes-group-version-kind': [{ group: 'example.com', version: 'v1', kind: 'Thing' }],
      properties: {
        metadata: { $ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' },
        spec: { type: 'object', properties: { size: { type: 'integer' } } },
      },
    })
    expect(JSON.stringify(definitions['com.example.v1.Thing'])).not.toMatch(/nullable|anyOf/)
  })

  const accepts = [
    'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
    'application/com.github.proto-openapi.spec.v2.v1.0+protobuf,application/json;q=0.9',
  ]
  for (const accept of accepts) {
    test(`is protobuf for ${accept}`, async () => {
      const answer = await discovery.respond({ path: '/openapi/v2', accept })
      expect(answer?.headers['content-type']).toBe('application/com.github.proto-openapi.spec.v2.v1.0+protobuf')
      expect(answer?.body.subarray(0, 5).toString()).toBe('\n\x032.0')
    })
  }

  test('has the same in protobuf, field by field where kubectl looks', () => {
    const parts = documentParts(groupsOf([resourceFacts['v1/configmaps']!]))
    const bytes = atOnce(swaggerProtobuf(atOnce(openApiV2(parts, '1.36'))))
    const item = (name: string) => at(bytes, 8, 2).find((path) => at(path, 1)[0]!.toString() === name)!
    const [patch] = at(item('/api/v1/namespaces/{namespace}/configmaps/{name}'), 2, 8)
    expect(at(patch!, 8, 1, 2, 3, 4).map(String)).toContain('dryRun')
    const shared = at(bytes, 10, 1, 1).map((name) => `#/parameters/${name.toString()}`)
    expect(shared).toEqual(expect.arrayContaining(at(patch!, 8, 2, 1).map(String)))
    expect(at(patch!, 13, 1).map(String)).toEqual(['x-kubernetes-action', 'x-kubernetes-group-version-kind'])
    expect(at(patch!, 13, 2, 2).map(String)[1]).toBe('{"group":"","kind":"ConfigMap","version":"v1"}\n')
    const names = at(bytes, 9, 1, 1).map(String)
    const configMap = at(bytes, 9, 1, 2)[names.indexOf('io.k8s.api.core.v1.ConfigMap')]!
    expect(at(configMap, 22, 1).map(String)).toEqual(['object'])
    expect(at(configMap, 25, 1, 1).map(String)).toContain('binaryData')
  })

  test('is gzip for who reads that, made once', async () => {
    const path = '/openapi/v2'
    const plain = await discovery.respond({ path })
    const packed = await discovery.respond({ path, acceptEncoding: 'gzip, deflate' })
    expect(plain?.headers).toMatchObject({ vary: 'Accept-Encoding, Accept' })
    expect(plain?.headers).not.toHaveProperty('content-encoding')
    expect(packed?.headers).toMatchObject({ 'content-encoding': 'gzip', etag: plain?.headers.etag })
    expect(gunzipSync(packed!.body).equals(plain!.body)).toBe(true)
    expect((await discovery.respond({ path, acceptEncoding: 'gzip' }))?.body).toBe(packed?.body)
    const ifNoneMatch = plain?.headers.etag
    expect(await discovery.respond({ path, acceptEncoding: 'gzip', ifNoneMatch })).toMatchObject({ status: 304 })
  })

  test('is no other path', async () => {
    for (const path of ['/openapi/v2/x', '/openapi/v2/', '/openapi/']) {
      expect(await discovery.respond({ path })).toBeUndefined()
    }
    for (const path of ['/openapi/v3/api/v9', '/openapi/v3/', '/openapi/v3/api/v1/']) {
      expect(await discovery.respond({ path })).toMatchObject({ status: 404, body: Buffer.alloc(0) })
    }
  })
})
