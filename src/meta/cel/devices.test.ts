import { describe, expect, test } from 'vitest'

import { type DeviceInput, deviceSelector, MAX_SELECTOR_COST, NotBoolean } from './devices.ts'
import { CompileError } from './source.ts'
import { EvaluationError } from './values.ts'

const gpu: DeviceInput = {
  driver: 'gpu.example.com',
  attributes: {
    model: { string: 'a100' },
    healthy: { bool: true },
    'other.example.com/slots': { int: 4 },
    firmware: { version: '1.10.0' },
  },
  capacity: { memory: { value: '40Gi' } },
}

describe('picking devices', () => {
  test.each([
    ['device.driver == "gpu.example.com"', true],
    ['device.attributes["gpu.example.com"].model == "a100"', true],
    ['device.attributes["gpu.example.com"].healthy', true],
    ['device.attributes["other.example.com"].slots > 4', false],
    ['device.attributes["gpu.example.com"].firmware.isGreaterThan(semver("1.9.0"))', true],
    ['device.capacity["gpu.example.com"].memory.isLessThan(quantity("80Gi"))', true],
    ['"absent" in device.attributes["no.such.domain"]', false],
    ['cel.bind(a, device.attributes["gpu.example.com"], a.healthy && a.model == "b200")', false],
    ['device.allowMultipleAllocations', false],
  ])('%s: %s', (expression, answer) => {
    expect(deviceSelector(expression).matches(gpu)).toBe(answer)
  })

  test('an attribute that there is not is a failure, not a no', () => {
    const selector = deviceSelector('device.attributes["gpu.example.com"].absent == 1')
    expect(() => selector.matches(gpu)).toThrow(new EvaluationError('no such key: absent'))
  })

  test('what gives no yes or no is refused, and what makes no sense', () => {
    expect(() => deviceSelector('device.driver')).toThrow(NotBoolean)
    expect(() => deviceSelector('device.nothing')).toThrow(CompileError)
    expect(() => deviceSelector('object.spec')).toThrow(CompileError)
  })
})

describe('the most that a selector can cost', () => {
  test('is known from the sizes that devices have', () => {
    expect(deviceSelector('device.driver == "a"').worstCost).toBeLessThan(10)
    const attributes = 'device.attributes.all(d, device.attributes[d].all(k, k.size() > 0))'
    expect(deviceSelector(attributes).worstCost).toBeLessThan(MAX_SELECTOR_COST)
  })

  test('is too much for loops in loops in loops', () => {
    const inner = 'device.attributes.all(a, A)'
    const nested = Array.from({ length: 5 }, (_, depth) => inner.replace('(a', `(a${depth}`))
      .reduce((whole, loop) => whole.replace('A', loop), 'A')
      .replace('A', 'device.driver != "x"')
    expect(deviceSelector(nested).worstCost).toBeGreaterThan(MAX_SELECTOR_COST)
  })
})
