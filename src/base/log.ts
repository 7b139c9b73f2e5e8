/** Structured log lines. Fields are data; messages are constant sentences. Never hand in a Secret or a token. */

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export type LogFields = Readonly<Record<string, unknown>>

export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** The same log with `fields` on every line. */
  with(fields: LogFields): Log
}

/** One finished line, as a sink receives it. */
export interface LogLine {
  readonly level: LogLevel
  readonly message: string
  readonly fields: LogFields
}

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 }

/** A log that hands every line at `level` or above to `sink`. */
export function createLog(sink: (line: LogLine) => void, level: LogLevel = 'info', fixed: LogFields = {}): Log {
  const emit = (at: LogLevel) => (message: string, fields?: LogFields) => {
    if (RANK[at] >= RANK[level]) sink({ level: at, message, fields: { ...fixed, ...fields } })
  }
  return {
    debug: emit('debug'),
    info: emit('info'),
    warn: emit('warn'),
    error: emit('error'),
    with: (fields) => createLog(sink, level, { ...fixed, ...fields }),
  }
}

/** A log that nobody reads. */
export const silentLog: Log = createLog(() => {}, 'error')
