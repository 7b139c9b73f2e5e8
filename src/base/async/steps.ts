/** Long work as a generator that yields wherever others may have their turn: it is written once, for both ways of doing it. */

/** Work that yields between its steps, and what comes of it. */
export type Steps<T> = Generator<undefined, T, undefined>

/** Does all steps at once. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next()
    if (done === true) return value
  }
}

/** Does one step after the other and waits for `giveWay` between them; without it all at once. */
export async function inSteps<T>(steps: Steps<T>, giveWay: (() => Promise<void>) | undefined): Promise<T> {
  if (giveWay === undefined) return atOnce(steps)
  for (;;) {
    const { done, value } = steps.next()
    if (done === true) return value
    // oxlint-disable-next-line no-await-in-loop -- one step after the other
    await giveWay()
  }
}
