/**
 * The order of a merged list in a strategic merge patch: what the patch names stands in the patch's order, the
 * rest in the object's own, and the two are woven together by where items stood in the object.
 */

/** What tells the items of a list apart: the value itself, or that of its merge key. */
export type Identity = (item: unknown) => unknown

/** Orders `merged` by the order the patch gives and the order the object had. */
export function ordered(
  merged: readonly unknown[],
  wanted: readonly unknown[],
  before: readonly unknown[],
  identity: Identity,
): unknown[] {
  const wantedAt = positions(wanted, identity)
  const stoodAt = positions(before, identity)
  const named: unknown[] = []
  const others: unknown[] = []
  for (const item of merged) (wantedAt.has(identity(item)) ? named : others).push(item)
  sortBy(named, wantedAt, identity)
  sortBy(others, stoodAt, identity)
  return weave(others, named, (item) => stoodAt.get(identity(item)))
}

function positions(list: readonly unknown[], identity: Identity): Map<unknown, number> {
  const at = new Map<unknown, number>()
  for (const [index, item] of list.entries()) {
    const id = identity(item)
    if (id !== undefined && !at.has(id)) at.set(id, index)
  }
  return at
}

function sortBy(items: unknown[], at: ReadonlyMap<unknown, number>, identity: Identity): void {
  const last = Number.MAX_SAFE_INTEGER
  items.sort((a, b) => (at.get(identity(a)) ?? last) - (at.get(identity(b)) ?? last))
}

/** An item of the object goes first only where it is known to have stood before the item of the patch. */
function weave(others: unknown[], named: unknown[], stoodAt: (item: unknown) => number | undefined): unknown[] {
  const woven: unknown[] = []
  let next = 0
  for (const item of named) {
    const mine = stoodAt(item)
    while (mine !== undefined && next < others.length) {
      const theirs = stoodAt(others[next])
      if (theirs === undefined || theirs >= mine) break
      woven.push(others[next++])
    }
    woven.push(item)
  }
  return [...woven, ...others.slice(next)]
}
