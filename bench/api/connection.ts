/**
 * A client's connection that does as little as can be for a call: requests go out as the bytes they were made into before,
 * and of an answer only the status and where it ends are read. All clients of a benchmark share one thread beside the
 * server's: what it does for one of them all others wait for, which is no time of the server's.
 */

import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'
import type { Credentials } from './credentials.ts'

export interface Answer {
  readonly status: number
  /** Of the body, as it was sent. */
  readonly bytes: number
  /** The body's end, in which a refusal says why. */
  readonly tail: Buffer
}

interface Waiting {
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: Error) => void
}

const HEAD_END = Buffer.from('\r\n\r\n')
/** The last chunk of a body of no length: JSON on one line never has it. */
const LAST_CHUNK = Buffer.from('\r\n0\r\n\r\n')
const LINE_END: Buffer = Buffer.from('\r\n')
const NONE: Buffer = Buffer.alloc(0)

/** Opens a connection with the administrator's certificate. */
export async function openConnection(origin: string, { authority, admin }: Credentials): Promise<Connection> {
  const { hostname, port } = new URL(origin)
  const socket = connect({
    host: hostname,
    port: Number(port),
    ca: authority.certificate,
    cert: admin.certificate,
    key: admin.key,
    ALPNProtocols: ['http/1.1'],
  })
  socket.setNoDelay(true)
  await once(socket, 'secureConnect')
  return new Connection(socket)
}

export class Connection {
  readonly #socket: TLSSocket
  #waiting: Waiting | undefined
  #head: Buffer = NONE
  #status = 0
  /** Bytes of the body still to come; undefined while the head is read, infinite until the last chunk. */
  #left: number | undefined
  #bytes = 0
  #tail: Buffer = NONE

  constructor(socket: TLSSocket) {
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('error', (error) => this.#waiting?.reject(error))
    socket.on('close', () => this.#waiting?.reject(new Error('the server ended the connection')))
  }

  /** One call at a time. */
  send(request: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#socket.write(request)
    })
  }

  /** Sends what is answered without end; `count` is told of all that comes. */
  follow(request: Buffer, count: (bytes: Buffer) => void): void {
    this.#socket.removeAllListeners('data')
    this.#socket.on('data', count)
    this.#socket.write(request)
  }

  close(): void {
    this.#waiting = undefined
    this.#socket.destroy()
  }

  #read(chunk: Buffer): void {
    let body = chunk
    if (this.#left === undefined) {
      const head = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk])
      const end = head.indexOf(HEAD_END)
      if (end < 0) {
        this.#head = head
        return
      }
      this.#begin(head.toString('latin1', 0, end))
      body = head.subarray(end + HEAD_END.length)
    }
    this.#bytes += body.length
    this.#tail = this.#left === Infinity && body.length < LAST_CHUNK.length ? Buffer.concat([this.#tail, body]) : body
    if (this.#left !== Infinity) this.#left! -= body.length
    else if (this.#tail.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK)) this.#left = 0
    if (this.#left === 0) this.#end()
  }

  #begin(head: string): void {
    this.#head = NONE
    this.#bytes = 0
    this.#status = Number(head.slice(9, 12))
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
    this.#left = length === undefined ? Infinity : Number(length)
    this.#tail = LINE_END
  }

  #end(): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    this.#left = undefined
    waiting?.resolve({ status: this.#status, bytes: this.#bytes, tail: this.#tail })
  }
}
