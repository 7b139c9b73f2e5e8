/** Clients that hold a connection and ask nothing: ended when Kubernetes ends them. Long streams are let be. */

import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import { type LoopbackCertificates, LOOPBACK, loopbackCertificates, loopbackListener } from '../loopback.ts'
import { readBytes } from './request/body.ts'
import type { ConnectionLimits } from './connections.ts'
import { flags, frame, framesOf, PREFACE, requestOf, START, types } from './hostile-frames.ts'
import { type HttpHandlers, listen, type Listening } from './server.ts'
import { answerUnread } from './unread-requests.ts'

/** Enough for whoever means to say something. */
const LIMIT_MS = 250
/** Between two drops. */
const DRIP_MS = 10
const LONG_MS = 60_000
const long: ConnectionLimits = { handshakeMs: LONG_MS, headMs: LONG_MS, prefaceMs: LONG_MS, idleMs: LONG_MS }

let certificates: LoopbackCertificates
beforeAll(() => {
  certificates = loopbackCertificates()
})

const listeners: Listening[] = []
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await Promise.all(listeners.splice(0).map((listening) => listening.close()))
})

/** Answers at once, but for a watch, which begins and says no more, and a body, which it gives back. */
const handlers: HttpHandlers = {
  async onRequest(request, response) {
    const out = response as ServerResponse
    if (request.url === '/watch') out.writeHead(200).flushHeaders()
    else if (request.url === '/body') out.end(await readBytes(request))
    else out.end('ok')
  },
  async onUpgrade(_, socket) {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: test\r\n\r\n')
    socket.on('data', (bytes: Buffer) => socket.write(bytes))
  },
  onUnread: (error, socket) => answerUnread(error, socket, ''),
}

async function serve(limits: Partial<ConnectionLimits>): Promise<Listening> {
  const listening = await listen({ ...loopbackListener(certificates), limits: { ...long, ...limits } }, handlers)
  listeners.push(listening)
  return listening
}

type Protocol = 'tcp' | 'http/1.1' | 'h2'

/** A client that has said all it has to say. */
interface Client {
  readonly socket: Socket
  /** What it was told so far. */
  readonly told: () => Buffer
  /** It was told something that fulfils this. */
  readonly until: (isTold: (told: Buffer) => boolean) => Promise<void>
  readonly ended: Promise<void>
  isEnded: boolean
}

/** Connects, and says what there is to say. A client that is `open` does not end its side. */
async function say(
  { port }: Listening,
  protocol: Protocol,
  words: readonly (string | Buffer)[],
  { isOpen = false } = {},
): Promise<Client> {
  const tcp = connectTcp({ host: LOOPBACK, port, allowHalfOpen: isOpen })
  const { authority, admin } = certificates
  const tls = { ca: authority.certificate, cert: admin.certificate, key: admin.key }
  const socket = protocol === 'tcp' ? tcp : connectTls({ socket: tcp, ...tls, ALPNProtocols: [protocol] })
  sockets.push(socket, tcp)
  tcp.on('error', () => {})
  socket.on('error', () => {})
  let told = Buffer.alloc(0)
  socket.on('data', (bytes: Buffer) => {
    told = Buffer.concat([told, bytes])
  })
  const ended = new Promise<void>((resolve) => {
    for (const event of ['end', 'close']) socket.once(event, () => resolve())
  })
  const until: Client['until'] = async (isTold) => {
    while (!isTold(told)) await once(socket, 'data')
  }
  const client: Client = { socket, told: () => told, until, ended, isEnded: false }
  void ended.then(() => (client.isEnded = true))
  await once(socket, protocol === 'tcp' ? 'connect' : 'secureConnect')
  for (const part of words) socket.write(part)
  return client
}

const GET = 'GET / HTTP/1.1\r\nhost: server\r\n\r\n'
/** The beginning of a ClientHello of 16 KiB. */
const HELLO = Buffer.from([0x16, 3, 1, 0x40, 0, 1, 0, 0x3f, 0xfc, 3, 3])
const get = (path = '/') => frame(types.headers, flags.endStream | flags.endHeaders, 1, requestOf('GET', path))
const ping = frame(types.ping, 0, 0, Buffer.alloc(8))

