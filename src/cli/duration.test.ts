import { InvalidArgumentError } from 'commander'
import { describe, expect, test } from 'vitest'

import { milliseconds } from './duration.ts'

describe('milliseconds()', () => {
  for (const [text, is] of [
    ['90s', 90_000],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['250ms', 250],
    ['10000h', 2 ** 31 - 1],
  ] as const) {
    test(`${text} are ${is}`, () => {
      expect(milliseconds(text)).toBe(is)
    })
  }

  for (const text of ['', '10', 'soon', '0s', '-1m']) {
    test(`${JSON.stringify(text)} is refused`, () => {
      expect(() => milliseconds(text)).toThrow(InvalidArgumentError)
    })
  }
})
