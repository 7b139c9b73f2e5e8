/** Which of two states of an object is the newer (https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions). */

interface Versioned {
  readonly metadata: { readonly resourceVersion?: string }
}

/**
 * Negative where `a` is older than `b`, positive where it is newer. Versions of one resource grow as it is written; what
 * is no number is taken to be the same.
 */
export function compareResourceVersions(a: Versioned, b: Versioned): number {
  const [left, right] = [a, b].map(({ metadata: { resourceVersion = '' } }) =>
    /^[0-9]{1,20}$/.test(resourceVersion) ? BigInt(resourceVersion) : undefined,
  )
  if (left === undefined || right === undefined || left === right) return 0
  return left < right ? -1 : 1
}
