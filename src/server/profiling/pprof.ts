/**
 * Profiles in the format that `go tool pprof` reads (https://github.com/google/pprof/blob/main/proto/profile.proto). Pure.
 */

import { ReverseWriter } from '../../wire/protobuf/writer.ts'

/** A function, as V8 names it; lines begin at zero, and below that there is none. */
export interface Frame {
  readonly functionName: string
  readonly url: string
  readonly lineNumber: number
}

/** What is measured of each sample. */
export interface Measure {
  readonly type: string
  readonly unit: string
}

export interface Sample {
  /** The innermost function first. */
  readonly stack: readonly Frame[]
  /** By measure. */
  readonly values: readonly number[]
}

export interface Profile {
  readonly measures: readonly Measure[]
  readonly samples: readonly Sample[]
  /** What lies between two samples. */
  readonly period: { readonly of: Measure; readonly value: number }
  /** When it began, in milliseconds since the epoch, and how long it took. */
  readonly beganAt: number
  readonly ms: number
}

const NS = 1_000_000n

/** The bytes of a profile, not compressed. */
export function encodeProfile(profile: Profile): Buffer {
  return new ProfileWriter().write(profile)
}

/** Gives what is alike one number, from 1. */
class Numbers<T> {
  readonly #keyOf: (value: T) => string
  readonly #numbers = new Map<string, number>()
  readonly all: T[] = []

  constructor(keyOf: (value: T) => string) {
    this.#keyOf = keyOf
  }

  of(value: T): number {
    const key = this.#keyOf(value)
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    this.all.push(value)
    this.#numbers.set(key, this.all.length)
    return this.all.length
  }
}

/** Writes the fields of messages, the last one first. */
class ProfileWriter {
  readonly #out = new ReverseWriter()
  readonly #texts = new Numbers<string>((text) => text)
  /** A function has one place here: its beginning. */
  readonly #frames = new Numbers<Frame>(({ functionName, url, lineNumber }) => `${lineNumber} ${url} ${functionName}`)

  write({ measures, samples, period, beganAt, ms }: Profile): Buffer {
    this.#int(12, period.value)
    this.#message(11, () => this.#measure(period.of))
    this.#int(10, BigInt(Math.round(ms)) * NS)
    this.#int(9, BigInt(Math.round(beganAt)) * NS)
    for (const { stack, values } of samples) {
      this.#message(2, () => {
        for (const value of values.toReversed()) this.#int(2, Math.round(value), true)
        for (const frame of stack.toReversed()) this.#int(1, this.#frames.of(frame), true)
      })
    }
    for (const measure of measures.toReversed()) this.#message(1, () => this.#measure(measure))
    for (const frame of this.#frames.all) this.#place(frame)
    // The text of number 0 is none.
    for (const text of ['', ...this.#texts.all].toReversed()) {
      this.#out.text(text)
      this.#out.varint(6 * 8 + 2)
    }
    return this.#out.take()
  }

  #measure({ type, unit }: Measure): void {
    this.#int(2, this.#texts.of(unit))
    this.#int(1, this.#texts.of(type))
  }

  #place(frame: Frame): void {
    const id = this.#frames.of(frame)
    const line = frame.lineNumber + 1
    const name = this.#texts.of(frame.functionName === '' ? '(anonymous)' : frame.functionName)
    this.#message(5, () => {
      this.#int(5, line)
      this.#int(4, frame.url === '' ? 0 : this.#texts.of(frame.url))
      this.#int(3, name)
      this.#int(2, name)
      this.#int(1, id)
    })
    this.#message(4, () => {
      this.#message(4, () => {
        this.#int(2, line)
        this.#int(1, id)
      })
      this.#int(1, id)
    })
  }

  #message(number: number, write: () => void): void {
    const before = this.#out.length
    write()
    this.#out.varint(this.#out.length - before)
    this.#out.varint(number * 8 + 2)
  }

  /** `always`: a zero among others has its place, too. */
  #int(number: number, value: number | bigint, always = false): void {
    if (!always && Number(value) === 0) return
    this.#out.int(value)
    this.#out.varint(number * 8)
  }
}
