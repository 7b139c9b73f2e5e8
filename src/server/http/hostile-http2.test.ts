/** Floods over HTTP/2 (https://www.rfc-editor.org/rfc/rfc9113#section-10.5): the connection ends, and nobody else notices. */

import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2'
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Hostile, startHostile } from './hostile-client.ts'
import { type HttpHandlers, listen, type ListenOptions } from './server.ts'

let server: Hostile
beforeAll(async () => {
  server = await startHostile()
})
afterAll(() => server.close())

const MAPS = '/api/v1/namespaces/default/configmaps'
const DATA = 0
const HEADERS = 1
const RST_STREAM = 3
const SETTINGS = 4
const PING = 6
const GOAWAY = 7
const CONTINUATION = 9
const END_STREAM = 1
const END_HEADERS = 4
const MAX_STALL_MS = 100

function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

const literal = (index: number, text: string) =>
  Buffer.concat([Buffer.from([index, text.length]), Buffer.from(text, 'latin1')])
/** GET of the ConfigMaps, as HPACK has it. */
const REQUEST = Buffer.concat([Buffer.from([0x82, 0x87]), literal(0x04, MAPS), literal(0x01, 'server')])
const CANCEL = Buffer.from([0, 0, 0, 8])
/** An entry for the table of headers, and as many bytes that each mean it again. */
const BOMB = Buffer.concat([Buffer.from([0x40, 1, 0x78, 0x7f, 0xa1, 0x1e]), Buffer.alloc(4_000, 0x61)])
const START = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(SETTINGS, 0, 0)])

const stream = (i: number) => 2 * i + 1

interface Flood {
  readonly what: string
  /** What is sent again and again. */
  readonly frames: (i: number) => readonly Buffer[]
  readonly count: number
  /** Answers are left where they are. */
  readonly isDeaf?: boolean
}

const floods: readonly Flood[] = [
  {
    what: 'requests that are taken back at once',
    frames: (i) => [
      frame(HEADERS, END_STREAM | END_HEADERS, stream(i), REQUEST),
      frame(RST_STREAM, 0, stream(i), CANCEL),
    ],
    count: 20_000,
  },
  {
    what: 'requests beyond all limits',
    frames: (i) => [frame(HEADERS, END_HEADERS, stream(i), REQUEST)],
    count: 20_000,
  },
  {
    what: 'pings, the answers to which nobody reads',
    frames: () => [frame(PING, 0, 0, Buffer.alloc(8))],
    count: 500_000,
    isDeaf: true,
  },
  {
    what: 'settings, the answers to which nobody reads',
    frames: () => [frame(SETTINGS, 0, 0)],
    count: 800_000,
    isDeaf: true,
  },
  {
    what: 'headers that never end',
    frames: (i) => [i === 0 ? frame(HEADERS, 0, 1, REQUEST) : frame(CONTINUATION, 0, 1, literal(0, 'a'))],
    count: 100_000,
  },
  {
    what: 'headers that unfold into megabytes',
    frames: (i) => [
      frame(HEADERS, END_STREAM | END_HEADERS, stream(i), Buffer.concat([REQUEST, BOMB, Buffer.alloc(10_000, 0xbe)])),
    ],
    count: 90,
  },
  {
    what: 'frames of no request',
    frames: (i) => [frame(DATA, 0, stream(i), Buffer.alloc(10))],
    count: 20_000,
  },
]

