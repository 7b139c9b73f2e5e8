import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import { type AddressInfo, type Socket, createServer as createSocketServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { listening } from '../base/async/listening.ts'
import { hasReason } from '../meta/errors.ts'
import { createClient } from './client.ts'
import { ConnectionError } from './connection-error.ts'
import { type HttpTransport, httpTransport } from './http-transport.ts'
import { CONFIG_MAPS, DEPLOYMENTS, NODES, PODS } from './resources.ts'

interface Seen {
  readonly line: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

let server: Server
let transport: HttpTransport
let seen: Seen[]
/** What the server does with the next request. */
let answer: (response: ServerResponse) => void

const json = (code: number, body: unknown) => (response: ServerResponse) =>
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body))

beforeEach(async () => {
  seen = []
  answer = json(200, { metadata: {} })
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const line = `${request.method} ${request.url}`
      seen.push({ line, headers: request.headers, body: Buffer.concat(chunks).toString() })
      answer(response)
    })
  })
  await listening(server, { port: 0, host: '127.0.0.1' })
  const { port } = server.address() as AddressInfo
  transport = httpTransport({ server: `http://127.0.0.1:${port}`, token: () => 'secret' })
})

afterEach(async () => {
  await transport.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const webPod = { metadata: { name: 'web', namespace: 'a' }, spec: { containers: [] } }

describe('the HTTP transport', () => {
  test('asks in the words of the API', async () => {
    const client = createClient(transport)
    const at = { namespace: 'a', name: 'web' }
    await client.get(PODS, at)
    await client.list(NODES, { labelSelector: 'a=b,c', limit: 5 })
    await client.list(DEPLOYMENTS, { namespace: 'a' })
    await client.create(PODS, webPod, { dryRun: true, fieldManager: 'me' })
    await client.updateStatus(PODS, webPod)
    await client.patch(PODS, at, 'strategic', { spec: {} })
    await client.patch(PODS, at, 'apply', { spec: {} }, { fieldManager: 'me', force: true })
    await client.delete(PODS, at, { gracePeriodSeconds: 0 })
    await client.deleteCollection(CONFIG_MAPS, { namespace: 'a', fieldSelector: 'metadata.name!=x' })
    expect(seen.map(({ line }) => line)).toEqual([
      'GET /api/v1/namespaces/a/pods/web',
      'GET /api/v1/nodes?labelSelector=a%3Db%2Cc&limit=5',
      'GET /apis/apps/v1/namespaces/a/deployments',
      'POST /api/v1/namespaces/a/pods?dryRun=All&fieldManager=me',
      'PUT /api/v1/namespaces/a/pods/web/status',
      'PATCH /api/v1/namespaces/a/pods/web',
      'PATCH /api/v1/namespaces/a/pods/web?fieldManager=me&force=true',
      'DELETE /api/v1/namespaces/a/pods/web',
      'DELETE /api/v1/namespaces/a/configmaps?fieldSelector=metadata.name%21%3Dx',
    ])
    expect(seen.every(({ headers }) => headers.authorization === 'Bearer secret')).toBe(true)
    expect(seen[5]?.headers['content-type']).toBe('application/strategic-merge-patch+json')
    expect(seen[6]?.headers['content-type']).toBe('application/apply-patch+yaml')
    expect(JSON.parse(seen[3]?.body ?? '')).toEqual({ apiVersion: 'v1', kind: 'Pod', ...webPod })
    expect(JSON.parse(seen[7]?.body ?? '')).toEqual({ gracePeriodSeconds: 0 })
  })

  test('throws what the server states', async () => {
    answer = json(404, {
      kind: 'Status',
      status: 'Failure',
      reason: 'NotFound',
      code: 404,
      message: 'pods "web" not found',
    })
    const failure = await transport
      .call({ verb: 'get', resource: PODS, namespace: 'a', name: 'web' })
      .catch((e: unknown) => e)
    expect(hasReason(failure, 'NotFound')).toBe(true)
    expect(failure).toMatchObject({ message: 'pods "web" not found' })
  })

  test('makes sense of a failure that is no Status', async () => {
    answer = (response) => response.writeHead(503).end('no backend')
    const failure = await transport.call({ verb: 'list', resource: PODS }).catch((e: unknown) => e)
    expect(hasReason(failure, 'ServiceUnavailable')).toBe(true)
    expect(failure).toMatchObject({ message: 'no backend', code: 503 })
  })

  test('says that the server cannot be reached', async () => {
    const nowhere = httpTransport({ server: 'http://127.0.0.1:1' })
    await expect(nowhere.call({ verb: 'list', resource: PODS })).rejects.toThrow(ConnectionError)
    await expect(nowhere.call({ verb: 'list', resource: PODS })).rejects.toThrow(
      'cannot reach the API server at http://127.0.0.1:1',
    )
    await nowhere.close()
  })

  test('reads the events of a watch, however the bytes are cut', async () => {
    const lines = [
      { type: 'ADDED', object: { metadata: { name: '가나다' } } },
      { type: 'DELETED', object: { metadata: { name: 'b' } } },
    ].map((event) => `${JSON.stringify(event)}\n`)
    const bytes = Buffer.from(lines.join(''))
    answer = (response) => {
      for (let at = 0; at < bytes.length; at += 7) response.write(bytes.subarray(at, at + 7))
      response.end('{"type":"ADDED","obj') // cut off: no event
    }
    const names: string[] = []
    const options = { resourceVersion: '5', allowWatchBookmarks: true }
    for await (const { type, object } of transport.watch({ resource: PODS }, options, new AbortController().signal)) {
      names.push(`${type} ${object.metadata.name}`)
    }
    expect(names).toEqual(['ADDED 가나다', 'DELETED b'])
    expect(seen[0]?.line).toBe('GET /api/v1/pods?watch=true&resourceVersion=5&allowWatchBookmarks=true')
  })

  test('throws the error event of a watch', async () => {
    const status = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' }
    answer = (response) => response.end(`${JSON.stringify({ type: 'ERROR', object: status })}\n`)
    const reading = async () => {
      for await (const event of transport.watch({ resource: PODS }, {}, new AbortController().signal)) void event
    }
    const failure = await reading().catch((e: unknown) => e)
    expect(hasReason(failure, 'Expired')).toBe(true)
  })

  test('leaving a watch, or aborting it, closes its connection', async () => {
    const closed: string[] = []
    let count = 0
    answer = (response) => {
      const number = (count += 1)
      response.on('close', () => closed.push(`watch ${number}`))
      response.write(`${JSON.stringify({ type: 'ADDED', object: { metadata: {} } })}\n`)
    }
    for await (const event of transport.watch({ resource: PODS }, {}, new AbortController().signal)) {
      expect(event.type).toBe('ADDED')
      break
    }
    const stopping = new AbortController()
    const reading = async () => {
      for await (const event of transport.watch({ resource: PODS }, {}, stopping.signal)) {
        expect(event.type).toBe('ADDED')
        stopping.abort(new Error('enough'))
      }
    }
    await expect(reading()).rejects.toThrow('enough')
    await expect.poll(() => closed.toSorted()).toEqual(['watch 1', 'watch 2'])
  })

  test('many watches do not keep a call waiting', async () => {
    const stopping = new AbortController()
    answer = (response) => response.write(`${JSON.stringify({ type: 'ADDED', object: { metadata: {} } })}\n`)
    const watches = Array.from({ length: 40 }, () =>
      transport.watch({ resource: PODS }, {}, stopping.signal)[Symbol.asyncIterator](),
    )
    await Promise.all(watches.map((watch) => watch.next()))
    answer = json(200, { metadata: {}, items: [] })
    expect(await transport.call({ verb: 'list', resource: PODS })).toEqual({ metadata: {}, items: [] })
    stopping.abort(new Error('done'))
    await Promise.all(watches.map((watch) => watch.next().catch(() => {})))
  })
})

test('closing does not wait long for a server that accepts and says nothing', async () => {
  const silent = createSocketServer()
  const sockets: Socket[] = []
  silent.on('connection', (socket) => sockets.push(socket))
  await listening(silent, { port: 0, host: '127.0.0.1' })
  const { port } = silent.address() as AddressInfo
  const waiting = httpTransport({ server: `https://127.0.0.1:${port}`, connectTimeoutMs: 100 })
  const stop = new AbortController()
  const call = createClient(waiting).list(NODES, {}, stop.signal)
  await expect.poll(() => sockets.length).toBe(1)
  stop.abort(new Error('enough'))
  await expect(call).rejects.toThrow('enough')
  await waiting.close() // a connection that is being made is waited for
  for (const socket of sockets) socket.destroy()
  silent.close()
}, 5_000)
