import { createHash } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { constants, createDeflate } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listening } from '../../base/async/listening.ts'
import { acceptStreams, negotiate } from './accept.ts'
import { bridgeConnections } from './bridge.ts'
import { contractStreams, readAll, testStreamContract, type ConnectionPair } from './contract.ts'
import { dialSpdy, dialWebSocket } from './dial.ts'
import { memoryPair } from './memory-pair.ts'
import { spdyConnection } from './spdy.ts'
import { controlFrame, dataFrame, frameTypes } from './spdy-frames.ts'
import { dictionary, HeaderReader, HeaderWriter } from './spdy-headers.ts'
import type { StreamConnection } from './stream-connection.ts'
import { channelConnection, execChannels, portChannels } from './websocket-channels.ts'

let server: Server
let accepted: (connection: StreamConnection) => void = () => {}
const url = () => new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/exec`)

beforeAll(async () => {
  server = createServer()
  server.on('upgrade', (request, socket, head) => {
    const options = {
      spdyProtocols: ['v4.channel.k8s.io', 'portforward.k8s.io'],
      webSocketProtocols: ['SPDY/3.1+portforward.k8s.io', 'v5.channel.k8s.io', 'v4.base64.channel.k8s.io', ''],
      channels: contractStreams,
    }
    void acceptStreams({ request, socket, head }, options).then((connection) => connection && accepted(connection))
  })
  await listening(server, { port: 0, host: '127.0.0.1' })
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

async function pairOf(dial: () => Promise<StreamConnection>): Promise<ConnectionPair> {
  const serverSide = new Promise<StreamConnection>((resolve) => (accepted = resolve))
  const [client, other] = await Promise.all([dial(), serverSide])
  return { client, server: other }
}

function spdyPair(): ConnectionPair {
  const [a, b] = memoryPair()
  const protocol = 'v4.channel.k8s.io'
  return {
    client: spdyConnection(a, { protocol, side: 'client' }),
    server: spdyConnection(b, { protocol, side: 'server' }),
  }
}

testStreamContract({ name: 'SPDY in memory', serverHalfCloses: true, open: async () => spdyPair() })
testStreamContract({
  name: 'SPDY by HTTP upgrade',
  serverHalfCloses: true,
  open: () => pairOf(() => dialSpdy(url(), { protocols: ['v4.channel.k8s.io'] })),
})
testStreamContract({
  name: 'SPDY inside WebSocket',
  serverHalfCloses: true,
  open: () => pairOf(() => dialWebSocket(url(), { protocols: ['SPDY/3.1+portforward.k8s.io'], channels: [] })),
})
testStreamContract({
  name: 'WebSocket channels',
  serverHalfCloses: false,
  open: () => pairOf(() => dialWebSocket(url(), { protocols: ['v5.channel.k8s.io'], channels: contractStreams })),
})
testStreamContract({
  name: 'SPDY bridged to SPDY',
  serverHalfCloses: true,
  async open() {
    const front = spdyPair()
    const back = spdyPair()
    void bridgeConnections(front.server, back.client)
    return { client: front.client, server: back.server }
  },
})
testStreamContract({
  name: 'WebSocket channels bridged to SPDY',
  serverHalfCloses: false,
  async open() {
    const channels = { protocols: ['v5.channel.k8s.io'], channels: contractStreams }
    const front = await pairOf(() => dialWebSocket(url(), channels))
    const back = spdyPair()
    void bridgeConnections(front.server, back.client)
    return { client: front.client, server: back.server }
  },
})

describe('SPDY', () => {
  test('has the dictionary that the protocol fixes', () => {
    expect(dictionary).toHaveLength(1423)
    expect(createHash('sha256').update(dictionary).digest('hex')).toMatch(/^51d27341373f923f/)
  })

  test('reads headers squeezed by zlib, one block after the other, and its own', async () => {
    const reader = new HeaderReader()
    const deflate = createDeflate({ dictionary, flush: constants.Z_SYNC_FLUSH })
    const squeeze = (block: Buffer) =>
      new Promise<Buffer>((resolve) => {
        deflate.once('data', resolve)
        deflate.write(block)
      })
    const block = (name: string, value: string) => {
      const text = (part: string) => Buffer.concat([Buffer.from([0, 0, 0, part.length]), Buffer.from(part)])
      return Buffer.concat([Buffer.from([0, 0, 0, 1]), text(name), text(value)])
    }
    expect(await reader.read(await squeeze(block('Streamtype', 'error')))).toEqual({ streamtype: 'error' })
    expect(await reader.read(await squeeze(block('port', '8080')))).toEqual({ port: '8080' })
    const own = new HeaderReader()
    const writer = new HeaderWriter()
    for (const headers of [{ streamtype: 'data', port: '80' }, {}, { requestid: '0' }]) {
      expect(await own.read(writer.write(headers))).toEqual(headers)
    }
    reader.close()
    own.close()
  })

  test('ends every header block so that readers that wait for a flush go on', () => {
    const writer = new HeaderWriter()
    for (const headers of [{}, { port: '80' }]) {
      expect(writer.write(headers).subarray(-5)).toEqual(Buffer.from([0, 0, 0, 0xff, 0xff]))
    }
  })

  test('refuses headers that unfold without end', async () => {
    const reader = new HeaderReader()
    const writer = new HeaderWriter()
    await expect(reader.read(writer.write({ a: 'x'.repeat(100_000) }))).rejects.toThrow('too large')
    reader.close()
  })

  test('keeps to the windows of a side that has windows', async () => {
    const [near, far] = memoryPair()
    const client = spdyConnection(near, { protocol: '', side: 'client' })
    const opened = client.open({ streamtype: 'stdin' })
    far.write(controlFrame(frameTypes.settings, 0, [1, 7, 65_536]))
    far.write(controlFrame(frameTypes.synReply, 0, [1], new HeaderWriter().write({})))
    const stream = await opened
    let received = 0
    far.on('data', (chunk: Buffer) => (received += chunk.length))
    stream.write(Buffer.alloc(200_000))
    await settle()
    expect(received).toBeGreaterThan(60_000)
    expect(received).toBeLessThan(66_000)
    far.write(controlFrame(frameTypes.windowUpdate, 0, [1, 200_000]))
    far.write(controlFrame(frameTypes.windowUpdate, 0, [0, 200_000]))
    await settle()
    expect(received).toBeGreaterThan(200_000)
    client.close()
    far.destroy()
    await client.closed
  })

  test('tells the other side how much more it may send, once that is read', async () => {
    const [near, far] = memoryPair()
    const connection = spdyConnection(near, { protocol: '', side: 'server' })
    far.write(
      controlFrame(frameTypes.synStream, 0, [1, 0], Buffer.concat([Buffer.alloc(2), new HeaderWriter().write({})])),
    )
    far.write(controlFrame(frameTypes.settings, 0, [1, 7, 65_536]))
    far.write(dataFrame(1, Buffer.alloc(60_000), false))
    const updates: number[] = []
    far.on('data', (chunk: Buffer) => {
      for (let at = 0; at < chunk.length; at += 8 + chunk.readUIntBE(at + 5, 3)) {
        if (chunk.readUInt16BE(at + 2) === frameTypes.windowUpdate) updates.push(chunk.readUInt32BE(at + 8))
      }
    })
    for await (const stream of connection.incoming) {
      stream.resume()
      break
    }
    await settle()
    expect(updates.toSorted((a, b) => a - b)).toEqual([0, 1])
    far.destroy()
    await connection.closed
  })

  test('delivers what came before the connection broke, then fails; a goodbye makes it a good end', async () => {
    for (const says of [Buffer.alloc(0), controlFrame(frameTypes.goAway, 0, [0, 0])]) {
      const [near, far] = memoryPair()
      const connection = spdyConnection(near, { protocol: '', side: 'server' })
      const open = Buffer.concat([Buffer.alloc(2), new HeaderWriter().write({})])
      far.write(
        Buffer.concat([
          controlFrame(frameTypes.synStream, 0, [1, 0], open),
          dataFrame(1, Buffer.from('x'), false),
          says,
        ]),
      )
      await settle()
      near.destroy(new Error('reset by peer'))
      await connection.closed
      const isGood = says.length > 0
      for await (const stream of connection.incoming) {
        const end = await readAll(stream).catch((error: Error) => error.message)
        expect(end).toBe(isGood ? 'x' : 'reset by peer')
      }
    }
  })

  test('answers a ping, and resets a stream that nobody opened', async () => {
    const [near, far] = memoryPair()
    const connection = spdyConnection(near, { protocol: '', side: 'server' })
    far.write(controlFrame(frameTypes.ping, 0, [7]))
    far.write(dataFrame(9, Buffer.from('x'), false))
    await settle()
    const answer = far.read() as Buffer
    expect(answer.subarray(0, 12)).toEqual(controlFrame(frameTypes.ping, 0, [7]))
    expect(answer.readUInt16BE(14)).toBe(frameTypes.rstStream)
    far.destroy()
    await connection.closed
  })

  const faults: [string, Buffer][] = [
    ['another version', Buffer.from([0x80, 2, 0, 1, 0, 0, 0, 0])],
    ['a control frame without end', Buffer.from([0x80, 3, 0, 1, 0, 0xff, 0xff, 0xff])],
    [
      'a stream number of our own',
      controlFrame(frameTypes.synStream, 0, [2, 0], Buffer.concat([Buffer.alloc(2), new HeaderWriter().write({})])),
    ],
    ['headers that are no zlib', controlFrame(frameTypes.synStream, 0, [1, 0], Buffer.from('xxxxxxxxxxxxxx'))],
    ['a frame cut short', controlFrame(frameTypes.rstStream, 0, [1])],
  ]
  for (const [what, bytes] of faults) {
    test(`ends the connection over ${what}`, async () => {
      const [near, far] = memoryPair()
      const connection = spdyConnection(near, { protocol: '', side: 'server' })
      far.write(bytes)
      far.resume()
      await connection.closed
      expect(near.destroyed).toBe(true)
    })
  }
})

describe('WebSocket channels', () => {
  test('are those that the request asks for', () => {
    const all = { stdin: true, stdout: true, stderr: true, tty: false }
    const names = (streams: typeof all) => execChannels(streams).map((headers) => headers?.streamtype)
    expect(names(all)).toEqual(['stdin', 'stdout', 'stderr', 'error', undefined])
    expect(names({ ...all, stdin: false, tty: true })).toEqual([undefined, 'stdout', undefined, 'error', 'resize'])
    expect(portChannels([80, 443])[3]).toEqual({ streamtype: 'error', port: '443', requestid: '1' })
  })

  test('of a port-forward begin with their port', async () => {
    const { WebSocket, WebSocketServer } = await import('ws')
    const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    sockets.on('connection', (socket) => {
      channelConnection(socket, { protocol: 'v4.channel.k8s.io', side: 'server', channels: portChannels([8080]) })
    })
    await new Promise((resolve) => sockets.once('listening', resolve))
    const client = new WebSocket(`ws://127.0.0.1:${(sockets.address() as AddressInfo).port}`)
    const messages: string[] = []
    await new Promise<void>((resolve) => {
      client.on('message', (data: Buffer) => {
        messages.push(data.toString('hex'))
        if (messages.length === 2) resolve()
      })
    })
    expect(messages).toEqual(['00901f', '01901f'])
    client.close()
    await new Promise((resolve) => sockets.close(resolve))
  })
})

