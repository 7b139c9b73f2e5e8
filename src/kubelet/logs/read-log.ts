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
/** For so long a runtime that was told to write to a new file may still write what it had read before to the old one. */
const SETTLE_MS = 100
const FIRST_WINDOW = 64 * 1024
const NEWLINE = 0x0a
const SPACE = 0x20
const EMPTY = Buffer.alloc(0)
const LINE_END = Buffer.from('\n')

/** One entry: `TIME stdout F text`; `P` marks text whose line goes on in the next entry. */
interface LogEntry {
  readonly time: string
  readonly stream: string
  readonly isPartial: boolean
  readonly text: Buffer
}

/** What a line of the runtime's file says; `undefined` for a line that is none of its. */
function entryOf(line: Buffer): LogEntry | undefined {
  const first = line.indexOf(SPACE)
  const second = first < 0 ? -1 : line.indexOf(SPACE, first + 1)
  if (second < 0) return undefined
  const third = line.indexOf(SPACE, second + 1)
  const tags = line.toString('latin1', second + 1, third < 0 ? undefined : third)
  return {
    time: line.toString('latin1', 0, first),
    stream: line.toString('latin1', first + 1, second),
    isPartial: tags.split(':').includes('P'),
    text: third < 0 ? EMPTY : line.subarray(third + 1),
  }
}

/** The last of what a container printed, out of the end of its file: at most so many entries and bytes. A line it never ended has no end. */
export function logTail(fileEnd: string, entries: number, bytes: number): string {
  const last = fileEnd
    .split('\n')
    .flatMap((line) => entryOf(Buffer.from(line, 'utf8')) ?? [])
    .slice(-entries)
  const said = Buffer.concat(last.flatMap(({ text, isPartial }) => (isPartial ? [text] : [text, LINE_END])))
  return said.subarray(-bytes).toString('utf8')
}

/** The bytes of the log. Ends at the end of the file, or with `follow` when the container has ended. */
export async function* readLog(source: LogSource, options: LogOptions, signal: AbortSignal): AsyncGenerator<Buffer> {
  let left = options.limitBytes ?? Infinity
  // What is written while the last lines are read does not make them more.
  let entries = options.follow === true ? Infinity : (options.tailLines ?? Infinity)
  if (entries <= 0) return
  const form = formatter(options)
  for await (const batch of lines(source, options, signal)) {
    const shown = Buffer.concat(batch.slice(0, entries).flatMap(form))
    entries -= batch.length
    if (shown.length > 0) yield shown.length > left ? shown.subarray(0, left) : shown
    left -= shown.length
    if (left <= 0 || entries <= 0) return
  }
}

function formatter({ timestamps, since, stream }: LogOptions): (line: Buffer) => readonly Buffer[] {
  let begun = since === undefined
  let continues = false
  return (line) => {
    const entry = entryOf(line)
    if (entry === undefined || (stream !== undefined && entry.stream !== stream)) return []
    if (!begun && (fromTime(entry.time) ?? 0) < (since ?? 0)) return []
    begun = true
    const prefix = timestamps === true && !continues ? [Buffer.from(`${entry.time} `, 'latin1')] : []
    continues = entry.isPartial
    return [...prefix, entry.text, ...(entry.isPartial ? [] : [LINE_END])]
  }
}

/** Where a reader stands: in which file, for the one under the log's name may be another by now, and how far. */
interface Place {
  readonly id: string
  readonly at: number
}

async function* lines(source: LogSource, options: LogOptions, signal: AbortSignal): AsyncGenerator<readonly Buffer[]> {
  const { files, path, clock } = source
  let place: Place | undefined
  for (;;) {
    // The watch begins before the read, so that no change falls in between.
    const watching = new AbortController()
    const either = AbortSignal.any([signal, watching.signal])
    const changed = options.follow === true ? files.changed(path, either).catch(() => {}) : undefined
    const running = source.isRunning()
    try {
      place ??= await begin(files, path, options.tailLines)
      if (place !== undefined) place = yield* catchUp(source, place, !running || changed === undefined, signal)
      if (changed === undefined || !running) return
      await Promise.race([changed, clock.sleep(LOOK_MS, either).catch(() => {})])
      signal.throwIfAborted()
    } finally {
      watching.abort()
    }
  }
}

async function begin(files: LogFiles, path: string, tailLines: number | undefined): Promise<Place | undefined> {
  const facts = await files.facts(path)
  if (facts === undefined) return undefined
  return { id: facts.id, at: tailLines === undefined ? 0 : await tailStart(files, path, tailLines) }
}

/** The lines that came since, through files that were moved away meanwhile. The answer is where it ends. */
async function* catchUp(
  { files, path, clock }: LogSource,
  place: Place,
  isEnd: boolean,
  signal: AbortSignal,
): AsyncGenerator<readonly Buffer[], Place> {
  const now = await files.facts(path)
  if (now === undefined || now.id === place.id) {
    return { ...place, at: yield* fileLines(files, path, { ...place, isEnd }) }
  }
  await clock.sleep(SETTLE_MS, signal)
  for (const piece of await missedPieces(files, path, place, now.id))
    yield* fileLines(files, piece.path, { ...piece, isEnd: true })
  return { id: now.id, at: yield* fileLines(files, path, { id: now.id, at: 0, isEnd }) }
}

/**
 * The rest of the file that was read, and those that came after it, up to the one that is read next, which may have been
 * moved away as well by now. One that is deleted already is lost.
 */
async function missedPieces(
  files: LogFiles,
  path: string,
  { id, at }: Place,
  next: string,
): Promise<readonly (Place & { readonly path: string })[]> {
  const pieces: (Place & { readonly path: string })[] = []
  for (const old of await files.rotated(path)) {
    const facts = await files.facts(old)
    if (facts !== undefined) pieces.push({ path: old, id: facts.id, at: facts.id === id ? at : 0 })
  }
  const from = pieces.findIndex((piece) => piece.id === id)
  const to = pieces.findIndex((piece) => piece.id === next)
  return pieces.slice(Math.max(0, from), to < 0 ? undefined : to)
}

/** The whole lines from `at` on, as they are read. The answer is where the last of them ended. */
async function* fileLines(
  files: LogFiles,
  path: string,
  { id, at, isEnd }: Place & { readonly isEnd: boolean },
): AsyncGenerator<readonly Buffer[], number> {
  let rest: Buffer = EMPTY
  let end = at
  for await (const chunk of files.read(path, { from: at, id })) {
    const read = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const bytes = rest.length === 0 ? read : Buffer.concat([rest, read])
    const batch: Buffer[] = []
    let from = 0
    for (let cut = bytes.indexOf(NEWLINE); cut >= 0; cut = bytes.indexOf(NEWLINE, from)) {
      batch.push(bytes.subarray(from, cut))
      from = cut + 1
    }
    end += from
    rest = bytes.subarray(from)
    if (batch.length > 0) yield batch
  }
  if (isEnd && rest.length > 0) {
    yield [rest]
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
    for await (const chunk of files.read(path, { from })) chunks.push(chunk)
    const bytes = Buffer.concat(chunks).subarray(0, size - from)
    let left = count
    // The newline at the very end closes the last line and opens none.
    for (let at = bytes.length - 2; at >= 0; at--) {
      if (bytes[at] === NEWLINE && --left === 0) return from + at + 1
    }
    if (from === 0) return 0
  }
}
