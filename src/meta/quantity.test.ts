import { describe, expect, test } from 'vitest'
import {
  addQuantity,
  addResources,
  canonicalQuantity,
  cmpQuantity,
  formatQuantity,
  maxResources,
  milliValue,
  parseQuantity,
  quantityFault,
  quantityValue,
  subQuantity,
} from './quantity.ts'

describe('canonicalQuantity()', () => {
  const cases: [text: string, canonical: string | undefined][] = [
    ['0', '0'],
    ['-0', '0'],
    ['0.5', '500m'],
    ['.5', '500m'],
    ['5.', '5'],
    ['1.0', '1'],
    ['+2', '2'],
    ['-1.5', '-1500m'],
    ['1000m', '1'],
    ['100m', '100m'],
    ['1500m', '1500m'],
    ['1000', '1k'],
    ['1500', '1500'],
    ['2000000', '2M'],
    ['1024Mi', '1Gi'],
    ['1000Ki', '1000Ki'],
    ['1.5Gi', '1536Mi'],
    ['0.5Ki', '512'],
    ['0.1Gi', '107374182400m'],
    ['1e3', '1e3'],
    ['1E3', '1e3'],
    ['12e-1', '1200e-3'],
    ['1e-3', '1e-3'],
    ['1E', '1E'],
    ['100u', '100u'],
    ['0.0000000001', '1n'],
    ['1.0000000001', '1000000001n'],
    ['1e30', '1e30'],
    ['1e31', '10e30'],
    ['1e99999', '1e60'],
    ['-1e99999', '-1e60'],
    ['1e-99999', '1e-9'],
    ['0e99999', '0'],
    ['10Ei', '9223372036854775807'],
    ['99999999999999999999999', '99999999999999999999999'],
    ['', undefined],
    ['abc', undefined],
    ['1 Gi', undefined],
    ['1ki', undefined],
    ['1K', undefined],
    ['1.2.3', undefined],
    ['1e', undefined],
    ['1mm', undefined],
    ['0x10', undefined],
  ]
  for (const [text, canonical] of cases) {
    test(`${JSON.stringify(text)} is ${canonical ?? 'no quantity'}`, () =>
      expect(canonicalQuantity(text)).toBe(canonical))
  }

  test('is its own canonical form', () => {
    const once = cases.flatMap(([text]) => canonicalQuantity(text) ?? [])
    expect(once.map(canonicalQuantity)).toEqual(once)
  })

  test('takes a million digits in no time', () => {
    expect(canonicalQuantity('9'.repeat(1_000_000))).toBe(`1${'0'.repeat(42)}E`)
    expect(canonicalQuantity(`0.${'0'.repeat(1_000_000)}1`)).toBe('1n')
    expect(canonicalQuantity(`1e${'9'.repeat(1_000_000)}`)).toBe('1e60')
  })
})

describe('numbers of quantities', () => {
  const cases: [text: string, value: number, milli: number][] = [
    ['1', 1, 1000],
    ['100m', 1, 100],
    ['1100m', 2, 1100],
    ['0', 0, 0],
    ['1Gi', 1073741824, 1073741824000],
    ['1.5', 2, 1500],
    ['2k', 2000, 2000000],
    ['1n', 1, 1],
    ['-1500m', -2, -1500],
    ['1e3', 1000, 1000000],
    ['junk', 0, 0],
  ]
  for (const [text, value, milli] of cases) {
    test(`${text} is ${value}, or ${milli} thousandths`, () => {
      expect(quantityValue(text)).toBe(value)
      expect(milliValue(text)).toBe(milli)
    })
  }
})

test('sums keep the format of the first operand that is not zero', () => {
  expect(formatQuantity(addQuantity('1Gi', '512Mi'))).toBe('1536Mi')
  expect(formatQuantity(addQuantity('0', '1Gi'))).toBe('1Gi')
  expect(formatQuantity(addQuantity('500m', '0.5'))).toBe('1')
  expect(formatQuantity(subQuantity('1', '250m'))).toBe('750m')
  expect(formatQuantity(addQuantity('9223372036854775807', '9223372036854775807'))).toBe('18446744073709551614')
})

test('amounts are compared, not texts', () => {
  expect(cmpQuantity('1000m', '1')).toBe(0)
  expect(cmpQuantity('1Gi', '1G')).toBe(1)
  expect(cmpQuantity('1n', '1')).toBe(-1)
})

test('maps of resources are merged by name', () => {
  expect(addResources({ cpu: '500m', memory: '1Gi' }, { cpu: '1500m', 'x/y': '1' })).toEqual({
    cpu: '2',
    memory: '1Gi',
    'x/y': '1',
  })
  expect(maxResources({ cpu: '500m' }, { cpu: '1', memory: '1Gi' })).toEqual({ cpu: '1', memory: '1Gi' })
})

test('the reason for refusing a text is Kubernetes’s', () => {
  expect(quantityFault('1')).toBeUndefined()
  expect(quantityFault('1K')).toBe("unable to parse quantity's suffix")
  expect(quantityFault('a')).toBe(
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  )
})

test('a plain number and its general form agree', () => {
  expect(parseQuantity('12')).toEqual(parseQuantity('12.0'))
})

test('an amount without a digit is 0, as Kubernetes reads it', () => {
  for (const text of ['m', 'Ki', 'e1', '.', '+', '-n', '.E'])
    expect([text, canonicalQuantity(text)]).toEqual([text, '0'])
  const suffix = "unable to parse quantity's suffix"
  for (const text of ['e', 'm1', 'kk', '--1', 'Kim']) expect([text, quantityFault(text)]).toEqual([text, suffix])
  for (const text of ['', 'x', '1x', 'e1m', '1.2.3']) expect(quantityFault(text)).toMatch(/^quantities must match/)
})
