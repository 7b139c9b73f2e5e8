/**
 * Writers that do not name the state they write over never hear of each other: who lost the object to another's write
 * looks at it anew and writes again (https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions).
 */

import { InTurn } from '../../base/async/in-turn.ts'

/** Between two tries somebody else was faster each time: that does not happen so often to one at a time. */
const MAX_TRIES = 1_000

/** Who has lost goes on in a line of the object's own, so that not all of them try in vain each time one is written. */
export class LostRaces {
  readonly #lines = new InTurn()

  /**
   * Tries until it is written; a try that answers undefined has lost, `key` then tells over what. Fails as a try does,
   * and with what `giveUp` makes where the object never holds still.
   */
  async run<T>(key: () => string, attempt: () => Promise<T | undefined>, giveUp: () => Error): Promise<T> {
    return (
      (await attempt()) ??
      this.#lines.run(key(), async () => {
        for (let tries = 0; tries < MAX_TRIES; tries++) {
          // oxlint-disable-next-line no-await-in-loop -- each try follows a lost race
          const written = await attempt()
          if (written !== undefined) return written
        }
        throw giveUp()
      })
    )
  }
}
