import { describe, expect, test } from 'vitest'
import { InTurn } from './in-turn.ts'

describe('work in turn', () => {
  test('begins when what was asked for before, of its key, is over', async () => {
    const done: string[] = []
    const turns = new InTurn()
    const ends = new Map<string, () => void>()
    const work = (name: string) => () =>
      new Promise<void>((resolve) => {
        done.push(`${name} begins`)
        ends.set(name, resolve)
      })
    const first = turns.run('a', work('first'))
    const second = turns.run('a', work('second'))
    const other = turns.run('b', work('other'))
    expect(done).toEqual(['first begins', 'other begins'])
    ends.get('first')?.()
    await first
    expect(done).toEqual(['first begins', 'other begins', 'second begins'])
    ends.get('second')?.()
    ends.get('other')?.()
    await Promise.all([second, other])
    expect([turns.settled('a'), turns.settled('b')]).toEqual([undefined, undefined])
  })

  test('is not kept by a failure of the work before it, which its own caller hears of', async () => {
    const turns = new InTurn()
    const failing = turns.run('a', () => Promise.reject(new Error('broken')))
    const all = turns.settled('a')
    let ran = false
    const next = turns.run('a', async () => void (ran = true))
    await expect(failing).rejects.toThrow('broken')
    await expect(all).resolves.toBeUndefined()
    await next
    expect(ran).toBe(true)
  })
})
