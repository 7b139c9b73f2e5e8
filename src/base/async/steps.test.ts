import { expect, test } from 'vitest'
import { atOnce, inSteps, type Steps } from './steps.ts'

function* counting(told: string[]): Steps<string> {
  told.push('one')
  yield
  told.push('two')
  yield
  told.push('three')
  return 'done'
}

test('steps are done at once where nobody waits', () => {
  const told: string[] = []
  expect(atOnce(counting(told))).toBe('done')
  expect(told).toEqual(['one', 'two', 'three'])
})

test('others have their turn between the steps', async () => {
  const told: string[] = []
  const giveWay = async () => {
    told.push('others')
  }
  expect(await inSteps(counting(told), giveWay)).toBe('done')
  expect(told).toEqual(['one', 'others', 'two', 'others', 'three'])
})

test('steps without others are done at once', async () => {
  const told: string[] = []
  const done = inSteps(counting(told), undefined)
  expect(told).toHaveLength(3)
  expect(await done).toBe('done')
})

test('a step that fails ends the work', async () => {
  function* failing(): Steps<void> {
    yield
    throw new Error('no')
  }
  await expect(inSteps(failing(), async () => {})).rejects.toThrow('no')
})
