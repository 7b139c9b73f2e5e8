/** Work on something large is done in steps, between which others have their turn: the server has one event loop. */

/** So many bytes, or characters and values of an object, take a noticeable time at each step. */
const LARGE = 64 * 1024

/** Waits until others have had their turn. */
export type GiveWay = () => Promise<void>

export const isLarge = (size: number | undefined): boolean => size !== undefined && size >= LARGE
