/** For tests: whether work that takes long lets others have their turn. */

import { nextTurn } from './turn.ts'

/** How often others had their turn while `work` was done. */
export async function turnsDuring(work: Promise<unknown>): Promise<number> {
  let isDone = false
  const done = work.finally(() => (isDone = true))
  let turns = 0
  // oxlint-disable-next-line no-await-in-loop -- one turn after the other
  for (; !isDone; turns++) await nextTurn()
  await done
  return turns
}
