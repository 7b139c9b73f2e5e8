import { expect, test } from 'vitest'

import { ManualClock } from '../../base/manual-clock.ts'
import { progressUi } from './progress.ts'

/** What is shown of a step of a minute that says each second how far it is. */
async function shown(isTTY: boolean): Promise<string> {
  const clock = new ManualClock()
  let text = ''
  const ui = progressUi({ isTTY, write: (more) => (text += more) }, clock)
  const step = ui.step('Pulling', async (detail) => {
    for (let second = 1; second <= 60; second++) {
      await clock.sleep(1_000)
      detail(`${second} of 60`)
    }
  })
  await clock.advance(60_000)
  await step
  return text
}

test('a log hears now and then how far a step is', async () => {
  expect(await shown(false)).toBe(
    [10, 20, 30, 40, 50, 60].map((second) => `… Pulling: ${second} of 60\n`).join('') + '✓ Pulling (60.0 s)\n',
  )
})

test('a terminal sees each second of it, and one line at the end', async () => {
  const text = await shown(true)
  for (const second of [1, 2, 59]) expect(text).toContain(`Pulling: ${second} of 60`)
  expect(text.split('\n')).toHaveLength(2)
})
