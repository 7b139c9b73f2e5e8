/** Objects never change: what follows from one is worked out once. */

/** `derive`, asked once for each object, for as long as the object lives. */
export function remembered<T extends object, V>(derive: (object: T) => V): (object: T) => V {
  const known = new WeakMap<T, V>()
  return (object) => {
    const before = known.get(object)
    if (before !== undefined) return before
    const value = derive(object)
    known.set(object, value)
    return value
  }
}
