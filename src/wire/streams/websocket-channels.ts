/**
 * The channel protocols of WebSocket: each message begins with the number of a channel
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/, `v5.channel.k8s.io` and its elders). Which channels
 * there are is fixed by the request, not by the connection.
 */
import { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { nextTurn } from '../../base/async/turn.ts'
import { Incoming } from './incoming.ts'
import {
  ConnectionLost,
  destroyWhenDone,
  StreamProtocolError,
  type ByteStream,
  type StreamConnection,
  type StreamHeaders,
} from './stream-connection.ts'

export interface ChannelOptions {
  /** The agreed subprotocol; those with `base64` in their name carry text. */
  readonly protocol: string
  /** Only a client may close a channel; a server closes them all with the connection. */
  readonly side: 'client' | 'server'
  /** The channels by number; `undefined` where the request has none. */
  readonly channels: readonly (StreamHeaders | undefined)[]
}

/** In version 5 a message on this channel says that the channel named in it is closed. */
const closeChannel = 255
/** Bytes a channel may hold unread before the connection is no longer read. */
const maxUnread = 1024 * 1024
const maxMessage = 256 * 1024
const normalClosure = 1000
const protocolFault = 1002

/** The subprotocols of exec and attach, the best first. */
export const execChannelProtocols = [
  'v5.channel.k8s.io',
  'v4.channel.k8s.io',
  'v4.base64.channel.k8s.io',
  'channel.k8s.io',
  'base64.channel.k8s.io',
] as const

/** What an exec or attach asks for. */
export interface ExecStreams {
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
  readonly tty: boolean
}

/** The channels of exec and attach. Errors always have one; a terminal has one for its size, and no stderr. */
export function execChannels({ stdin, stdout, stderr, tty }: ExecStreams): (StreamHeaders | undefined)[] {
  const when = (isThere: boolean, streamtype: string) => (isThere ? { streamtype } : undefined)
  return [
    when(stdin, 'stdin'),
    when(stdout, 'stdout'),
    when(stderr && !tty, 'stderr'),
    { streamtype: 'error' },
    when(tty, 'resize'),
  ]
}

/** The channels of a port-forward over plain WebSocket: for each port one for data and one for errors. */
export function portChannels(ports: readonly number[]): StreamHeaders[] {
  return ports.flatMap((port, i) =>
    ['data', 'error'].map((streamtype) => ({ streamtype, port: String(port), requestid: String(i) })),
  )
}

/** Speaks channels over an open WebSocket, which is this object's from now on. Every channel is `incoming` at once. */
export function channelConnection(socket: WebSocket, options: ChannelOptions): StreamConnection {
  return new ChannelConnection(socket, options)
}

class ChannelConnection implements StreamConnection {
  readonly protocol: string
  readonly incoming = new Incoming()
  readonly closed: Promise<void>
  readonly #socket: WebSocket
  readonly #channels: readonly (Channel | undefined)[]
  readonly #isText: boolean
  readonly #hasHalfClose: boolean
  readonly #side: ChannelOptions['side']
  /** Numbers of the channels that this side has not ended. */
  readonly #open: Set<number>
  #failure: Error | undefined
  #hasSpoken = false

  constructor(socket: WebSocket, { protocol, side, channels }: ChannelOptions) {
    this.#socket = socket
    this.protocol = protocol
    this.#isText = protocol.includes('base64')
    this.#side = side
    this.#hasHalfClose = protocol.startsWith('v5.')
    this.#channels = channels.map((headers, number) => {
      return headers === undefined
        ? undefined
        : new Channel(number, headers, (message, done) => this.#send(message, done))
    })
    this.#open = new Set([...channels.keys()].filter((number) => channels[number] !== undefined))
    for (const channel of this.#channels) if (channel !== undefined) this.incoming.add(channel)
    if (side === 'server') this.#tellPorts()
    if (side === 'server') void nextTurn().then(() => this.#greet())
    socket.on('message', (data: Buffer) => this.#receive(Buffer.from(data)))
    socket.on('error', (error) => (this.#failure ??= error))
    this.closed = new Promise((resolve) => {
      socket.once('close', (code: number) => {
        this.#end(code)
        resolve()
      })
    })
  }

  /** Both channels of a forwarded port begin with its number. */
  #tellPorts(): void {
    for (const [number, channel] of this.#channels.entries()) {
      if (channel?.headers.port === undefined) continue
      const port = Buffer.alloc(2)
      port.writeUInt16LE(Number(channel.headers.port))
      this.#send({ number, bytes: port }, nothing)
    }
  }

  /**
   * Tells the client that its streams are there, if nothing else has told it. Not together with the handshake: older
   * kubectls read while they still make their streams, and say of a message that comes so early that it is of none.
   */
  #greet(): void {
    if (this.#hasSpoken) return
    const first = ['stdout', 'stderr', 'error']
      .map((name) => this.#channels.findIndex((channel) => channel?.headers.streamtype === name))
      .find((number) => number !== -1)
    if (first === undefined) return
    this.#send({ number: first, bytes: Buffer.alloc(0) }, nothing)
  }

  async open(headers: StreamHeaders): Promise<ByteStream> {
    const channel = this.#channels.find((candidate) => candidate?.headers.streamtype === headers.streamtype)
    if (channel === undefined) throw new StreamProtocolError(`there is no channel for ${headers.streamtype ?? 'that'}`)
    if (channel.destroyed) throw new ConnectionLost('the connection is closed')
    return channel
  }

  close(error?: Error): void {
    this.#failure ??= error
    if (error === undefined) this.#socket.close(normalClosure)
    else this.#socket.close(error instanceof StreamProtocolError ? protocolFault : 1011, error.message.slice(0, 120))
    for (const channel of this.#channels) channel?.lose(error ?? new ConnectionLost('the connection was closed'))
  }

  /** Whether a message comes as text or as bytes says nothing: Python's client sends text where bytes are agreed on. */
  #receive(data: Buffer): void {
    if (data.length === 0) return
    const number = this.#isText ? data[0]! - 0x30 : data[0]!
    const body = this.#isText ? Buffer.from(data.toString('latin1', 1), 'base64') : data.subarray(1)
    if (number === closeChannel && this.#hasHalfClose) return this.#channels[body[0] ?? closeChannel]?.finish()
    const channel = this.#channels[number]
    if (channel === undefined || channel.destroyed) return // clients send to channels that nobody reads
    channel.push(body)
    if (channel.readableLength > maxUnread) {
      this.#socket.pause()
      channel.onDrained = () => this.#socket.resume()
    }
  }

  /** No bytes close the channel, where the protocol can say so. */
  #send({ number, bytes }: Message, done: (error?: Error | null) => void): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return done(new ConnectionLost('the connection is closed'))
    if (bytes === undefined) {
      if (this.#hasHalfClose && this.#side === 'client') this.#socket.send(Buffer.from([closeChannel, number]), done)
      else {
        done()
        this.#endOne(number)
      }
      return
    }
    this.#hasSpoken = true
    if (this.#isText) {
      this.#socket.send(`${number}${Buffer.from(bytes).toString('base64')}`, { binary: false }, done)
    } else {
      this.#socket.send(Buffer.concat([Buffer.from([number]), bytes]), { binary: true }, done)
    }
  }

  /** A server cannot say that a channel has ended, but when all have, it hangs up: a forwarded port's client waits for it. */
  #endOne(number: number): void {
    this.#open.delete(number)
    if (this.#side === 'server' && this.#open.size === 0) this.#socket.close(normalClosure)
  }

  #end(code: number): void {
    this.incoming.end()
    const wasGood = this.#failure === undefined && (code === normalClosure || code === 1005)
    for (const channel of this.#channels) {
      if (wasGood) channel?.finish()
      channel?.lose(this.#failure ?? new ConnectionLost(`the connection was closed (code ${code})`))
    }
  }
}

interface Message {
  readonly number: number
  readonly bytes: Uint8Array | undefined
}

const nothing = () => {}

type Send = (message: Message, done: (error?: Error | null) => void) => void

class Channel extends Duplex implements ByteStream {
  readonly headers: StreamHeaders
  onDrained: (() => void) | undefined
  readonly #number: number
  readonly #send: Send
  #isFinished = false

  constructor(number: number, headers: StreamHeaders, send: Send) {
    super({ allowHalfOpen: true, autoDestroy: false })
    this.#number = number
    this.headers = headers
    this.#send = send
    destroyWhenDone(this)
    this.on('error', () => {}) // who reads or writes hears of it; nobody has to
  }

  /** The other side sends no more. */
  finish(): void {
    if (this.#isFinished || this.destroyed) return
    this.#isFinished = true
    this.push(null)
  }

  /** The connection is gone. What came to its end can still be read. */
  lose(error: Error): void {
    if (!this.#isFinished) this.destroy(error)
    else if (this.readableEnded) this.destroy()
    else this.once('end', () => this.destroy())
  }

  override push(chunk: Buffer | null): boolean {
    return (this.#isFinished && chunk !== null) || this.destroyed ? false : super.push(chunk)
  }

  override _read(): void {
    this.onDrained?.()
    this.onDrained = undefined
  }

  override _write(chunk: Buffer, _: string, done: (error?: Error | null) => void): void {
    const bytes = chunk.subarray(0, maxMessage)
    this.#send({ number: this.#number, bytes }, (error) => {
      if (error !== undefined && error !== null) done(error)
      else if (bytes.length === chunk.length) done()
      else this._write(chunk.subarray(maxMessage), _, done)
    })
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#send({ number: this.#number, bytes: undefined }, () => done())
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.onDrained?.()
    done(error)
  }
}
