import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { ManualClock } from '../../../base/manual-clock.ts'
import { RuntimeError } from '../runtime.ts'
import { type ContainerdRuntime, connectContainerd } from './runtime.ts'

type Call = ServerUnaryCall<Buffer, Buffer>
type Answer = (call: Call, answer: sendUnaryData<Buffer>) => void

const METHODS = { Version: '/runtime.v1.RuntimeService/Version', Status: '/runtime.v1.RuntimeService/Status' }

/** A program that speaks CRI over a socket, as badly as it is told to. */
class FakeRuntime {
  readonly #server = new Server()
  readonly answers = new Map<string, Answer>()

  constructor() {
    const asIs = (bytes: Buffer) => bytes
    const serialization = { requestSerialize: asIs, requestDeserialize: asIs } as const
    const answered = { responseSerialize: asIs, responseDeserialize: asIs } as const
    const common = { requestStream: false, responseStream: false, ...serialization, ...answered } as const
    this.#server.addService(
      Object.fromEntries(Object.entries(METHODS).map(([name, path]) => [name, { path, ...common }])),
      Object.fromEntries(
        Object.keys(METHODS).map((name) => [
          name,
          (call: Call, answer: sendUnaryData<Buffer>) => this.#on(name, call, answer),
        ]),
      ),
    )
  }

  #on(name: string, call: Call, answer: sendUnaryData<Buffer>): void {
    this.answers.get(name)?.(call, answer)
  }

  listen(path: string): Promise<void> {
    return new Promise((resolve, reject) =>
      this.#server.bindAsync(`unix:${path}`, ServerCredentials.createInsecure(), (error) =>
        error === null ? resolve() : reject(error),
      ),
    )
  }

  close(): void {
    this.#server.forceShutdown()
  }
}

let folder: string
let clock: ManualClock
let fake: FakeRuntime
let connection: ContainerdRuntime
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gorae-cri-'))
  clock = new ManualClock()
  fake = new FakeRuntime()
  await fake.listen(join(folder, 'cri.sock'))
  connection = connectContainerd({ socketPath: join(folder, 'cri.sock'), clock })
})
afterEach(() => {
  connection.close()
  fake.close()
  rmSync(folder, { recursive: true, force: true })
})

const { signal: alive } = new AbortController()
const codeOf = async (call: Promise<unknown>) => {
  try {
    await call
    return 'none'
  } catch (error) {
    return error instanceof RuntimeError ? error.code : String(error)
  }
}
/** Settles when the call has arrived; nothing is answered. */
const hang = (name: string) =>
  new Promise<Call>((resolve) => {
    fake.answers.set(name, (call) => resolve(call))
  })
/** `VersionResponse { runtime_name = 2 }` */
const version = (name: string) => Buffer.concat([Buffer.from([0x12, name.length]), Buffer.from(name)])

describe('a runtime behind a socket', () => {
  test('that hangs is given up after two minutes, and told so', async () => {
    const arrived = hang('Version')
    const asked = codeOf(connection.runtime.version(alive))
    const call = await arrived
    const cancelled = new Promise((resolve) => call.once('cancelled', resolve))
    await clock.advance(119_000)
    await clock.advance(1_000)
    expect(await asked).toBe('DeadlineExceeded')
    await cancelled
    expect(clock.pending).toBe(0)
  })

  test('that hangs in one call answers others', async () => {
    const arrived = hang('Version')
    const asked = codeOf(connection.runtime.version(alive))
    await arrived
    fake.answers.set('Status', (_, answer) => answer(null, Buffer.alloc(0)))
    expect(await connection.runtime.status(alive)).toMatchObject({ conditions: [] })
    await clock.advance(120_000)
    expect(await asked).toBe('DeadlineExceeded')
  })

  test('is told when nobody waits for its answer any more', async () => {
    const stop = new AbortController()
    const arrived = hang('Version')
    const asked = codeOf(connection.runtime.version(stop.signal))
    const call = await arrived
    const cancelled = new Promise((resolve) => call.once('cancelled', resolve))
    stop.abort(new Error('enough'))
    expect(await asked).toBe('Error: enough')
    await cancelled
    expect(clock.pending).toBe(0)
  })

  test('that answers in time, if late, is heard', async () => {
    fake.answers.set('Version', (_, answer) => void Promise.resolve().then(() => answer(null, version('late'))))
    expect(await connection.runtime.version(alive)).toMatchObject({ runtimeName: 'late' })
  })

  test('that answers rubbish has failed, and the next call is answered', async () => {
    fake.answers.set('Version', (_, answer) => answer(null, Buffer.from([0x12, 0xff, 0xff, 0xff, 0x7f, 1, 2])))
    expect(await codeOf(connection.runtime.version(alive))).toBe('Internal')
    fake.answers.set('Version', (_, answer) => answer(null, version('sane')))
    expect(await connection.runtime.version(alive)).toMatchObject({ runtimeName: 'sane' })
  })

  test('that goes away in the middle of a call is unavailable', async () => {
    const arrived = hang('Version')
    const asked = codeOf(connection.runtime.version(alive))
    await arrived
    fake.close()
    expect(['Unavailable', 'Cancelled']).toContain(await asked)
  })
})
