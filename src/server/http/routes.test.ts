import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Hostile, startHostile } from './hostile-client.ts'

const SPACE = '/api/v1/namespaces/default'
const MAPS = `${SPACE}/configmaps`
const RBAC = '/apis/rbac.authorization.k8s.io/v1/namespaces/default'

let server: Hostile
beforeAll(async () => {
  server = await startHostile()
  await ask('POST', `${SPACE}/serviceaccounts`, { metadata: { name: 'default' } })
  await ask('POST', MAPS, { metadata: { name: 'known' } })
  await ask('POST', `${SPACE}/pods`, {
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  })
})
afterAll(() => server.close())

interface Told {
  readonly status: number | 'closed'
  readonly head: string
  readonly body: string
}

async function ask(method: string, path: string, body?: object, type = 'application/json'): Promise<Told> {
  return server.ask({ method, path, ...(body === undefined ? {} : { type, body: JSON.stringify(body) }) })
}

describe('a method', () => {
  const routes: [method: string, path: string, status: number][] = [
    ['POST', '/healthz', 200],
    ['DELETE', '/livez', 200],
    ['PUT', '/apis', 200],
    ['PUT', '/version', 405],
    ['GET', '/healthz/', 404],
    ['GET', '/version/x', 404],
    ['GET', `${SPACE}/pods/p/log/x`, 404],
    ['GET', `${SPACE}/bindings/x`, 404],
    ['GET', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews/x', 404],
    ['GET', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', 405],
  ]
  test.each(routes)('%s of %s is answered with %i', async (method, path, status) => {
    expect((await ask(method, path)).status).toBe(status)
  })
})

describe('a watch', () => {
  const watched: [path: string, status: number, message: string][] = [
    ['/api/v1/componentstatuses?watch=1', 405, 'watch is not supported on resources of kind "componentstatuses"'],
    ['/api/v1/watch/componentstatuses', 404, 'the server could not find the requested resource'],
    ['/api/v1/watch/componentstatuses/etcd-0', 404, 'the server could not find the requested resource'],
  ]
  test.each(watched)('of what cannot be watched is refused: %s', async (path, status, message) => {
    const { body } = await ask('GET', path)
    expect(JSON.parse(body)).toMatchObject({ code: status, message })
  })
})

describe('a path with nothing between two slashes', () => {
  const lacks = (what: string) => `${what} must be provided`
  const NO_NAMESPACE = 'Namespace parameter required.'
  const NO_PATH = 'the server could not find the requested resource'
  const map = { metadata: { name: 'a' } }
  const refused: [method: string, path: string, body: object | undefined, status: number, message: string][] = [
    ['GET', '/api/v1/namespaces//configmaps/known', undefined, 400, NO_NAMESPACE],
    ['PUT', '/api/v1/namespaces//configmaps/known', { metadata: { name: 'known' } }, 400, NO_NAMESPACE],
    ['DELETE', '/api/v1/namespaces//configmaps/known', undefined, 400, NO_NAMESPACE],
    ['GET', '/api/v1/namespaces//pods/p/log', undefined, 400, NO_NAMESPACE],
    ['GET', '/api/v1/namespaces//status', undefined, 400, lacks('name')],
    ['GET', '/api/v1/nodes//status', undefined, 400, lacks('name')],
    ['GET', `${SPACE}/pods//log`, undefined, 400, lacks('name')],
    ['GET', '/api/v1/namespaces//nodes', undefined, 404, NO_PATH],
    ['GET', '/api/v1//pods', undefined, 404, NO_PATH],
    [
      'POST',
      '/api/v1/namespaces//configmaps',
      map,
      422,
      'ConfigMap "a" is invalid: metadata.namespace: Required value',
    ],
    // Kubernetes deletes those of all namespaces: whoever forgot a name did not mean that.
    [
      'DELETE',
      '/api/v1/namespaces//configmaps',
      undefined,
      405,
      'the server does not allow this method on the requested resource',
    ],
  ]
  test.each(refused)('%s %s', async (method, path, body, status, message) => {
    const answer = await ask(method, path, body)
    expect([answer.status, (JSON.parse(answer.body) as { message: string }).message]).toEqual([status, message])
  })

  test('lists what is in all namespaces', async () => {
    const { body } = await ask('GET', '/api/v1/namespaces//configmaps?fieldSelector=metadata.name%3Dknown')
    expect((JSON.parse(body) as { items: object[] }).items).toHaveLength(1)
  })
})

describe('a refusal', () => {
  const forms: [accept: string, type: string, begins: string][] = [
    ['application/yaml', 'application/yaml', 'apiVersion: v1\ncode: 404\n'],
    ['application/vnd.kubernetes.protobuf', 'application/vnd.kubernetes.protobuf', 'k8s\0'],
    ['application/yaml;as=Table;g=meta.k8s.io;v=v1', 'application/json', '{\n  "kind": "Status"'],
    ['application/json;as=Table;g=meta.k8s.io;v=v1,application/yaml', 'application/yaml', 'apiVersion: v1\n'],
  ]
  test.each(forms)('to a client that accepts %s is %s', async (accept, type, begins) => {
    for (const path of [`${MAPS}/none`, '/api/v1/nothings', '/api/v9']) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const { status, head, body } = await server.ask({ method: 'GET', path, headers: { accept } })
      expect([status, /content-type: (.*)/i.exec(head)?.[1]?.trim()]).toEqual([404, type])
      expect(body.startsWith(begins)).toBe(true)
    }
  })

  test('of an Event tells the group that was asked', async () => {
    const { body } = await ask('DELETE', '/apis/events.k8s.io/v1/namespaces/default/events/none')
    expect(JSON.parse(body)).toMatchObject({
      message: 'events.events.k8s.io "none" not found',
      details: { group: 'events.k8s.io' },
    })
  })

  test('of a binding without a name says so', async () => {
    const { body } = await ask('POST', `${SPACE}/bindings`, { target: { kind: 'Node', name: 'n' } })
    expect(JSON.parse(body)).toMatchObject({ code: 400, message: 'Name parameter required.' })
  })

  test('of a part that no object has comes without warnings', async () => {
    const parts = await ask('GET', `${SPACE}/endpoints/x/status`)
    const whole = await ask('GET', `${SPACE}/endpoints/x`)
    expect([parts, whole].map(({ status, head }) => [status, /^warning:/im.test(head)])).toEqual([
      [404, false],
      [404, true],
    ])
  })

  test('of a Pod comes with what there is to say of its old annotations', async () => {
    const annotations = { 'container.apparmor.security.beta.kubernetes.io/c': 'bogus' }
    const { status, head } = await ask('POST', `${SPACE}/pods`, {
      metadata: { name: 'q', annotations },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    })
    expect([status, head]).toEqual([422, expect.stringMatching(/^warning: .*deprecated since v1\.30; use the/im)])
  })

  test('of a group that nobody serves is a page, not a Status', async () => {
    const answers = await Promise.all(
      ['/apis/nope', '/apis/nope/v1', '/apis/nope/v1/x'].map((path) => ask('GET', path)),
    )
    expect(answers.map(({ status, body }) => [status, body])).toEqual(answers.map(() => [404, '404 page not found\n']))
  })
})

test.each([
  ['application/json', 'k8s\0\n', /json parse error: invalid character 'k'/],
  ['application/vnd.kubernetes.protobuf', 'k8s\0', /: empty body /],
  ['application/vnd.kubernetes.protobuf', '{}', /does not appear to be a protobuf message/],
])('a body that is no %s is refused: %j', async (type, body, fault) => {
  const answer = await server.ask({ method: 'POST', path: MAPS, type, body })
  expect([answer.status, answer.body]).toEqual([400, expect.stringMatching(fault)])
})

test.each([
  ['/statusz', 'Statusz', 'apiserver statusz', 'Paths: /flagz /healthz'],
  ['/flagz', 'Flagz', 'apiserver flagz', 'service-cluster-ip-range=10.96.0.0/16'],
])('%s is told to people and to programs', async (path, kind, title, line) => {
  const text = await ask('GET', path)
  expect(text.body).toContain(title)
  expect(text.body).toContain(line)
  const accept = `application/json;v=v1beta1;g=config.k8s.io;as=${kind}`
  const { body } = await server.ask({ method: 'GET', path, headers: { accept } })
  expect(JSON.parse(body)).toMatchObject({ kind, apiVersion: 'config.k8s.io/v1beta1', metadata: { name: 'apiserver' } })
})

describe('a request for a log', () => {
  const faults: [query: string, fault: string][] = [
    ['tailLines=-1', 'tailLines: Invalid value: -1: must be greater than or equal to 0'],
    ['limitBytes=0', 'limitBytes: Invalid value: 0: must be greater than 0'],
    ['sinceSeconds=0', 'sinceSeconds: Invalid value: 0: must be greater than 0'],
    [
      'sinceSeconds=5&sinceTime=2020-01-01T00:00:00Z',
      '[]: Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified',
    ],
    ['stream=Both', 'stream: Unsupported value: "Both": supported values: "All", "Stderr", "Stdout"'],
    ['stream=Stderr&tailLines=1', '[]: Forbidden: `tailLines` and specific `stream` are mutually exclusive for now'],
  ]
  test.each(faults)('with %s is refused', async (query, fault) => {
    const { status, body } = await ask('GET', `${SPACE}/pods/p/log?${query}`)
    expect(status).toBe(422)
    expect(JSON.parse(body)).toMatchObject({ message: `PodLogOptions "p" is invalid: ${fault}` })
  })

  test('since a time that is none is refused', async () => {
    const { status, body } = await ask('GET', `${SPACE}/pods/p/log?sinceTime=x`)
    const message = 'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"'
    expect([status, JSON.parse(body)]).toMatchObject([400, { message }])
  })
})

describe('a list', () => {
  test('is not for initial events', async () => {
    const { status, body } = await ask('GET', `${MAPS}?sendInitialEvents=true`)
    const message =
      'ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list'
    expect([status, JSON.parse(body)]).toMatchObject([422, { message }])
  })
})

describe('a write', () => {
  test.each([
    ['application/merge-patch+json', {}],
    ['application/apply-patch+yaml', { apiVersion: 'v1', kind: 'ConfigMap' }],
  ])('of another uid is refused to %s as a change', async (type, more) => {
    const patch = { ...more, metadata: { name: 'known', uid: 'x' } }
    const { status, body } = await ask('PATCH', `${MAPS}/known?fieldManager=m`, patch, type)
    const message = 'ConfigMap "known" is invalid: metadata.uid: Invalid value: "x": field is immutable'
    expect([status, JSON.parse(body)]).toMatchObject([422, { message }])
  })

  test('of another uid is refused to a replacement as a condition', async () => {
    const { status } = await ask('PUT', `${MAPS}/known`, { metadata: { name: 'known', uid: 'x' } })
    expect(status).toBe(409)
  })

  test('keeps one of the owners that are named twice, and warns', async () => {
    const owner = { apiVersion: 'v1', kind: 'Pod', name: 'x', uid: 'y' }
    const owned = { metadata: { name: 'owned', ownerReferences: [owner, owner, { ...owner, name: 'z' }] } }
    const { head, body } = await ask('POST', MAPS, owned)
    expect(JSON.parse(body)).toMatchObject({ metadata: { ownerReferences: [owner, { ...owner, name: 'z' }] } })
    expect(head).toContain('duplicate UID(s) observed: y')
  })

  test('keeps the generation that its creator gives where nothing counts', async () => {
    const { body } = await ask('POST', MAPS, { metadata: { name: 'g', generation: 5 } })
    expect(JSON.parse(body)).toMatchObject({ metadata: { generation: 5 } })
  })

  test('loses a namespace that means nothing', async () => {
    const { status, body } = await ask('POST', '/api/v1/nodes', { metadata: { name: 'n', namespace: 'default' } })
    expect([status, JSON.parse(body).metadata.namespace]).toEqual([201, undefined])
  })

  test.each([
    [`${RBAC}/roles`, {}],
    [`${SPACE}/services`, { spec: { ports: [{ port: 80 }] } }],
    [`${SPACE}/limitranges`, { spec: { limits: [] } }],
  ])('of a whole object creates it in %s', async (path, more) => {
    const { status } = await ask('PUT', `${path}/made`, { metadata: { name: 'made', resourceVersion: '5' }, ...more })
    expect(status).toBe(201)
  })

  test('is warned of unknown fields of a review, too', async () => {
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
    const asked = { spec: { bogus: 1, resourceAttributes: { verb: 'get', resource: 'pods' } } }
    expect((await ask('POST', path, asked)).head).toContain('unknown field \\"spec.bogus\\"')
    expect((await ask('POST', `${path}?fieldValidation=Strict`, asked)).status).toBe(400)
  })
})

describe('a body', () => {
  const SECRETS = `${SPACE}/secrets`
  const made = '{"metadata":{"name":"s"}}'
  const wrong =
    '"message":"json: cannot unmarshal string into Go struct field DeleteOptions.gracePeriodSeconds of type int64"'
  const bodies: [method: string, body: string, type: string, status: number, told: string][] = [
    ['DELETE', '{"dryRun":["x"]}', 'application/json', 422, 'DeleteOptions.meta.k8s.io'],
    ['DELETE', 'null', 'application/json', 200, 'SecretList'],
    ['DELETE', '{"gracePeriodSeconds":"5"}', 'application/json', 400, wrong],
    ['POST', made, ';', 415, 'the body of the request was in an unknown format'],
    ['POST', made, '', 201, '"name":"s"'],
  ]
  test.each(bodies)('of %s: %s as "%s" is answered with %s', async (method, body, type, status, told) => {
    const answer = await server.ask({ method, path: SECRETS, type, body })
    expect(answer.status).toBe(status)
    expect(answer.body).toContain(told)
  })

  test('nothing is watched of a part of an object', async () => {
    const path = '/apis/apps/v1/watch/namespaces/default/deployments/d/scale'
    expect((await ask('GET', path)).status).toBe(404)
  })
})
