/** Keys sort as their UTF-8 bytes do, in every engine, as in etcd. */

/** From here on UTF-16 code units, which JavaScript compares by, sort otherwise than UTF-8 bytes. */
const UNUSUAL = /[\ud800-\uffff]/

/** Below zero, zero or above, as `a` sorts before, with or after `b` by bytes. */
export function compareKeys(a: string, b: string): number {
  if (a === b) return 0
  if (UNUSUAL.test(a) || UNUSUAL.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b))
  return a < b ? -1 : 1
}
