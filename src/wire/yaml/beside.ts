/**
 * Reads large YAML in a thread of its own, so that nobody waits for it but who sent it: YAML takes thirty times as long
 * as JSON, and a server has one event loop. The thread ends with what takes too long or too much memory, and when it has
 * had nothing to do for a while.
 */
import { Worker } from 'node:worker_threads'
import { inSteps } from '../../base/async/steps.ts'
import { nextTurn } from '../../base/async/turn.ts'
import type { Clock } from '../../base/clock.ts'
import { JsonError } from '../json/careful.ts'
import { type JsonBody, readInSteps } from '../json/parse.ts'
import { asJson, readYamlBody } from './parse.ts'
import type { YamlAnswer } from './worker-program.ts'

/** Reads a body. Throws `JsonError`, as `readYamlBody` does. */
export type ReadYaml = (bytes: Uint8Array) => JsonBody | Promise<JsonBody>

export interface BesideOptions {
  /** The built `worker-program.ts`. */
  readonly program: string
  readonly clock: Pick<Clock, 'after'>
  /** No document may take longer. */
  readonly limitMs?: number
}

export interface YamlBeside {
  readonly read: ReadYaml
  /** Ends the thread; what it was reading fails. */
  close(): Promise<void>
}

/** Smaller bodies are read at once: that takes no longer than asking. */
const LARGE = 16 * 1024
const LIMIT_MS = 20_000
const IDLE_MS = 30_000
/** So many documents may wait for the one that is being read. */
const MAX_WAITING = 16
const MEMORY_MIB = 512

const refusal = (why: string) =>
  new JsonError(`error converting YAML to JSON: yaml: ${why}; as JSON it may be as large`)

interface Job {
  readonly bytes: Uint8Array
  readonly resolve: (body: JsonBody) => void
  readonly reject: (error: JsonError) => void
}

/** A reader of YAML whose thread starts when it is needed. */
export function yamlBeside(options: BesideOptions): YamlBeside {
  const thread = new Thread(options)
  return {
    read: (bytes) => (bytes.length < LARGE ? readYamlBody(bytes) : readLarge(bytes, thread)),
    close: () => thread.end(),
  }
}

/** Others have their turn between the steps. */
const readLarge = async (bytes: Uint8Array, thread: Thread): Promise<JsonBody> =>
  (await inSteps(asJson(bytes), nextTurn)) ?? thread.read(bytes)

class Thread {
  readonly #options: BesideOptions
  readonly #waiting: Job[] = []
  #worker: Worker | undefined
  #job: Job | undefined
  #cancel: () => void = () => {}

  constructor(options: BesideOptions) {
    this.#options = options
  }

  read(bytes: Uint8Array): Promise<JsonBody> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length >= MAX_WAITING) {
        reject(refusal('too many large documents are being read'))
        return
      }
      this.#waiting.push({ bytes, resolve, reject })
      this.#next()
    })
  }

  async end(): Promise<void> {
    const worker = this.#worker
    this.#settle((job) => job.reject(refusal('the server is stopping')))
    this.#worker = undefined
    this.#cancel()
    await worker?.terminate()
  }

  #next(): void {
    if (this.#job !== undefined) return
    const { clock, limitMs = LIMIT_MS } = this.#options
    this.#cancel()
    this.#job = this.#waiting.shift()
    if (this.#job === undefined) {
      this.#cancel = this.#worker === undefined ? () => {} : clock.after(IDLE_MS, () => void this.end())
      return
    }
    this.#cancel = clock.after(limitMs, () => this.#lose(refusal('the document takes too long to read')))
    this.#worker ??= this.#start()
    // A copy: the bytes may share their memory with others, and all of it would go along.
    const own = new Uint8Array(this.#job.bytes)
    this.#worker.postMessage(own, [own.buffer])
  }

  #start(): Worker {
    const worker = new Worker(this.#options.program, {
      execArgv: [],
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MIB },
    })
    worker.unref()
    worker.on('message', (answer: YamlAnswer) => {
      this.#settle((job) => void finish(job, answer))
      this.#next()
    })
    // It ran out of memory, or worse.
    worker.on('error', () => {
      if (this.#worker === worker) this.#lose(refusal('the document is too complex'))
    })
    return worker
  }

  /** Gives up the thread with what it was reading, and goes on with the rest in a new one. */
  #lose(why: JsonError): void {
    const worker = this.#worker
    this.#worker = undefined
    this.#settle((job) => job.reject(why))
    void worker?.terminate()
    this.#next()
  }

  #settle(tell: (job: Job) => void): void {
    const job = this.#job
    this.#job = undefined
    if (job !== undefined) tell(job)
  }
}

async function finish({ resolve, reject }: Job, answer: YamlAnswer): Promise<void> {
  if ('fault' in answer) {
    reject(new JsonError(answer.fault))
    return
  }
  try {
    const { json, ...repeated } = answer
    const { value } = await inSteps(readInSteps(json), nextTurn)
    resolve({ ...repeated, value })
  } catch (error) {
    reject(error instanceof JsonError ? error : new JsonError(String(error)))
  }
}
