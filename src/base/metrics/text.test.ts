import { describe, expect, test } from 'vitest'
import { exponential } from './instruments.ts'
import { metricsText, numberText } from './text.ts'

describe('numbers', () => {
  test.each([
    [0, '0'],
    [-1.5, '-1.5'],
    [999_999, '999999'],
    [1_000_000, '1e+06'],
    [1_048_576, '1.048576e+06'],
    [-2e21, '-2e+21'],
    [0.0001, '0.0001'],
    [0.00005, '5e-05'],
    [0.0000005, '5e-07'],
    [Infinity, '+Inf'],
    [-Infinity, '-Inf'],
    [NaN, 'NaN'],
  ])('%d is written %s', (value, text) => expect(numberText(value)).toBe(text))

  test('of times in queues are those that Kubernetes has', () => {
    const bounds = '1e-08 1e-07 1e-06 9.999999999999999e-06 9.999999999999999e-05 0.001 0.01 0.1 1 10'
    expect(exponential(1e-8, 10, 10).map(numberText).join(' ')).toBe(bounds)
  })
})

test('a family is written with its samples, and one without is not', () => {
  const labels = { a: 'x "y"\\\n' }
  const told = { name: 'n', help: 'h', type: 'gauge', samples: [{ labels, value: 2e6, at: 5 }] } as const
  expect(metricsText([{ ...told, name: 'none', samples: [] }, told])).toBe(
    '# HELP n h\n# TYPE n gauge\nn{a="x \\"y\\"\\\\\\n"} 2e+06 5\n',
  )
})
