/** Letting others have their turn. */

/** Resolves after whatever input and timers are waiting have been served once. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
