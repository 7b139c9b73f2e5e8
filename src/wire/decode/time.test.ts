/** Texts that are no times, told as Go tells them. */

import { expect, test } from 'vitest'
import { parseTime } from './time.ts'

const failure = (text: string): string => {
  try {
    parseTime(text)
  } catch (error) {
    return (error as Error).message
  }
  return ''
}

test('quotes byte by byte what is not plain', () => {
  expect(failure('é"')).toBe(
    String.raw`parsing time "\xc3\xa9\"" as "2006-01-02T15:04:05Z07:00": cannot parse "\xc3\xa9\"" as "2006"`,
  )
})

test('tells the beginning of a text that is as long as a body, and how much there is', () => {
  const shown = `"${String.raw`\xc3\xa9`.repeat(16_384)}" and 983616 more characters`
  const told = failure('é'.repeat(1_000_000))
  expect(told === `parsing time ${shown} as "2006-01-02T15:04:05Z07:00": cannot parse ${shown} as "2006"`).toBe(true)
})
