/**
 * Doing the same thing many times, carefully at first: 1, 2, 4, 8 … at once. A Pod that cannot be created fails
 * once, not five hundred times, before anybody notices.
 */

/** Runs `count` tasks in doubling batches; stops after a batch with a failure, whose first error it throws. Returns how many succeeded. */
export async function slowStart(count: number, task: (index: number) => Promise<void>): Promise<number> {
  let done = 0
  for (let size = Math.min(count, 1); size > 0; size = Math.min(2 * size, count - done)) {
    const from = done
    const results = await Promise.allSettled(Array.from({ length: size }, (_, index) => task(from + index)))
    const failed = results.find((result) => result.status === 'rejected')
    done += results.filter((result) => result.status === 'fulfilled').length
    if (failed !== undefined) throw failed.reason
  }
  return done
}

/** Runs all tasks at once; after all have settled, throws the first failure. */
export async function allAtOnce<T>(items: readonly T[], task: (item: T) => Promise<void>): Promise<void> {
  const results = await Promise.allSettled(items.map(task))
  const failed = results.find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}
