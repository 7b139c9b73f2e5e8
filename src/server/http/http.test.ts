import { on, once } from 'node:events'
import { connect, type ClientHttp2Session } from 'node:http2'
import { createServer, request as httpsRequest } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { listening } from '../../base/async/listening.ts'
import { catalog } from '../../api/catalog.ts'
import { systemClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import { systemRandom } from '../../base/random.ts'
import { createAuthority, issueCertificate } from '../../base/tls/certificates.ts'
import { createClient } from '../../client/client.ts'
import { NODES, PODS } from '../../client/resources.ts'
import { MASTERS_GROUP, userOf } from '../../client/user.ts'
import { createMemoryStorage } from '../../storage/memory/memory-storage.ts'
import { createApiServer } from '../api-server.ts'

const times = { notBefore: systemClock.now() - 60_000, notAfter: systemClock.now() + 3_600_000 }
const authority = createAuthority({ commonName: 'ca', ...times })
const pair = (commonName: string, organizations: string[], usages: ('client' | 'server')[]) =>
  issueCertificate(authority, { commonName, organizations, ipAddresses: ['127.0.0.1'], usages, ...times })
const admin = pair('admin', [MASTERS_GROUP], ['client'])

async function start() {
  const storage = createMemoryStorage()
  const server = await createApiServer({
    storage,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    catalog,
    options: { kubelets: { ...pair('apiserver', [MASTERS_GROUP], ['client']), ca: authority.certificate } },
  })
  const serving = pair('server', [], ['server'])
  const listening = await server.listen({ host: '127.0.0.1', port: 0, ...serving, clientCa: authority.certificate })
  return { server, storage, listening, client: createClient(server.transportFor(userOf('admin', [MASTERS_GROUP]))) }
}

/** A kubelet that answers with what it was asked, and echoes what it is sent after an upgrade. */
async function startKubelet() {
  const own = pair('system:node:n', ['system:nodes'], ['server'])
  const kubelet = createServer({
    cert: own.certificate,
    key: own.key,
    ca: authority.certificate,
    requestCert: true,
    rejectUnauthorized: true,
  })
  kubelet.on('request', (request, response) => response.end(`asked ${request.url}\n`))
  kubelet.on('upgrade', (_request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n')
    socket.pipe(socket)
    socket.on('error', () => {})
  })
  await listening(kubelet, { port: 0, host: '127.0.0.1' })
  return { port: (kubelet.address() as AddressInfo).port, close: () => kubelet.close() }
}

describe('the API server over HTTPS', () => {
  let running: Awaited<ReturnType<typeof start>>
  let session: ClientHttp2Session
  beforeAll(async () => {
    running = await start()
    session = connect(`https://127.0.0.1:${running.listening.port}`, {
      ca: authority.certificate,
      cert: admin.certificate,
      key: admin.key,
    })
  })
  afterAll(async () => {
    session.close()
    await running.listening.close()
    running.server.close()
    await running.storage.close()
  })

  function call(path: string, method = 'GET', body?: string, headers: Record<string, string> = {}) {
    return new Promise<{ status: number; headers: Record<string, unknown>; text: string }>((resolve, reject) => {
      const stream = session.request({ ':path': path, ':method': method, ...headers })
      let head: Record<string, unknown> = {}
      const chunks: Buffer[] = []
      stream.on('response', (answer) => (head = answer))
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () =>
        resolve({ status: Number(head[':status']), headers: head, text: Buffer.concat(chunks).toString() }),
      )
      stream.on('error', reject)
      stream.end(body)
    })
  }
  /** What comes over a WebSocket, message by message. */
  async function messagesOf(path: string, protocol: string[] | string = []) {
    const tls = { ca: authority.certificate, cert: admin.certificate, key: admin.key, origin: 'https://page' }
    const webSocket = new WebSocket(`wss://127.0.0.1:${running.listening.port}${path}`, protocol, tls)
    const messages = on(webSocket, 'message')
    await once(webSocket, 'open')
    return {
      next: async () => String((await messages.next()).value?.[0]),
      close: () => webSocket.close(),
    }
  }
  const json = { 'content-type': 'application/json' }
  const configMap = (name: string) => JSON.stringify({ metadata: { name }, data: { a: 'b' } })

  test('creates and lists; items of a list carry no kind', async () => {
    const made = await call('/api/v1/namespaces/default/configmaps', 'POST', configMap('a'), json)
    expect(made.status).toBe(201)
    const list = JSON.parse((await call('/api/v1/namespaces/default/configmaps')).text)
    expect(list).toMatchObject({ kind: 'ConfigMapList', items: [{ metadata: { name: 'a' }, data: { a: 'b' } }] })
    expect(list.items[0]).not.toHaveProperty('kind')
  })

  test.each([
    ['curl asks', { 'user-agent': 'curl/8.5.0' }, '', true],
    ['curl asks and says no', { 'user-agent': 'curl/8.5.0' }, '?pretty=false', false],
    ['the query says so', {}, '?pretty=true', true],
    ['the query says something else', { 'user-agent': 'curl/8.5.0' }, '?pretty=yes', false],
    ['the accepted type says so', { accept: 'application/json;pretty=1' }, '', true],
    ['a client library asks', { 'user-agent': 'kubectl/v1.36.0' }, '', false],
  ])('an answer is for people when %s', async (_, headers, query, isIndented) => {
    for (const path of ['/api/v1/namespaces/default', '/api/v1/namespaces', '/apis/apps', '/api/v1/pods/none']) {
      const { text } = await call(path + query, 'GET', undefined, headers)
      expect(text === JSON.stringify(JSON.parse(text), null, 2)).toBe(isIndented)
    }
  })

  test('takes a long path over HTTP/1: all of a command is in that of an exec', async () => {
    const status = await new Promise((resolve, reject) => {
      const request = httpsRequest({
        host: '127.0.0.1',
        port: running.listening.port,
        path: `/api/v1/namespaces/default?command=${'a'.repeat(20_000)}`,
        ca: authority.certificate,
        cert: admin.certificate,
        key: admin.key,
      })
      request.on('response', (answer) => resolve(answer.resume().statusCode))
      request.on('error', reject)
      request.end()
    })
    expect(status).toBe(200)
  })

  const refusals = [
    { path: '/api/v1/namespaces/default/configmaps/..%2fb', status: 404 },
    { path: '/api/v1/namespaces/default/configmaps/%00', status: 400 },
    { path: '/api/v1/configmaps?watch=1', status: 406, headers: { accept: 'application/yaml' } },
    { path: '/api/v1/namespaces/default/nothings', status: 404 },
    { path: '/nothing', status: 404 },
    { path: '/api/v1/watch/pods/a', status: 404 },
    { path: '/api/v1/watch/namespaces/default/pods', method: 'POST', status: 405 },
    { path: '/api/v1/namespaces/default/configmaps?limit=x', status: 400 },
    { path: '/api/v1/namespaces/default/configmaps?labelSelector=%3D%3D', status: 400 },
    { path: '/api/v1/pods', headers: { accept: 'text/html' }, status: 406 },
    {
      path: '/api/v1/namespaces/default/configmaps',
      method: 'POST',
      body: '['.repeat(100_000),
      headers: json,
      status: 400,
    },
    {
      path: '/api/v1/namespaces/default/configmaps',
      method: 'POST',
      body: 'x'.repeat(4_000_000),
      headers: json,
      status: 413,
    },
    {
      path: '/api/v1/namespaces/default/configmaps',
      method: 'POST',
      body: '{"__proto__":{}}',
      headers: json,
      status: 400,
    },
  ]
  for (const { path, status, method, body, headers } of refusals) {
    test(`answers ${status} to ${method ?? 'GET'} ${path} ${body?.slice(0, 20) ?? ''}`, async () => {
      expect((await call(path, method, body, headers)).status).toBe(status)
    })
  }

  test('routes HEAD to no resource, and to health', async () => {
    const paths = ['/api/v1/pods', '/api/v1/namespaces/default/pods/p/log', '/api/v1', '/version', '/healthz']
    const answers = await Promise.all(paths.map((path) => call(path, 'HEAD')))
    expect(answers.map(({ status }) => status)).toEqual([405, 405, 405, 405, 200])
  })

  test('warns of unknown fields, and refuses them when asked to', async () => {
    const body = JSON.stringify({ metadata: { name: 'w' }, dta: {} })
    const path = '/api/v1/namespaces/default/configmaps'
    const warned = await call(path, 'POST', body, json)
    expect(warned.headers['warning']).toBe('299 - "unknown field \\"dta\\""')
    expect((await call(`${path}?fieldValidation=Strict`, 'POST', body, json)).status).toBe(400)
  })

  test('tells inside the stream of a watch that its revision is gone', async () => {
    const { status, text } = await call('/api/v1/namespaces?watch=true&resourceVersion=1')
    expect(status).toBe(200)
    expect(JSON.parse(text)).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } })
  })

  test('ends a watch of lists, which objects are none, with the first object', async () => {
    const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'
    const { status, text } = await call('/api/v1/namespaces?watch=true', 'GET', undefined, { accept })
    expect([status, text]).toEqual([200, ''])
  })

  test('streams a watch as lines', async () => {
    const stream = session.request({
      ':path': '/api/v1/namespaces/default/secrets?watch=true&allowWatchBookmarks=true',
    })
    const lines = new Promise<string[]>((resolve) => {
      let text = ''
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        const whole = text.split('\n')
        if (whole.length > 3) resolve(whole)
      })
    })
    await new Promise((resolve) => stream.once('response', resolve))
    const path = '/api/v1/namespaces/default/secrets'
    await call(path, 'POST', JSON.stringify({ metadata: { name: 's' } }), json)
    await call(`${path}/s`, 'DELETE')
    const events = (await lines).slice(0, 3).map((line) => JSON.parse(line) as { type: string; object: object })
    stream.close()
    expect(events.map(({ type }) => type)).toEqual(['BOOKMARK', 'ADDED', 'DELETED'])
    expect(events[0]?.object).toMatchObject({ metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } })
  })

  test('refuses a watch over a WebSocket while it can still answer', async () => {
    for (const query of ['labelSelector=%3D%3D', 'resourceVersion=abc']) {
      await expect(messagesOf(`/api/v1/namespaces?watch=true&${query}`)).rejects.toThrow(/server response: 4(00|22)/)
    }
  })

  test('sends a watch as messages of a WebSocket', async () => {
    const path = '/api/v1/namespaces/default/secrets'
    const messages = await messagesOf(`${path}?watch=true&fieldSelector=metadata.name%3Dw`)
    await call(path, 'POST', JSON.stringify({ metadata: { name: 'w' } }), json)
    await call(`${path}/w`, 'DELETE')
    for (const type of ['ADDED', 'DELETED']) {
      expect(JSON.parse(await messages.next())).toMatchObject({ type, object: { kind: 'Secret' } })
    }
    messages.close()
    const old = await messagesOf('/api/v1/namespaces?watch=true&resourceVersion=1')
    expect(JSON.parse(await old.next())).toMatchObject({ type: 'ERROR', object: { code: 410 } })
  })

  test('reads one object that is asked for by its name, even of a client that would rather watch', async () => {
    const { text } = await call('/api/v1/namespaces/default?watch=true')
    expect(JSON.parse(text)).toMatchObject({ kind: 'Namespace', metadata: { name: 'default' } })
  })

  test('says at its root where there is anything', async () => {
    const { paths } = JSON.parse((await call('/')).text) as { paths: string[] }
    expect(paths).toEqual(
      expect.arrayContaining(['/api/v1', '/apis/apps', '/apis/apps/v1', '/healthz/ping', '/metrics']),
    )
    const answers = await Promise.all(paths.map(async (path) => ({ path, status: (await call(path)).status })))
    // Kubernetes names this path, which only begins others.
    expect(answers.filter(({ status }) => status !== 200)).toEqual([{ path: '/openapi/v3/', status: 404 }])
  })

  test('tells how often it was asked, of what it serves only, and how its health was', async () => {
    await call('/api/v1/namespaces/default/pods/nobody')
    await call('/api/v1/nothing-of-this-name')
    await call('/readyz/ping')
    const { text } = await call('/metrics')
    expect(text).toMatch(
      /^apiserver_request_total\{code="404",.*resource="pods",scope="resource",.*verb="GET".*\} \d+$/m,
    )
    expect(text).toContain('apiserver_current_inflight_requests{request_kind="readOnly"} 1\n')
    expect(text).not.toContain('nothing-of-this-name')
    const slis = await call('/metrics/slis')
    expect(slis.text).toContain('kubernetes_healthcheck{name="ping",type="readyz"} 1\n')
    expect(slis.text).toContain('kubernetes_healthchecks_total{name="ping",status="success",type="readyz"}')
    expect(slis.text).toContain('# HELP kubernetes_healthcheck [STABLE] This metric records')
    expect(slis.text).toMatch(/^process_start_time_seconds \d+/m)
  })

  const table = 'application/json;as=Table;v=v1;g=meta.k8s.io'

  test('shows a scale as a table, and its metadata alone', async () => {
    const labels = { app: 'web' }
    const containers = [{ name: 'c', image: 'busybox' }]
    const path = '/apis/apps/v1/namespaces/default/deployments'
    const web = {
      metadata: { name: 'web' },
      spec: {
        replicas: 3,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers } },
      },
    }
    expect((await call(path, 'POST', JSON.stringify(web), json)).status).toBe(201)
    const shown = JSON.parse((await call(`${path}/web/scale`, 'GET', undefined, { accept: table })).text)
    expect(shown).toMatchObject({
      kind: 'Table',
      columnDefinitions: ['Name', 'Desired', 'Available', 'Age'].map((name) => ({ name })),
      rows: [{ cells: ['web', 3, 0, expect.any(String)], object: { kind: 'PartialObjectMetadata' } }],
    })
    const accept = table.replace('Table', 'PartialObjectMetadata')
    const partial = JSON.parse((await call(`${path}/web/scale`, 'GET', undefined, { accept })).text)
    expect(partial).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'web' } })
    expect(partial).not.toHaveProperty('spec')
  })

  test('has no table of what it only answers', async () => {
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
    const body = JSON.stringify({ spec: { nonResourceAttributes: { path: '/', verb: 'get' } } })
    expect((await call(path, 'POST', body, { ...json, accept: table })).status).toBe(406)
    expect((await call(path, 'POST', body, { ...json, accept: `${table},application/json` })).status).toBe(201)
  })

  /** Which status the server answers to somebody with these credentials. */
  async function statusFor(path: string, who: { cert?: string; key?: string; authorization?: string } = {}) {
    const { authorization, ...pems } = who
    const session = connect(`https://127.0.0.1:${running.listening.port}`, { ca: authority.certificate, ...pems })
    const stream = session.request({ ':path': path, ...(authorization === undefined ? {} : { authorization }) })
    stream.end()
    const [answer] = await once(stream, 'response')
    session.close()
    return answer[':status']
  }

  test('knows nobody without a certificate, and tells them only how it is', async () => {
    expect(await statusFor('/readyz')).toBe(200)
    expect(await statusFor('/api/v1/pods')).toBe(403)
    expect(await statusFor('/api/v1/pods', { authorization: 'Bearer nonsense' })).toBe(401)
  })

  test('refuses certificates that its authority has not signed, and goes on serving', async () => {
    const stranger = createAuthority({ commonName: 'ca', ...times })
    const forged = issueCertificate(stranger, {
      commonName: 'admin',
      organizations: [MASTERS_GROUP],
      usages: ['client'],
      ...times,
    })
    const long = { notBefore: times.notBefore - 7_200_000, notAfter: times.notBefore - 3_600_000 }
    const expired = issueCertificate(authority, {
      commonName: 'admin',
      organizations: [MASTERS_GROUP],
      usages: ['client'],
      ...long,
    })
    for (const { certificate, key } of [forged, expired])
      expect(await statusFor('/api/v1/pods', { cert: certificate, key })).toBe(401)
    expect(await statusFor('/api/v1/pods', { cert: admin.certificate, key: admin.key })).toBe(200)
  })

  test('fetches logs from the kubelet and joins upgraded connections with it', async () => {
    const kubelet = await startKubelet()
    const { client, listening } = running
    await client.create(NODES, {
      metadata: { name: 'n' },
    })
    await client.updateStatus(NODES, {
      metadata: { name: 'n' },
      status: {
        addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
        daemonEndpoints: { kubeletEndpoint: { Port: kubelet.port } },
      },
    })
    const containers = [{ name: 'c', image: 'i' }]
    await client.create(PODS, { metadata: { name: 'p', namespace: 'default' }, spec: { containers, nodeName: 'n' } })
    const log = await call('/api/v1/namespaces/default/pods/p/log?tailLines=5')
    expect(log).toMatchObject({ status: 200, text: 'asked /containerLogs/default/p/c?tailLines=5\n' })
    const wrong = await call('/api/v1/namespaces/default/pods/p/log?container=x')
    expect(wrong.text).toContain('container x is not valid for pod p')

    const asMessages = await messagesOf('/api/v1/namespaces/default/pods/p/log?tailLines=5', 'base64.binary.k8s.io')
    expect(Buffer.from(await asMessages.next(), 'base64').toString()).toBe(log.text)
    asMessages.close()

    const echoed = await new Promise<string>((resolve, reject) => {
      const request = httpsRequest({
        host: '127.0.0.1',
        port: listening.port,
        method: 'POST',
        path: '/api/v1/namespaces/default/pods/p/exec?command=ls&stdout=true',
        ca: authority.certificate,
        cert: admin.certificate,
        key: admin.key,
        headers: { connection: 'Upgrade', upgrade: 'SPDY/3.1' },
      })
      request.on('upgrade', (_answer, socket) => {
        socket.once('data', (chunk: Buffer) => {
          resolve(chunk.toString())
          socket.destroy()
        })
        socket.write('hello')
      })
      request.on('error', reject)
      request.end()
    })
    expect(echoed).toBe('hello')
    kubelet.close()
  })
})