interface Silence {
  readonly what: string
  readonly limit: keyof ConnectionLimits
  readonly protocol: Protocol
  readonly words?: readonly (string | Buffer)[]
  /** Said again and again. */
  readonly drip?: string | Buffer
  /** What it is told in the end. */
  readonly told?: RegExp
}

const silences: readonly Silence[] = [
  { what: 'never begins to agree on keys', limit: 'handshakeMs', protocol: 'tcp' },
  { what: 'says half a hello', limit: 'handshakeMs', protocol: 'tcp', words: [HELLO] },
  { what: 'says its hello byte by byte', limit: 'handshakeMs', protocol: 'tcp', words: [HELLO], drip: Buffer.alloc(1) },
  { what: 'says nothing over HTTP/1', limit: 'headMs', protocol: 'http/1.1' },
  { what: 'says half a line', limit: 'headMs', protocol: 'http/1.1', words: ['GET /'], told: /^HTTP\/1\.1 400 / },
  {
    what: 'drips a header',
    limit: 'headMs',
    protocol: 'http/1.1',
    words: [GET.slice(0, -2), 'a: '],
    drip: 'a',
    told: /400/,
  },
  {
    what: 'asks once and half again',
    limit: 'headMs',
    protocol: 'http/1.1',
    words: [GET, 'GET /'],
    told: /ok\r?\n?.*400 /s,
  },
  { what: 'asks once over HTTP/1', limit: 'idleMs', protocol: 'http/1.1', words: [GET], told: /ok$/ },
  { what: 'says nothing over HTTP/2', limit: 'prefaceMs', protocol: 'h2' },
  { what: 'says half the preface of HTTP/2', limit: 'prefaceMs', protocol: 'h2', words: [PREFACE.subarray(0, 9)] },
  { what: 'says the preface of HTTP/2 alone', limit: 'prefaceMs', protocol: 'h2', words: [PREFACE] },
  { what: 'asks nothing over HTTP/2', limit: 'idleMs', protocol: 'h2', words: [START], told: /goodbye/ },
  { what: 'only pings', limit: 'idleMs', protocol: 'h2', words: [START], drip: ping, told: /goodbye/ },
  {
    what: 'only settles',
    limit: 'idleMs',
    protocol: 'h2',
    words: [START],
    drip: frame(types.settings, 0, 0),
    told: /goodbye/,
  },
  { what: 'asks once over HTTP/2', limit: 'idleMs', protocol: 'h2', words: [START, get()], told: /goodbye/ },
  {
    what: 'begins a head that does not end',
    limit: 'idleMs',
    protocol: 'h2',
    words: [START, frame(types.headers, flags.endStream, 1, requestOf('GET', '/'))],
    told: /goodbye/,
  },
]

/** Whether it is told over HTTP/2 that the connection ends. */
const goodbyeOf = (told: Buffer) => (framesOf(told).some(([type]) => type === types.goAway) ? 'goodbye' : '')

describe('a client is ended when it', () => {
  for (const { what, limit, protocol, words = [], drip, told = /^$/ } of silences) {
    test(`${what}`, async () => {
      const listening = await serve({ [limit]: LIMIT_MS })
      const began = systemClock.monotonic()
      const client = await say(listening, protocol, words)
      while (drip !== undefined && !client.isEnded) {
        client.socket.write(drip)
        // oxlint-disable-next-line no-await-in-loop -- drop by drop
        await systemClock.sleep(DRIP_MS)
      }
      await client.ended
      expect(systemClock.monotonic() - began).toBeGreaterThan(LIMIT_MS * 0.9)
      const lastWords = protocol === 'h2' ? goodbyeOf(client.told()) : client.told().toString()
      expect(lastWords).toMatch(told)
    })
  }

  test('does not end its side', async () => {
    const listening = await serve({ headMs: LIMIT_MS })
    const client = await say(listening, 'http/1.1', ['GET /'], { isOpen: true })
    await client.ended
    expect(client.told().toString()).toMatch(/^HTTP\/1\.1 400 /)
    while (!client.socket.destroyed) {
      client.socket.write('a')
      // oxlint-disable-next-line no-await-in-loop -- until nobody listens any more
      await systemClock.sleep(DRIP_MS)
    }
  })

  test('speaks without keys, and is told so', async () => {
    const client = await say(await serve({}), 'tcp', [GET])
    await client.ended
    const answer = 'HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n'
    expect(client.told().toString()).toBe(answer)
  })
})

