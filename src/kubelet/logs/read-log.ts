/**
 * A container's log as `kubectl logs` asks for it, out of the runtime's file
 * (https://kubernetes.io/docs/concepts/cluster-administration/logging/).
 */

import type { Clock } from '../../base/clock.ts'
import { fromTime } from '../../base/clock.ts'
import type { LogFiles } from '../host/host.ts'

export interface LogOptions {
  readonly follow?: boolean
  readonly timestamps?: boolean
  readonly tailLines?: number
  readonly limitBytes?: number
  /** Milliseconds since the epoch. */
  readonly since?: number
  readonly stream?: 'stdout' | 'stderr'
}

export interface LogSource {
  readonly path: string
  readonly files: LogFiles
  readonly clock: Clock
  /** Whether the container may still write. */
  readonly isRunning: () => boolean
}

/** How long a follower waits for a change before it looks whether the container still runs. */
const LOOK_MS = 500
const FIRST_WINDOW = 64 * 1024
const NEWLINE = 0x0a

/** One entry: `TIME stdout F text`; `P` marks text whose line goes on in the next entry. */
export interface LogEntry {
  readonly time: string
  readonly stream: string
  readonly isPartial: boolean
  readonly text: string
}

/** What a line of the runtime's file says; `undefined` for a line that is none of its. */
export function parseEntry(line: string): LogEntry | undefined {
  const first = line.indexOf(' ')
  const second = line.indexOf(' ', first + 1)
  if (first < 0 || second < 0) return undefined
  const third = line.indexOf(' ', second + 1)
  const tags = line.slice(second + 1, third < 0 ? undefined : third)
  const text = third < 0 ? '' : line.slice(third + 1)
  return {
    time: line.slice(0, first),
    stream: line.slice(first + 1, second),
    isPartial: tags.split(':').includes('P'),
    text,
  }
}

/** The last of what a container printed, out of the end of its file: at most so many entries and bytes. A line it never ended has no end. */
export function logTail(fileEnd: string, entries: number, bytes: number): string {
  const last = fileEnd
    .split('\n')
    .flatMap((line) => parseEntry(line) ?? [])
    .slice(-entries)
  const said = last.map(({ text, isPartial }) => (isPartial ? text : `${text}\n`)).join('')
  return Buffer.from(said).subarray(-bytes).toString('utf8')
}

/** The bytes of the log. Ends at the end of the file, or with `follow` when the container has ended. */
export async function* readLog(source: LogSource, options: LogOptions, signal: AbortSignal): AsyncGenerator<Buffer> {
  let left = options.limitBytes ?? Infinity
  const form = formatter(options)
  for await (const line of lines(source, options, signal)) {
    const shown = form(line)
    if (shown === undefined) continue
    yield shown.length > left ? shown.subarray(0, left) : shown
    left -= shown.length
    if (left <= 0) return
  }
}

function formatter({ timestamps, since, stream }: LogOptions): (line: string) => Buffer | undefined {
  let begun = false
  let continues = false
  return (line) => {
    const entry = parseEntry(line)
    if (entry === undefined || (stream !== undefined && entry.stream !== stream)) return undefined
    if (since !== undefined && !begun && (fromTime(entry.time) ?? 0) < since) return undefined
    begun = true
    const prefix = timestamps === true && !continues ? `${entry.time} ` : ''
    continues = entry.isPartial
    return Buffer.from(`${prefix}${entry.text}${entry.isPartial ? '' : '\n'}`, 'utf8')
  }
}

async function* lines(source: LogSource, options: LogOptions, signal: AbortSignal): AsyncGenerator<string> {
  const { files, path, clock } = source
  let facts = await files.facts(path)
  let at = options.tailLines === undefined ? 0 : await tailStart(files, path, options.tailLines)
  for (;;) {
    // The watch begins before the read, so that no change falls in between.
    const watching = new AbortController()
    const either = AbortSignal.any([signal, watching.signal])
    const changed = options.follow === true ? files.changed(path, either).catch(() => {}) : undefined
    const running = source.isRunning()
    try {
      const now = await files.facts(path)
      if (facts !== undefined && now !== undefined && now.id !== facts.id) {
        const [old] = (await files.rotated(path)).toReversed()
        if (old !== undefined) yield* fileLines(files, old, { at, isEnd: true })
        at = 0
      }
      facts = now ?? facts
      at = yield* fileLines(files, path, { at, isEnd: !running || changed === undefined })
      if (changed === undefined || !running) return
      await Promise.race([changed, clock.sleep(LOOK_MS, either).catch(() => {})])
      signal.throwIfAborted()
    } finally {
      watching.abort()
    }
  }
}

/** The lines from `at` on. The answer is where the last whole line ended. */
async function* fileLines(
  files: LogFiles,
  path: string,
  { at, isEnd }: { readonly at: number; readonly isEnd: boolean },
): AsyncGenerator<string, number> {
  let rest: Buffer = Buffer.alloc(0)
  let end = at
  for await (const chunk of files.read(path, at)) {
    let from = 0
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    for (let cut = bytes.indexOf(NEWLINE, from); cut >= 0; cut = bytes.indexOf(NEWLINE, from)) {
      const line = Buffer.concat([rest, bytes.subarray(from, cut)])
      rest = Buffer.alloc(0)
      end += line.length + 1
      from = cut + 1
      yield line.toString('utf8')
    }
    rest = Buffer.concat([rest, bytes.subarray(from)])
  }
  if (isEnd && rest.length > 0) {
    yield rest.toString('utf8')
    end += rest.length
  }
  return end
}

/** Where the last `count` lines begin: found from the end, in windows that grow. */
async function tailStart(files: LogFiles, path: string, count: number): Promise<number> {
  const size = (await files.facts(path))?.size ?? 0
  if (count === 0) return size
  for (let window = FIRST_WINDOW; ; window *= 4) {
    const from = Math.max(0, size - window)
    const chunks: Uint8Array[] = []
    for await (const chunk of files.read(path, from)) chunks.push(chunk)
    const bytes = Buffer.concat(chunks).subarray(0, size - from)
    let left = count
    // The newline at the very end closes the last line and opens none.
    for (let at = bytes.length - 2; at >= 0; at--) {
      if (bytes[at] === NEWLINE && --left === 0) return from + at + 1
    }
    if (from === 0) return 0
  }
}