/** Sends a flood until the server has enough. Answers whether it has, or how many of the requests it refused. */
async function send({ frames, count, isDeaf = false }: Flood): Promise<{ isEnough: boolean; refused: number }> {
  const socket = connectTls({ host: '127.0.0.1', port: server.port, ...server.tls, ALPNProtocols: ['h2'] })
  let isEnough = false
  let told = Buffer.alloc(0)
  const enough = new Promise<void>((resolve) => {
    const onEnough = () => {
      isEnough = true
      resolve()
    }
    for (const event of ['close', 'end', 'error']) socket.on(event, onEnough)
    const onData = (bytes: Buffer) => {
      told = Buffer.concat([told, bytes])
      if (framesOf(told).some(([type, payload]) => type === GOAWAY && payload.readUInt32BE(4) !== 0)) onEnough()
      if (framesOf(told).filter(([type]) => type === RST_STREAM).length >= count) resolve()
    }
    if (!isDeaf) socket.on('data', onData)
  })
  await once(socket, 'secureConnect')
  socket.write(START)
  for (let i = 0; i < count && !isEnough;) {
    const block: Buffer[] = []
    for (const end = Math.min(count, i + 200); i < end; i++) block.push(...frames(i))
    // oxlint-disable-next-line no-await-in-loop -- no more than the connection takes
    if (!socket.write(Buffer.concat(block))) await Promise.race([once(socket, 'drain').catch(() => {}), enough])
  }
  if (isDeaf) socket.resume()
  await enough
  socket.destroy()
  return { isEnough, refused: framesOf(told).filter(([type]) => type === RST_STREAM).length }
}

/** The frames that are there whole: their types and payloads. */
function framesOf(bytes: Buffer): (readonly [type: number, payload: Buffer])[] {
  const frames: (readonly [number, Buffer])[] = []
  for (let at = 0; at + 9 <= bytes.length;) {
    const end = at + 9 + bytes.readUIntBE(at, 3)
    if (end > bytes.length) break
    frames.push([bytes[at + 3]!, bytes.subarray(at + 9, end)])
    at = end
  }
  return frames
}

describe('a flood over HTTP/2', () => {
  for (const flood of floods) {
    test(`of ${flood.what} ends its connection, and nobody else's`, async () => {
      const flooding = send(flood)
      const { status, stallMs } = await server.ask({ method: 'GET', path: MAPS })
      expect(status).toBe(200)
      expect(stallMs).toBeLessThan(MAX_STALL_MS)
      const { isEnough, refused } = await flooding
      expect(isEnough || refused === flood.count).toBe(true)
      expect((await server.ask({ method: 'GET', path: MAPS })).status).toBe(200)
      expect(server.failures).toEqual([])
    }, 30_000)
  }
})

/** A listener with handlers of a test's own. */
function listenWith(onRequest: HttpHandlers['onRequest'], more: Partial<HttpHandlers & ListenOptions> = {}) {
  const { certificate, key } = server.own
  const handlers = { onRequest, onUpgrade: async () => {}, onUnread: () => {}, ...more }
  return listen({ host: '127.0.0.1', port: 0, certificate, key, clientCa: server.tls.ca, ...more }, handlers)
}

test('a request whose answer fails ends its stream, and not the server', async () => {
  const failures: unknown[] = []
  const listening = await listenWith(async () => Promise.reject(new Error('unforeseen')), {
    onFailure: (error) => failures.push(error),
  })
  const session = connectHttp2(`https://127.0.0.1:${listening.port}`, server.tls)
  const asked = session.request({ ':path': '/' })
  await once(asked, 'close')
  session.destroy()
  expect(failures).toEqual([new Error('unforeseen')])
  await listening.close()
})

describe('a connection over HTTP/2 on which nothing is asked', () => {
  const isOver = async (session: ClientHttp2Session) => {
    await once(session, 'goaway')
    session.close()
    if (!session.destroyed) await once(session, 'close')
    return true
  }

  test('is ended, and one with a watch is not', async () => {
    const { ca, cert, key } = server.tls
    const listening = await listenWith(
      async (_, response) => (response as ServerResponse).writeHead(200).flushHeaders(),
      { idleMs: 50 },
    )
    const connect = () => connectHttp2(`https://127.0.0.1:${listening.port}`, { ca, cert, key })
    const watching = connect()
    const watch = watching.request({ ':path': MAPS })
    await once(watch, 'response')
    expect(await isOver(connect())).toBe(true)
    expect([watch.closed, watching.closed]).toEqual([false, false])
    watching.destroy()
    await listening.close()
  })
})
