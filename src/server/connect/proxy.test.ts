import { createServer, type IncomingHttpHeaders, request as httpRequest, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { listening } from '../../base/async/listening.ts'
import { type Hostile, startHostile } from '../http/hostile-client.ts'
import { forward } from './forward.ts'
import { proxyOptions } from './proxy.ts'

const SPACE = '/api/v1/namespaces/default'

describe('whom a name leads to', () => {
  let server: Hostile
  const send = (method: string, path: string, body: object) =>
    server.ask({ method, path, type: BODY_TYPES[method] ?? 'application/json', body: JSON.stringify(body) })

  async function addPod(name: string, ip: string): Promise<void> {
    const spec = { nodeName: 'far', containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 8080 }] }] }
    await send('POST', `${SPACE}/pods`, { metadata: { name }, spec })
    await send('PATCH', `${SPACE}/pods/${name}/status`, { status: { podIP: ip, podIPs: [{ ip }] } })
  }

  async function addService(name: string, ports: object[], subsets: object[] | undefined): Promise<void> {
    await send('POST', `${SPACE}/services`, { metadata: { name }, spec: { ports } })
    if (subsets !== undefined) await send('POST', `${SPACE}/endpoints`, { metadata: { name }, subsets })
  }

  beforeAll(async () => {
    server = await startHostile()
    await send('POST', `${SPACE}/serviceaccounts`, { metadata: { name: 'default' } })
    await addPod('web', '10.0.0.9')
    await addPod('own', '127.0.0.1')
    await addPod('link', '169.254.169.254')
    const targetRef = { kind: 'Pod', name: 'web', namespace: 'default' }
    const ports = [{ name: 'a', port: 8080 }]
    await addService('svc', [{ name: 'a', port: 80 }], [{ addresses: [{ ip: '10.0.0.9', targetRef }], ports }])
    await addService('forged', [{ name: 'a', port: 80 }], [{ addresses: [{ ip: '10.0.0.1', targetRef }], ports }])
    await addService('bare', [{ port: 80 }], undefined)
    for (const [name, address] of [
      ['near', '127.0.0.1'],
      ['named', 'localhost'],
    ] as const) {
      await send('POST', '/api/v1/nodes', { metadata: { name } })
      const addresses = [{ type: 'InternalIP', address }]
      await send('PATCH', `/api/v1/nodes/${name}/status`, { status: { addresses } })
    }
  })
  afterAll(() => server.close())

  test.each(['GET', 'HEAD'])(
    '%s without a path is sent to the root, below which the links of a page are',
    async (method) => {
      const { status, head } = await server.ask({ method, path: `${SPACE}/pods/web/proxy?a&b=%20` })
      expect(status).toBe(301)
      expect(head).toContain(`location: ${SPACE}/pods/web/proxy/?a&b=%20`)
      expect(head).toContain('audit-id: ')
    },
  )

  test.each(['svc:a', 'svc:80', 'http:svc:a'])('the port of a Service may be told as in %s', async (name) => {
    expect((await server.ask({ method: 'GET', path: `${SPACE}/services/${name}/proxy` })).status).toBe(301)
  })

  const refusals: [path: string, status: number, message: string][] = [
    [`${SPACE}/pods/own/proxy/`, 400, 'address not allowed'],
    [`${SPACE}/pods/link/proxy/`, 400, 'address not allowed'],
    ['/api/v1/nodes/near:8080/proxy/', 400, 'address not allowed'],
    ['/api/v1/nodes/named:8080/proxy/', 400, 'address not allowed'],
    [`${SPACE}/pods/ftp:web:80/proxy/`, 400, 'invalid pod request "ftp:web:80"'],
    [`${SPACE}/services/a:b:c:d/proxy/`, 400, 'invalid service request "a:b:c:d"'],
    ['/api/v1/nodes/:80/proxy/', 400, 'invalid node request ":80"'],
    [`${SPACE}/pods/web:99999/proxy/`, 503, 'error trying to reach service: dial tcp: address 99999: invalid port'],
    [`${SPACE}/services/svc/proxy/`, 503, 'no endpoints available for service "svc"'],
    [`${SPACE}/services/svc:b/proxy/`, 503, 'no endpoints available for service "svc:b"'],
    [`${SPACE}/services/svc:81/proxy/`, 503, 'no service port 81 found for service "svc"'],
    [`${SPACE}/services/forged:a/proxy/`, 503, 'no endpoints available for service "forged:a"'],
    [`${SPACE}/services/bare/proxy/`, 404, 'services "bare" not found'],
  ]
  test.each(refusals)('%s: %i %s', async (path, status, message) => {
    const answer = await server.ask({ method: 'OPTIONS', path })
    expect(answer.status).toBe(status)
    expect(JSON.parse(answer.body)).toMatchObject({ status: 'Failure', message })
  })

  test('who may only get cannot run a command through a WebSocket', async () => {
    const RBAC = '/apis/rbac.authorization.k8s.io/v1/namespaces/default'
    const rules = [{ apiGroups: [''], resources: ['pods/exec'], verbs: ['get'] }]
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'getter' }
    const subjects = [{ kind: 'User', name: 'bob', apiGroup: 'rbac.authorization.k8s.io' }]
    await send('POST', `${RBAC}/roles`, { metadata: { name: 'getter' }, rules })
    await send('POST', `${RBAC}/rolebindings`, { metadata: { name: 'getter' }, roleRef, subjects })
    const headers = {
      'impersonate-user': 'bob',
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'sec-websocket-protocol': 'v5.channel.k8s.io',
    }
    const path = `${SPACE}/pods/web/exec?command=ls&stdout=1`
    const { status, body } = await server.ask({ method: 'GET', path, headers })
    expect([status, JSON.parse(body)]).toMatchObject([403, { message: 'pods "web" is forbidden: ' }])
  })
})

