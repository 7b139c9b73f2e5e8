import { describe, expect, test } from 'vitest'
import { aborted, withGroup } from './group.ts'

describe('withGroup()', () => {
  test('waits for all it started, after telling it to stop', async () => {
    const ended: string[] = []
    await withGroup(async (group) => {
      group.start(async (signal) => {
        await aborted(signal)
        await Promise.resolve()
        ended.push('task')
      })
    })
    expect(ended).toEqual(['task'])
  })

  test("a task's failure stops the others and is thrown", async () => {
    const ended: string[] = []
    const run = withGroup(async (group) => {
      group.start(async (signal) => {
        await aborted(signal)
        ended.push('other')
      })
      group.start(() => Promise.reject(new Error('broken')))
      await aborted(group.signal)
    })
    await expect(run).rejects.toThrow('broken')
    expect(ended).toEqual(['other'])
  })

  test('what a task throws because it was stopped is no failure', async () => {
    const result = await withGroup(async (group) => {
      group.start(async (signal) => {
        await aborted(signal)
        throw signal.reason
      })
      return 'done'
    })
    expect(result).toBe('done')
  })

  test('closes when the outer signal aborts', async () => {
    const outer = new AbortController()
    const run = withGroup(async (group) => {
      await aborted(group.signal)
      return String(group.signal.reason)
    }, outer.signal)
    outer.abort('enough')
    await expect(run).resolves.toBe('enough')
  })
})
