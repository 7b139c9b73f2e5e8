/** The API server under watch, in a process of its own, as `gorae up` runs it but without controllers. */

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { SERVER_FLAGS } from '../../src/cluster/daemons/runtime-flags.ts'
import { loopbackCertificates } from '../../src/server/loopback.ts'
import { startGorae } from '../../bench/api/gorae-server.ts'
import { askerOf, type Ask } from '../differential/client.ts'
import { type Longest, Turns } from './turns.ts'

export interface Watched {
  readonly ask: Ask
  /** How long the longest turn was while something was done. */
  during(work: () => Promise<void>): Promise<Longest>
  memoryMiB(): Promise<number>
  stop(): Promise<void>
}

/** Runs this very program again as the server. */
export async function startWatched(profiles: boolean): Promise<Watched> {
  const credentials = loopbackCertificates()
  const child = fork(process.argv[1]!, ['serve'], { execArgv: [...SERVER_FLAGS], stdio: ['ignore', 2, 2, 'ipc'] })
  const ended = endOf(child)
  ended.catch(() => {}) // it ends when it is told to, too
  const tell = async (message: object): Promise<unknown> => {
    const answer = once(child, 'message')
    child.send(message)
    return ((await Promise.race([answer, ended])) as unknown[])[0]
  }
  const port = (await tell({ credentials, profiles })) as number
  const { certificate: cert, key } = credentials.admin
  return {
    ask: askerOf(`https://127.0.0.1:${port}`, { cert, key }),
    async during(work) {
      await tell({ what: 'begin' })
      await work()
      return (await tell({ what: 'end' })) as Longest
    },
    memoryMiB: async () => (await tell({ what: 'memory' })) as number,
    async stop() {
      const exit = once(child, 'exit')
      child.send({ what: 'stop' })
      await exit
    },
  }
}

async function endOf(child: ChildProcess): Promise<never> {
  const [code] = await once(child, 'exit')
  throw new Error(`the server ended with ${code}`)
}

interface Told {
  readonly what: 'begin' | 'end' | 'memory' | 'stop'
}

/** The other side of `startWatched`. */
export async function serveWatched(): Promise<void> {
  const [options] = (await once(process, 'message')) as [Parameters<typeof startGorae>[0] & { profiles: boolean }]
  const serving = await startGorae(options)
  const turns = new Turns(options.profiles)
  const answers: Record<Told['what'], () => unknown> = {
    begin: () => turns.begin(),
    end: () => turns.end(),
    memory: () => process.memoryUsage.rss() / 2 ** 20,
    stop: () => serving.close().then(() => process.exit(0)),
  }
  process.on('message', ({ what }: Told) => {
    void Promise.resolve(answers[what]()).then((answer) => process.send!(answer ?? null))
  })
  process.once('disconnect', () => process.exit(1))
  process.send!(serving.port)
}
