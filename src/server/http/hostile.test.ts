/** Requests of ill will: answered with 4xx or a closed connection, in no time, without a trace. */

import { once } from 'node:events'
import { connect as connectHttp2, constants } from 'node:http2'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import { type Hostile, type HostileRequest, startHostile } from './hostile-client.ts'

let server: Hostile
beforeAll(async () => {
  server = await startHostile()
})
afterAll(() => server.close())

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** An event loop must never stand still for longer. */
const MAX_STALL_MS = 100

const MAPS = '/api/v1/namespaces/default/configmaps'
const JSON_TYPE = 'application/json'
const YAML = 'application/yaml'
const PROTOBUF = 'application/vnd.kubernetes.protobuf'
const MAGIC = Buffer.from([0x6b, 0x38, 0x73, 0])

const create = (body: string | Buffer, type = JSON_TYPE, path = MAPS): HostileRequest => ({
  method: 'POST',
  path,
  type,
  body,
})
const patch = (type: string, body: string): HostileRequest => ({
  method: 'PATCH',
  path: `${MAPS}/target`,
  type: `application/${type}`,
  body,
})
const get = (path: string): HostileRequest => ({ method: 'GET', path })
const map = (rest: string) => `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},${rest}}`
const nested = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth)
const field = (number: number, bytes: Buffer) =>
  Buffer.concat([Buffer.from([(number << 3) | 2]), varint(bytes.length), bytes])

function varint(value: number): Buffer {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest])
    bytes.push((rest % 128) | 128)
  }
}

/** Messages within messages: a selector of terms of selectors cannot be, but unknown fields can hold anything. */
function deepMessage(depth: number): Buffer {
  let message: Buffer = Buffer.alloc(0)
  for (let i = 0; i < depth; i++) message = field(1, message)
  return message
}

const envelope = (raw: Buffer) =>
  Buffer.concat([
    MAGIC,
    field(1, Buffer.concat([field(1, Buffer.from('v1')), field(2, Buffer.from('ConfigMap'))])),
    field(2, raw),
  ])

