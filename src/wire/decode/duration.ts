/** Durations such as `1h15m30.5s` (https://pkg.go.dev/time#ParseDuration), in nanoseconds. */

const units: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['μs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
])
const longest = 2n ** 63n - 1n

/** Nanoseconds. Throws an `Error` with Go's text for what is no duration. */
export function parseDuration(text: string): bigint {
  const sign = text.startsWith('-') ? -1n : 1n
  let rest = /^[+-]/.test(text) ? text.slice(1) : text
  if (rest === '0') return 0n
  if (rest === '') throw invalid(text)
  let total = 0n
  while (rest !== '') {
    const number = /^(\d*)(?:\.(\d*))?/.exec(rest)!
    const [whole = '', decimals = ''] = [number[1], number[2]]
    if (whole === '' && decimals === '') throw invalid(text)
    rest = rest.slice(number[0].length)
    const unit = /^[^.\d]+/.exec(rest)?.[0]
    if (unit === undefined) throw new Error(`time: missing unit in duration ${JSON.stringify(text)}`)
    const scale = units.get(unit)
    if (scale === undefined) {
      throw new Error(`time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`)
    }
    if (whole.length > 19) throw invalid(text)
    const digits = decimals.slice(0, 18)
    total += BigInt(whole || '0') * scale + (BigInt(digits || '0') * scale) / 10n ** BigInt(digits.length)
    if (total > longest) throw invalid(text)
    rest = rest.slice(unit.length)
  }
  return sign * total
}

/** The shortest text Go has for it: `1h15m30.5s`, `1m0s`, `1.5ms`, `0s`. */
export function formatDuration(nanos: bigint): string {
  if (nanos === 0n) return '0s'
  const sign = nanos < 0n ? '-' : ''
  const size = nanos < 0n ? -nanos : nanos
  if (size < 1_000n) return `${sign}${size}ns`
  if (size < 1_000_000n) return `${sign}${decimal(size, 3)}µs`
  if (size < 1_000_000_000n) return `${sign}${decimal(size, 6)}ms`
  const minutes = size / 60_000_000_000n
  const seconds = `${decimal(size % 60_000_000_000n, 9)}s`
  if (minutes === 0n) return `${sign}${seconds}`
  if (minutes < 60n) return `${sign}${minutes}m${seconds}`
  return `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`
}

/** The same of milliseconds, of which parts count. */
export const formatMilliseconds = (ms: number): string => formatDuration(BigInt(Math.round(ms * 1_000_000)))

function decimal(value: bigint, places: number): string {
  const scale = 10n ** BigInt(places)
  const fraction = String(value % scale)
    .padStart(places, '0')
    .replace(/0+$/, '')
  return fraction === '' ? String(value / scale) : `${value / scale}.${fraction}`
}

function invalid(text: string): Error {
  return new Error(`time: invalid duration ${JSON.stringify(text)}`)
}
