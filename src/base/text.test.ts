import { expect, test } from 'vitest'

import { firstBytes } from './text.ts'

test.each([
  { text: 'abc', max: 3, first: 'abc' },
  { text: 'abcd', max: 3, first: 'abc' },
  { text: '가나', max: 5, first: '가' },
  { text: '가나', max: 2, first: '' },
])('firstBytes() of $text within $max is $first', ({ text, max, first }) => {
  expect(firstBytes(text, max)).toBe(first)
})
