import { describe, expect, test } from 'vitest'
import { channel } from './channel.ts'

describe('channel()', () => {
  test('hands values on in order, those pushed before and while reading', async () => {
    const numbers = channel<number>(10)
    numbers.push(1)
    const read: number[] = []
    const reading = (async () => {
      for await (const value of numbers) read.push(value)
    })()
    numbers.push(2)
    await Promise.resolve()
    numbers.push(3)
    numbers.close()
    await reading
    expect(read).toEqual([1, 2, 3])
  })

  test('refuses values beyond its capacity and after it is closed', () => {
    const small = channel<number>(1)
    expect(small.push(1)).toBe(true)
    expect(small.push(2)).toBe(false)
    small.close()
    expect(small.push(3)).toBe(false)
  })

  test('an error arrives after the values before it', async () => {
    const failing = channel<number>(10)
    failing.push(1)
    failing.close(new Error('cut off'))
    const read: number[] = []
    await expect(
      (async () => {
        for await (const value of failing) read.push(value)
      })(),
    ).rejects.toThrow('cut off')
    expect(read).toEqual([1])
  })

  test('leaving the loop tells the owner, once', async () => {
    let left = 0
    const values = channel<number>(10, () => left++)
    values.push(1)
    for await (const _ of values) break
    expect(left).toBe(1)
    expect(values.push(2)).toBe(false)
  })

  test('an abort drops what is unread and throws its reason', async () => {
    let left = 0
    const controller = new AbortController()
    const values = channel<number>(10, () => left++, controller.signal)
    values.push(1)
    controller.abort(new Error('stopped'))
    await expect(values[Symbol.asyncIterator]().next()).rejects.toThrow('stopped')
    expect(left).toBe(1)
  })
})
