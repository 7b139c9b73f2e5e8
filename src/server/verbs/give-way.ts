/** Work on something large is done in steps, between which others have their turn: the server has one event loop. */

/** So many bytes take a noticeable time at each step. */
const LARGE = 64 * 1024

export const isLarge = (bytes: { readonly length: number } | undefined): boolean =>
  bytes !== undefined && bytes.length >= LARGE
