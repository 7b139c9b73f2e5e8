/**
 * Times and durations as text and as numbers, the way Go's `time` package reads and writes them
 * (https://pkg.go.dev/time#Parse, https://pkg.go.dev/time#ParseDuration), error texts included.
 */

/** An instant: seconds since the Unix epoch, and nanoseconds within the second. */
export interface Instant {
  readonly seconds: number
  readonly nanos: number
}

const layout = '2006-01-02T15:04:05Z07:00'
const microLayout = '2006-01-02T15:04:05.000000Z07:00'
const daySeconds = 86_400

/** The seconds of the zero time, which the API writes as an absent field. */
export const zeroTimeSeconds = -62_135_596_800

/** Reads RFC 3339. Throws an `Error` with Go's text for anything else. */
export function parseTime(text: string, isMicro = false): Instant {
  return new TimeReader(text, isMicro ? microLayout : layout).read()
}

/** `2026-01-02T03:04:05Z`. */
export function formatTime(seconds: number): string {
  const days = Math.floor(seconds / daySeconds)
  const rest = seconds - days * daySeconds
  const { year, month, day } = civilOf(days)
  const date = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`
  return `${date}T${two(Math.floor(rest / 3600))}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}Z`
}

/** `2026-01-02T03:04:05.000006Z`. */
export function formatMicroTime({ seconds, nanos }: Instant): string {
  const micros = String(Math.floor(nanos / 1000)).padStart(6, '0')
  return `${formatTime(seconds).slice(0, -1)}.${micros}Z`
}

class TimeReader {
  readonly #text: string
  readonly #layout: string
  #at = 0

  constructor(text: string, usedLayout: string) {
    this.#text = text
    this.#layout = usedLayout
  }

  read(): Instant {
    const year = this.#number('2006', 4)
    this.#char('-')
    const month = this.#number('01', 2)
    if (month < 1 || month > 12) throw this.#outOfRange('month')
    this.#char('-')
    const day = this.#number('02', 2)
    this.#char('T')
    const hour = this.#number('15', 2)
    if (hour > 23) throw this.#outOfRange('hour')
    this.#char(':')
    const minute = this.#number('04', 2)
    if (minute > 59) throw this.#outOfRange('minute')
    this.#char(':')
    const second = this.#number('05', 2)
    if (second > 59) throw this.#outOfRange('second')
    if (this.#layout === microLayout && !/^\.\d{6}/.test(this.#text.slice(this.#at, this.#at + 7))) {
      throw this.#cannotParse('.000000')
    }
    const nanos = this.#fraction(this.#layout === microLayout ? 6 : Infinity)
    const offset = this.#offset()
    if (this.#at < this.#text.length) throw this.#error(`: extra text: ${quote(this.#text.slice(this.#at))}`)
    if (day < 1 || day > daysIn(year, month)) throw this.#outOfRange('day')
    const days = daysOf(year, month, day)
    return { seconds: days * daySeconds + hour * 3600 + minute * 60 + second - offset, nanos }
  }

  #number(element: string, digits: number): number {
    let value = 0
    for (let i = 0; i < digits; i++) {
      const digit = this.#text.charCodeAt(this.#at + i) - 48
      if (!(digit >= 0 && digit <= 9)) throw this.#cannotParse(element)
      value = value * 10 + digit
    }
    this.#at += digits
    return value
  }

  #char(char: string): void {
    if (this.#text[this.#at] !== char) throw this.#cannotParse(char)
    this.#at++
  }

  /** Reads no more digits than `most`. */
  #fraction(most: number): number {
    const mark = this.#text[this.#at]
    if (mark !== '.' && mark !== ',') return 0
    const start = this.#at + 1
    let end = start
    while (end - start < most && isDigit(this.#text[end])) end++
    if (end === start) return 0
    this.#at = end
    return Number(this.#text.slice(start, Math.min(end, start + 9)).padEnd(9, '0'))
  }

  #offset(): number {
    const sign = this.#text[this.#at]
    if (sign === 'Z') {
      this.#at++
      return 0
    }
    const zone = this.#text.slice(this.#at, this.#at + 6)
    if (!/^[+-]\d\d:\d\d$/.test(zone)) throw this.#cannotParse('Z07:00')
    const hours = Number(zone.slice(1, 3))
    const minutes = Number(zone.slice(4))
    if (hours > 24) throw this.#outOfRange('time zone offset hour')
    if (minutes > 60) throw this.#outOfRange('time zone offset minute')
    this.#at += 6
    return (sign === '-' ? -1 : 1) * (hours * 3600 + minutes * 60)
  }

  #cannotParse(element: string): Error {
    return this.#error(` as "${this.#layout}": cannot parse ${quote(this.#text.slice(this.#at))} as "${element}"`)
  }

  #outOfRange(what: string): Error {
    return this.#error(`: ${what} out of range`)
  }

  #error(why: string): Error {
    return new Error(`parsing time ${quote(this.#text)}${why}`)
  }
}

/** Days since 1970-01-01 of a date of the Gregorian calendar. The year is taken to begin in March, so that leap days end it. */
function daysOf(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

function civilOf(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return { year, month, day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1 }
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value)
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= '0' && char <= '9'
}

/** So many characters of a text that is no time are told: it may be as long as a body, and is told twice, at four times its length. */
const MAX_TOLD = 16 * 1024

/** As Go's reader of times quotes: all that is not plain ASCII byte by byte. */
function quote(text: string): string {
  if (text.length > MAX_TOLD) return `${quote(text.slice(0, MAX_TOLD))} and ${text.length - MAX_TOLD} more characters`
  const shown = text.replaceAll(/["\\]/g, String.raw`\$&`).replaceAll(/[^ -\u007f]+/g, (odd) =>
    Buffer.from(odd)
      .toString('hex')
      .replaceAll(/../g, String.raw`\x$&`),
  )
  return `"${shown}"`
}
