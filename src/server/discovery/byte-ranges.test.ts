import { describe, expect, test } from 'vitest'
import { multipart, parseRanges } from './byte-ranges.ts'

describe('a Range header', () => {
  const whole: readonly [header: string, meant: ReturnType<typeof parseRanges>][] = [
    ['bytes=0-9', [{ start: 0, length: 10 }]],
    ['bytes=90-', [{ start: 90, length: 10 }]],
    ['bytes=-5', [{ start: 95, length: 5 }]],
    ['bytes=-500', [{ start: 0, length: 100 }]],
    ['bytes=50-500', [{ start: 50, length: 50 }]],
    [
      'bytes=0-4, 10-14',
      [
        { start: 0, length: 5 },
        { start: 10, length: 5 },
      ],
    ],
    ['bytes=100-', 'beyond'],
    ['bytes=0-0,100-', [{ start: 0, length: 1 }]],
    ['bytes=9-1', 'malformed'],
    ['bytes=a-b', 'malformed'],
    ['bytes=-', 'malformed'],
    ['lines=0-1', 'malformed'],
    ['bytes=0-,0-', []],
    [`bytes=${'0-0,'.repeat(500)}0-0`, []],
  ]
  for (const [header, meant] of whole) {
    test(`says ${header.slice(0, 40)} of a hundred bytes`, () => expect(parseRanges(header, 100)).toEqual(meant))
  }
})

test('parts of a document are separated as in a mail', () => {
  const ranges = [
    { start: 0, length: 2 },
    { start: 4, length: 1 },
  ]
  expect(
    multipart(Buffer.from('abcdef'), ranges, { boundary: 'x', contentType: 'a/b' }).toString().split('\r\n'),
  ).toEqual([
    '--x',
    'Content-Range: bytes 0-1/6',
    'Content-Type: a/b',
    '',
    'ab',
    '--x',
    'Content-Range: bytes 4-4/6',
    'Content-Type: a/b',
    '',
    'e',
    '--x--',
    '',
  ])
})