test('watches, upgraded connections and slow bodies are let be', async () => {
  const listening = await serve({ handshakeMs: 2_000, headMs: LIMIT_MS, prefaceMs: LIMIT_MS, idleMs: LIMIT_MS })
  const has = (text: string) => (told: Buffer) => told.includes(text)
  const upgrade = 'GET /exec HTTP/1.1\r\nhost: server\r\nconnection: upgrade\r\nupgrade: test\r\n\r\n'
  const post = requestOf('POST', '/body')
  const head = 'POST /body HTTP/1.1\r\nhost: server\r\ncontent-length: 3\r\n\r\n'

  const watch = await say(listening, 'http/1.1', [GET.replace('/', '/watch')])
  const watch2 = await say(listening, 'h2', [START, get('/watch')])
  const upgraded = await say(listening, 'http/1.1', [upgrade])
  const later = await say(listening, 'http/1.1', [GET])
  await later.until(has('ok'))
  later.socket.write(upgrade)
  const body = await say(listening, 'http/1.1', [head])
  const body2 = await say(listening, 'h2', [START, frame(types.headers, flags.endHeaders, 1, post)])
  const all = [watch, watch2, upgraded, later, body, body2]

  for (const byte of 'abc') {
    // Time passes: others come, say nothing and are ended.
    // oxlint-disable-next-line no-await-in-loop -- slowly
    const others = await Promise.all([say(listening, 'http/1.1', []), say(listening, 'h2', [START])])
    // oxlint-disable-next-line no-await-in-loop -- slowly
    await Promise.all(others.map(({ ended }) => ended))
    body.socket.write(byte)
    body2.socket.write(frame(types.data, byte === 'c' ? flags.endStream : 0, 1, Buffer.from(byte)))
    watch2.socket.write(
      frame(types.headers, flags.endStream | flags.endHeaders, byte.charCodeAt(0) * 2 + 1, requestOf('GET', '/')),
    )
  }
  expect(all.map(({ isEnded }) => isEnded)).toEqual(all.map(() => false))
  for (const client of [upgraded, later]) client.socket.write('still there')
  await Promise.all([
    ...[upgraded, later].map((client) => client.until(has('still there'))),
    ...[body, body2].map((client) => client.until(has('abc'))),
    watch.until(has('200 OK')),
    watch2.until((told) => framesOf(told).filter(([type]) => type === types.headers).length === 4),
  ])
})

test('who has the answer is asked for no more of the request', async () => {
  const listening = await serve({})
  const client = await say(listening, 'h2', [START, frame(types.headers, flags.endHeaders, 1, requestOf('POST', '/'))])
  const reset = () => framesOf(client.told()).find(([type]) => type === types.resetStream)
  await client.until(() => reset() !== undefined)
  expect(reset()![1].readUInt32BE(0)).toBe(0)
  expect(client.told().includes('ok')).toBe(true)
  // A client that is sent away before it knows that the answer is whole takes it for none.
  const told = framesOf(client.told())
  const endOf = (one: number) => told.findIndex(([type, , flag]) => type === one && (flag & flags.endStream) !== 0)
  expect(endOf(types.data)).not.toBe(-1)
  expect(endOf(types.data)).toBeLessThan(told.findIndex(([type]) => type === types.resetStream))
})

test('closing a listener ends whoever is silent', async () => {
  const listening = await serve({})
  const clients = await Promise.all([
    say(listening, 'tcp', []),
    say(listening, 'http/1.1', []),
    say(listening, 'h2', []),
    say(listening, 'h2', [START]),
  ])
  await listening.close()
  await Promise.all(clients.map(({ ended }) => ended))
  expect(clients.every(({ isEnded }) => isEnded)).toBe(true)
})
