/** Floods over HTTP/2 (https://www.rfc-editor.org/rfc/rfc9113#section-10.5): the connection ends, and nobody else notices. */

import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { flags, frame, framesOf, literal, requestOf, START, types } from './hostile-frames.ts'
import { type Hostile, startHostile } from './hostile-client.ts'
import { type HttpHandlers, listen, type ListenOptions } from './server.ts'

let server: Hostile
beforeAll(async () => {
  server = await startHostile()
})
afterAll(() => server.close())

const MAPS = '/api/v1/namespaces/default/configmaps'
const MAX_STALL_MS = 100

/** GET of the ConfigMaps, as HPACK has it. */
const REQUEST = requestOf('GET', MAPS)
const CANCEL = Buffer.from([0, 0, 0, 8])
/** An entry for the table of headers, and as many bytes that each mean it again. */
const BOMB = Buffer.concat([Buffer.from([0x40, 1, 0x78, 0x7f, 0xa1, 0x1e]), Buffer.alloc(4_000, 0x61)])

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
      frame(types.headers, flags.endStream | flags.endHeaders, stream(i), REQUEST),
      frame(types.resetStream, 0, stream(i), CANCEL),
    ],
    count: 20_000,
  },
  {
    what: 'requests beyond all limits',
    frames: (i) => [frame(types.headers, flags.endHeaders, stream(i), REQUEST)],
    count: 20_000,
  },
  {
    what: 'pings, the answers to which nobody reads',
    frames: () => [frame(types.ping, 0, 0, Buffer.alloc(8))],
    count: 500_000,
    isDeaf: true,
  },
  {
    what: 'settings, the answers to which nobody reads',
    frames: () => [frame(types.settings, 0, 0)],
    count: 800_000,
    isDeaf: true,
  },
  {
    what: 'headers that never end',
    frames: (i) => [i === 0 ? frame(types.headers, 0, 1, REQUEST) : frame(types.continuation, 0, 1, literal(0, 'a'))],
    count: 100_000,
  },
  {
    what: 'headers that unfold into megabytes',
    frames: (i) => [
      frame(
        types.headers,
        flags.endStream | flags.endHeaders,
        stream(i),
        Buffer.concat([REQUEST, BOMB, Buffer.alloc(10_000, 0xbe)]),
      ),
    ],
    count: 90,
  },
  {
    what: 'frames of no request',
    frames: (i) => [frame(types.data, 0, stream(i), Buffer.alloc(10))],
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
      if (framesOf(told).some(([type, payload]) => type === types.goAway && payload.readUInt32BE(4) !== 0)) onEnough()
      if (framesOf(told).filter(([type]) => type === types.resetStream).length >= count) resolve()
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
  return { isEnough, refused: framesOf(told).filter(([type]) => type === types.resetStream).length }
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