const laughs = [
  'a0: &a0 [lol,lol,lol,lol,lol,lol,lol,lol,lol,lol]',
  ...Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(',')}]`),
].join('\n')

const corpus: Readonly<Record<string, HostileRequest>> = {
  'aliases that unfold into billions': create(laughs, YAML),
  'an alias of itself': create('a: &a [*a]\nkind: ConfigMap', YAML),
  'objects 100,000 deep': create(nested('{"a":', '}', 100_000).replace(':}', ':1}')),
  'lists 100,000 deep': create(nested('[', ']', 100_000)),
  'lists 100,000 deep in YAML': create(nested('[', ']', 100_000), YAML),
  'block lists 10,000 deep in YAML': create('- '.repeat(10_000), YAML),
  'data 5,000 deep': create(map(`"data":${nested('{"a":', '}', 5_000).replace(':}', ':1}')}`)),
  'a JSON patch of 100,000 operations': patch(
    'json-patch+json',
    `[${Array(100_000).fill('{"op":"test","path":"/kind","value":"x"}').slice(0, 70_000).join(',')}]`,
  ),
  'a JSON patch that copies itself into itself': patch(
    'json-patch+json',
    `[{"op":"add","path":"/data","value":{"a":"${'x'.repeat(1_000)}"}},${Array(60)
      .fill('{"op":"copy","from":"/data","path":"/data/b"}')
      .join(',')}]`,
  ),
  'a JSON patch with a path of 100,000 steps': patch(
    'json-patch+json',
    `[{"op":"add","path":"${'/a'.repeat(100_000)}","value":1}]`,
  ),
  'a JSON patch at a huge index': patch(
    'json-patch+json',
    '[{"op":"add","path":"/metadata/finalizers/99999999999","value":"a"}]',
  ),
  'a JSON patch of the prototype': patch(
    'json-patch+json',
    '[{"op":"add","path":"/__proto__/polluted","value":"yes"}]',
  ),
  'a merge patch by force': { ...patch('merge-patch+json', '{}'), path: `${MAPS}/target?force=true` },
  'a merge patch of the prototype': patch('merge-patch+json', '{"__proto__":{"polluted":"yes"}}'),
  'a strategic patch 10,000 deep': patch(
    'strategic-merge-patch+json',
    nested('{"metadata":', '}', 10_000).replace(':}', ':1}'),
  ),
  'an apply of the prototype': patch('apply-patch+yaml', '__proto__: {polluted: yes}'),
  'the key __proto__': create(map('"__proto__":{"polluted":"yes"}')),
  'the key __proto__ in data': create(map('"data":{"__proto__":"yes"}')),
  'the name constructor.prototype': create('{"metadata":{"name":"Constructor/Prototype"}}'),
  'a lone surrogate in a name': create('{"metadata":{"name":"\\ud800"}}'),
  'bytes that are no UTF-8 in a name': create(Buffer.from('{"metadata":{"name":"a\xff\xfe"}}', 'latin1')),
  'a NUL in a name': create('{"metadata":{"name":"a\\u0000b"}}'),
  'a million numbers': create(map(`"data":[${'1,'.repeat(1_000_000)}1]`)),
  'a million empty objects': create(map(`"data":[${'{},'.repeat(900_000)}{}]`)),
  'half a million repeated keys': create(map(`"data":{${'"a":1,'.repeat(500_000)}"a":1}`)),
  'a million numbers without an end': create(map(`"data":[${'1,'.repeat(1_000_000)}`)),
  'an integer of a million digits': create(map(`"immutable":${'9'.repeat(1_000_000)}`)),
  'a number with a huge exponent': create(map('"immutable":1e400')),
  'a huge generation of a Deployment': create(
    '{"metadata":{"name":"a"},"spec":{"replicas":99999999999999999999}}',
    JSON_TYPE,
    '/apis/apps/v1/namespaces/default/deployments',
  ),
  'YAML that is none': create('metadata: {name: [a', YAML),
  'YAML whose tabs and colons go wrong': create('metadata:\n\tname: a: b\n', YAML),
  'no body': create(''),
  'only half of a body': create('{"metadata":{"name":"a"'),
  'a body of another kind': create('{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"}}'),
  'a body of text': create('"text"'),
  'a body of null': create('null'),
  'an unknown type of body': create('<xml/>', 'text/xml'),
  'a body too large': create(map(`"data":{"a":"${'x'.repeat(4 * 1024 * 1024)}"}`)),
  'a compressed body': {
    ...create(gzipSync(map('"data":{}'))),
    headers: { 'content-encoding': 'gzip' },
  },
  'a broken compressed body': {
    ...create(Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3])),
    headers: { 'content-encoding': 'gzip' },
  },
  'a label selector that makes patterns explode': get(`${MAPS}?labelSelector=${'a'.repeat(30_000)}!!`),
  'a label selector of parentheses': get(`${MAPS}?labelSelector=a%20in%20${'('.repeat(10_000)}`),
  'a field selector that makes patterns explode': get(`${MAPS}?fieldSelector=${'metadata.name='.repeat(3_000)}!`),
  'a field selector of the prototype': get(`${MAPS}?fieldSelector=__proto__%3Da`),
  'a field selector of the constructor': get('/api/v1/pods?fieldSelector=constructor%3Da'),
  'a forged continue token': get(`${MAPS}?limit=1&continue=eyJydiI6LTEsInN0YXJ0IjoiLi4vLi4vIn0`),
  'a continue token that is none': get(`${MAPS}?limit=1&continue=%00%ff`),
  'a huge continue token': get(`${MAPS}?limit=1&continue=${'A'.repeat(50_000)}`),
  'a revision that is none': get(`${MAPS}?resourceVersion=1e9`),
  'a negative revision': get(`${MAPS}?resourceVersion=-1`),
  'a limit that is none': get(`${MAPS}?limit=0x10`),
  'a timeout that is none': get(`${MAPS}?timeout=soon`),
  'a parent directory in the path': get('/api/v1/namespaces/default/configmaps/../secrets'),
  'an encoded parent directory in the path': get('/api/v1/namespaces/%2e%2e/configmaps/a'),
  'an encoded slash in the path': get('/api/v1/namespaces/default%2fconfigmaps/secrets/a'),
  'a NUL in the path': get('/api/v1/namespaces/default/configmaps/a%00b'),
  'double slashes in the path': get('//api//v1///namespaces'),
  'a broken escape in the path': get('/api/v1/namespaces/%zz/configmaps'),
  'a broken escape outside of resources': get('/%c0%ae%c0%ae/etc/passwd'),
  'a path of thousands of segments': get(`/api/v1/namespaces${'/a'.repeat(5_000)}`),
  'a URL that is too long': get(`${MAPS}?x=${'a'.repeat(62_000)}`.padEnd(80_000, 'b')),
  'the prototype as a resource': get('/api/v1/namespaces/default/__proto__/a'),
  'the constructor as a group': get('/apis/constructor/v1/things'),
  'an unknown method': { method: 'PROPFIND', path: MAPS },
  'a method on no path of its own': { method: 'DELETE', path: '/version' },
  'a protobuf envelope that ends early': create(envelope(field(1, Buffer.from('x'))).subarray(0, 12), PROTOBUF),
  'a protobuf envelope without a message': create(MAGIC, PROTOBUF),
  'a protobuf length beyond the end': create(
    Buffer.concat([MAGIC, Buffer.from([0x12, 0xff, 0xff, 0xff, 0xff, 0x7f])]),
    PROTOBUF,
  ),
  'a protobuf number that never ends': create(Buffer.concat([MAGIC, Buffer.alloc(64, 0xff)]), PROTOBUF),
  'protobuf groups that never end': create(envelope(Buffer.alloc(10_000, 0x0b)), PROTOBUF),
  'protobuf messages 10,000 deep': create(envelope(deepMessage(10_000)), PROTOBUF),
  'protobuf that is none': create('{"metadata":{"name":"a"}}', PROTOBUF),
  'impersonation with a broken escape': {
    ...get(MAPS),
    headers: { 'impersonate-user': 'a', 'impersonate-extra-%zz': 'b' },
  },
  'impersonation of groups alone': { ...get(MAPS), headers: { 'impersonate-group': 'system:masters' } },
  'a wrong form of an answer': { ...get(MAPS), headers: { accept: `${'a/b;q=0.1,'.repeat(5_000)}c/d` } },
  'a delete with a foreign body': {
    method: 'DELETE',
    path: `${MAPS}/target`,
    type: JSON_TYPE,
    body: '{"kind":"Pod","apiVersion":"v1"}',
  },
  'a delete with a text for seconds': { method: 'DELETE', path: `${MAPS}/target?gracePeriodSeconds=soon` },
  'an invalid dry run': create(map('"data":{}'), JSON_TYPE, `${MAPS}?dryRun=some`),
}

describe('a hostile request', () => {
  beforeAll(async () => {
    await server.ask(create('{"metadata":{"name":"target"},"data":{"a":"b"}}'))
  })
  for (const [what, request] of Object.entries(corpus)) {
    test(`with ${what} is refused at once`, async () => {
      const { status, stallMs, body } = await server.ask(request)
      expect(`${status} ${body.slice(0, 300)}`).toMatch(/^4\d\d /)
      expect(stallMs).toBeLessThan(MAX_STALL_MS)
      expect(server.failures).toEqual([])
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    })
  }
})

test('hostile requests leave no memory behind, however many there are', async () => {
  const heap = () => {
    collectGarbage()
    return process.memoryUsage().heapUsed / 2 ** 20
  }
  const round = async () => {
    // oxlint-disable-next-line no-await-in-loop -- one after the other, so that a round costs the same each time
    for (const request of Object.values(corpus)) await server.ask(request)
  }
  await round() // what is made once is made now
  const before = heap()
  await round()
  await round()
  // A body that was kept would show: a round sends 12 MiB, and unfolds into far more.
  expect(heap() - before).toBeLessThan(8)
}, 60_000)

describe('a connection of ill will', () => {
  const head = `POST ${MAPS} HTTP/1.1\r\nhost: server\r\ncontent-type: application/json\r\n`
  const isRefused = (status: number | 'closed') =>
    status === 'closed' || status === 505 || (status >= 400 && status < 500)
  const cases: Readonly<Record<string, readonly (string | Buffer)[]>> = {
    'headers beyond all measure': [`GET ${MAPS} HTTP/1.1\r\nhost: server\r\nx: ${'a'.repeat(200_000)}\r\n\r\n`],
    'thousands of headers': [`GET ${MAPS} HTTP/1.1\r\nhost: server\r\n${'a: b\r\n'.repeat(20_000)}\r\n`],
    'two lengths': [`${head}content-length: 4\r\ncontent-length: 5\r\n\r\nnull`],
    'a length and chunks': [`${head}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n4\r\nnull\r\n0\r\n\r\n`],
    'a negative length': [`${head}content-length: -1\r\n\r\nnull`],
    'a chunk of endless length': [`${head}transfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n`],
    'the version of HTTP/2 in the words of HTTP/1': ['GET /version HTTP/2.0\r\n\r\n'],
    'an upgrade in the version of HTTP/2': [
      'GET /version HTTP/2.0\r\nhost: server\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
    ],
    'the version before the first': ['GET /version HTTP/0.9\r\n\r\n'],
    'no host': ['GET /version HTTP/1.1\r\n\r\n'],
    'chunks in HTTP/1.0': [`POST ${MAPS} HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n4\r\nnull\r\n0\r\n\r\n`],
    'two hosts': ['GET /version HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n'],
    'a host that is none': ['GET /version HTTP/1.1\r\nhost: a b\r\n\r\n'],
    'a body of 300,000 chunks': [`${head}transfer-encoding: chunked\r\n\r\n${'1\r\n{\r\n'.repeat(300_000)}0\r\n\r\n`],
    'no HTTP at all': [Buffer.from([0, 1, 2, 3, 255, 254])],
  }
  for (const [what, bytes] of Object.entries(cases)) {
    test(`with ${what} is refused or closed`, async () => {
      const { status, body, stallMs } = await server.raw(bytes)
      expect(isRefused(status) ? 'refused' : `${status} ${body.slice(0, 200)}`).toBe('refused')
      expect(stallMs).toBeLessThan(MAX_STALL_MS)
      expect(server.failures).toEqual([])
    })
  }

  test('that hangs up in the middle of a body leaves nothing behind', async () => {
    for (let i = 0; i < 20; i++) {
      await server.raw([`${head}content-length: 1000000\r\n\r\n{"metadata":`], { hangUp: true })
    }
    expect((await server.ask(get(MAPS))).status).toBe(200)
    expect(server.failures).toEqual([])
  })

  test('that sends its body slowly keeps nobody waiting', async () => {
    const slow = Array.from({ length: 50 }, () => server.raw([`${head}content-length: 2\r\n\r\n{`]))
    expect((await server.ask(get(MAPS))).status).toBe(200)
    void Promise.allSettled(slow)
  })

  test('that resets its streams rapidly is ended or endured', async () => {
    const session = connectHttp2(`https://127.0.0.1:${server.port}`, server.tls)
    session.on('error', () => {})
    await once(session, 'connect')
    for (let i = 0; i < 5_000 && !session.closed && !session.destroyed; i++) {
      const stream = session.request({ ':method': 'GET', ':path': MAPS })
      stream.on('error', () => {})
      stream.close(constants.NGHTTP2_CANCEL)
      if (i % 500 === 0) await systemClock.sleep(0)
    }
    expect((await server.ask(get(MAPS))).status).toBe(200)
    session.destroy()
    expect(server.failures).toEqual([])
  })

  test('may have a hundred streams, and no more', async () => {
    const session = connectHttp2(`https://127.0.0.1:${server.port}`, server.tls)
    session.on('error', () => {})
    await once(session, 'remoteSettings')
    expect(session.remoteSettings.maxConcurrentStreams).toBe(100)
    session.destroy()
  })
})