const BODY_TYPES: Readonly<Record<string, string>> = { PATCH: 'application/merge-patch+json' }

describe('what is passed on', () => {
  const PATH = `${SPACE}/pods/web/proxy/x`
  const stops: (() => void)[] = []
  afterEach(() => {
    for (const stop of stops.splice(0)) stop()
  })

  async function serve(listener: RequestListener): Promise<number> {
    const server = createServer(listener)
    await listening(server, { port: 0, host: '127.0.0.1' })
    stops.push(() => server.close())
    return (server.address() as AddressInfo).port
  }

  /** Asks `target` through a proxy. */
  async function throughProxyTo(
    target: RequestListener,
    { method = 'GET', headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: string } = {},
  ): Promise<{ readonly headers: IncomingHttpHeaders; readonly body: string }> {
    const to = { host: '127.0.0.1', port: await serve(target), path: '/x', scheme: 'http' } as const
    const port = await serve((request, response) => {
      const options = proxyOptions(request, { path: PATH, tail: '/x' }, `127.0.0.1:${to.port}`)
      void forward(request, response, to, { kubelets: undefined, ...options })
    })
    return new Promise((resolve, reject) => {
      const request = httpRequest({ host: '127.0.0.1', port, path: PATH, method, headers, agent: false }, (answer) => {
        text(answer).then((answered) => resolve({ headers: answer.headers, body: answered }), reject)
      })
      request.on('error', reject)
      request.end(body)
    })
  }

  const tellRequest: RequestListener = (request, response) => {
    void text(request).then((body) => response.end(JSON.stringify({ headers: request.headers, body })))
  }

  test('the client and its path, but neither its credentials nor what is about its connection', async () => {
    const headers = {
      host: 'server:6443',
      authorization: 'Bearer secret',
      'x-forwarded-for': '10.1.1.1',
      'x-remote-user': 'eve',
      'impersonate-user': 'eve',
      'x-hop': '1',
      'x-own': 'kept',
      connection: 'close, x-hop',
    }
    const seen = JSON.parse((await throughProxyTo(tellRequest, { headers })).body) as { headers: IncomingHttpHeaders }
    expect(seen.headers).toEqual({
      host: 'server:6443',
      'x-forwarded-for': '10.1.1.1, 127.0.0.1',
      'x-forwarded-uri': PATH,
      'x-own': 'kept',
      connection: 'close',
    })
  })

  test('a body of unknown length is a body still, whatever the method', async () => {
    const headers = { 'transfer-encoding': 'chunked' }
    const { body } = await throughProxyTo(tellRequest, { method: 'DELETE', headers, body: 'GET / HTTP/1.1\r\n\r\n' })
    expect(JSON.parse(body)).toMatchObject({ body: 'GET / HTTP/1.1\r\n\r\n' })
  })

  test('where an answer leads to', async () => {
    const { headers } = await throughProxyTo((_request, response) => {
      response.writeHead(302, { location: '/y', 'access-control-allow-origin': '*' })
      response.end()
    })
    expect(headers.location).toBe(`${SPACE}/pods/web/proxy/y`)
    expect(headers['access-control-allow-origin']).toBeUndefined()
  })

  test('a page, whose links have another length then', async () => {
    const page = '<a href="/y">'
    const { body } = await throughProxyTo((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html', 'content-length': String(page.length) })
      response.end(page)
    })
    expect(body).toBe(`<a href="${SPACE}/pods/web/proxy/y">`)
  })
})