describe('the upgrade', () => {
  test('agrees on the best protocol both know', () => {
    expect(negotiate(['v1', 'v4'], ['v5', 'v4', 'v1'])).toBe('v4')
    expect(negotiate(['v9'], ['v5'])).toBeUndefined()
    expect(negotiate([], ['v5', ''])).toBe('')
    expect(negotiate([], ['v5'])).toBeUndefined()
  })

  test('is refused with a reason when there is none', async () => {
    await expect(dialSpdy(url(), { protocols: ['v9.channel.k8s.io'] })).rejects.toThrow(
      'status 403: unable to upgrade: unable to negotiate protocol: client supports [v9.channel.k8s.io], ' +
        'server accepts [v4.channel.k8s.io portforward.k8s.io]',
    )
    await expect(dialWebSocket(url(), { protocols: ['v9'], channels: [] })).rejects.toThrow('status 400')
  })

  test('carries channels as text to clients that want text', async () => {
    const options = { protocols: ['v4.base64.channel.k8s.io'], channels: contractStreams }
    const { client, server: other } = await pairOf(() => dialWebSocket(url(), options))
    const stdout = await client.open({ streamtype: 'stdout' })
    const theirs = await other.open({ streamtype: 'stdout' })
    await new Promise<void>((resolve) => theirs.write('päper', () => resolve()))
    other.close()
    expect(await readAll(stdout)).toBe('päper')
    await client.closed
  })

  test('minds no text where bytes are agreed on', async () => {
    const { WebSocket } = await import('ws')
    const serverSide = new Promise<StreamConnection>((resolve) => (accepted = resolve))
    const socket = new WebSocket(url(), 'v5.channel.k8s.io')
    socket.once('open', () => {
      socket.send('\0echo ünd\n')
      socket.send(Buffer.from([255, 0]))
    })
    const stdin = await (await serverSide).open({ streamtype: 'stdin' })
    expect(await readAll(stdin)).toBe('echo ünd\n')
    socket.close()
  })

  test('ends with the last channel that the server ends', async () => {
    const options = { protocols: ['v5.channel.k8s.io'], channels: contractStreams }
    const { client, server: other } = await pairOf(() => dialWebSocket(url(), options))
    const stdout = await client.open({ streamtype: 'stdout' })
    let isClosed = false
    void client.closed.then(() => (isClosed = true))
    for await (const stream of other.incoming) {
      expect(isClosed).toBe(false)
      stream.end('the last')
      if (stream.headers.streamtype === 'error') break
    }
    expect(await readAll(stdout)).toBe('the last')
    await client.closed
  })

  test('is given up with its signal', async () => {
    const controller = new AbortController()
    const { client } = await pairOf(() => dialSpdy(url(), { protocols: ['v4.channel.k8s.io'] }, controller.signal))
    controller.abort(new Error('enough'))
    await client.closed
    const options = { protocols: ['v4.channel.k8s.io'], channels: contractStreams }
    await expect(dialSpdy(url(), options, controller.signal)).rejects.toThrow('enough')
    await expect(dialWebSocket(url(), options, controller.signal)).rejects.toThrow('enough')
  })
})

/** Lets everything that is under way in memory happen. */
async function settle(): Promise<void> {
  for (let i = 0; i < 200; i++) await new Promise((resolve) => process.nextTick(resolve))
  const { setImmediate: turn } = await import('node:timers/promises')
  for (let i = 0; i < 20; i++) await turn()
}
