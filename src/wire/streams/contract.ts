/** What every framing of streams must do; each runs this suite. */
import { describe, expect, test } from 'vitest'
import type { ByteStream, StreamConnection, StreamHeaders } from './stream-connection.ts'

/** Both ends of one connection. */
export interface ConnectionPair {
  readonly client: StreamConnection
  readonly server: StreamConnection
}

export interface Framing {
  readonly name: string
  /** The streams of a test are always these, in this order. */
  open(): Promise<ConnectionPair>
  /** Whether the server can close its direction and go on reading. */
  readonly serverHalfCloses: boolean
}

/** The streams that the suite opens. */
export const contractStreams: readonly StreamHeaders[] = [
  { streamtype: 'stdin' },
  { streamtype: 'stdout' },
  { streamtype: 'error' },
]

/** All that a stream brings up to its end. */
export async function readAll(stream: ByteStream): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

async function connect(framing: Framing) {
  const { client, server } = await framing.open()
  const own: ByteStream[] = []
  for (const headers of contractStreams) own.push(await client.open(headers))
  const theirs = new Map<string, ByteStream>()
  for await (const stream of server.incoming) {
    theirs.set(stream.headers.streamtype!, stream)
    if (theirs.size === contractStreams.length) break
  }
  const [stdin, stdout, error] = own as [ByteStream, ByteStream, ByteStream]
  return { client, server, stdin, stdout, error, theirs: (name: string) => theirs.get(name)! }
}

export function testStreamContract(framing: Framing): void {
  describe(`streams over ${framing.name}`, () => {
    test('arrive with their headers and carry bytes both ways', async () => {
      const { client, server, stdin, stdout, theirs } = await connect(framing)
      stdin.write('hello')
      theirs('stdout').write('there')
      expect(String(await once(theirs('stdin')))).toBe('hello')
      expect(String(await once(stdout))).toBe('there')
      client.close()
      await Promise.all([client.closed, server.closed])
    })

    test('close one direction while the other goes on', async () => {
      const { client, server, stdin, theirs } = await connect(framing)
      stdin.end('the last')
      expect(await readAll(theirs('stdin'))).toBe('the last')
      theirs('stdin').write('still here')
      expect(String(await once(stdin))).toBe('still here')
      client.close()
      await Promise.all([client.closed, server.closed])
    })

    test.runIf(framing.serverHalfCloses)('close in the other direction just as well', async () => {
      const { client, server, stdout, theirs } = await connect(framing)
      theirs('stdout').end('done')
      expect(await readAll(stdout)).toBe('done')
      stdout.end('and I')
      expect(await readAll(theirs('stdout'))).toBe('and I')
      client.close()
      await Promise.all([client.closed, server.closed])
    })

    test('carry megabytes, in order, with a slow reader', async () => {
      const { client, server, stdin, theirs } = await connect(framing)
      const size = 5_000_000
      const data = Buffer.alloc(size, 'abcdefghijklmnopqrstuvwxyz')
      stdin.end(data)
      let at = 0
      for await (const chunk of theirs('stdin') as AsyncIterable<Buffer>) {
        expect(chunk.equals(data.subarray(at, at + chunk.length))).toBe(true)
        at += chunk.length
        await new Promise((resolve) => process.nextTick(resolve))
      }
      expect(at).toBe(size)
      client.close()
      await Promise.all([client.closed, server.closed])
    })

    test('bring what was sent before the connection was closed', async () => {
      const { client, server, stdout, error, theirs } = await connect(framing)
      theirs('stdout').write('out')
      theirs('error').end('{"status":"Success"}')
      await new Promise<void>((resolve) => theirs('stdout').write('put', () => resolve()))
      server.close()
      expect(await readAll(stdout)).toBe('output')
      expect(await readAll(error)).toBe('{"status":"Success"}')
      await Promise.all([client.closed, server.closed])
    })

    test('end with the connection, and opening more is refused', async () => {
      const { client, server, theirs } = await connect(framing)
      client.close()
      await Promise.all([client.closed, server.closed])
      expect(await readAll(theirs('stdin'))).toBe('')
      await expect(client.open({ streamtype: 'stdin' })).rejects.toThrow('the connection is closed')
      for await (const stream of server.incoming) stream.destroy()
    })

    test('fail when the connection fails', async () => {
      const { client, server, stdout } = await connect(framing)
      const reading = readAll(stdout)
      client.close(new Error('something broke'))
      await expect(reading).rejects.toThrow('something broke')
      await Promise.all([client.closed, server.closed])
    })
  })
}

function once(stream: ByteStream): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    stream.once('data', (chunk: Buffer) => {
      stream.pause()
      resolve(chunk)
    })
    stream.once('error', reject)
  })
}