test('a body that is too large is refused in the words of Kubernetes', async () => {
  const { status, body, head } = await server.ask(create('x'.repeat(3 * 1024 * 1024 + 1)))
  expect(status).toBe(413)
  expect(JSON.parse(body)).toMatchObject({
    kind: 'Status',
    message: 'Request entity too large: limit is 3145728',
    reason: 'RequestEntityTooLarge',
    code: 413,
  })
  expect(head.toLowerCase()).toContain('connection: close')
})

test('a body in an encoding that nobody undoes is refused, however it is chunked', async () => {
  const head = `POST ${MAPS} HTTP/1.1\r\nhost: server\r\ntransfer-encoding: gzip, chunked\r\n\r\n`
  const { status, body } = await server.raw([`${head}0\r\n\r\n`])
  expect([status, body]).toEqual([501, '501 Not Implemented: Unsupported transfer encoding'])
})

test('another version of HTTP is refused in the words of Go', async () => {
  const { status, body } = await server.raw(['GET /version HTTP/2.0\r\nhost: server\r\n\r\n'])
  expect([status, body]).toEqual([505, '505 HTTP Version Not Supported: unsupported protocol version'])
})

test('a method that nobody knows is not allowed, in the words of Kubernetes', async () => {
  const { status, body, head } = await server.raw([`BOGUS ${MAPS} HTTP/1.1\r\nhost: server\r\n\r\n`])
  expect(status).toBe(405)
  expect(JSON.parse(body)).toMatchObject({ kind: 'Status', reason: 'MethodNotAllowed', code: 405 })
  expect(head.toLowerCase()).toContain('content-type: application/json')
})
