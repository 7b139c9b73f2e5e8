/**
 * Limits of memory are not set below what is in use: the kernel would kill whoever uses it
 * (https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/#limitations). Pure.
 */

/** Bytes for the Pod as a whole, and for containers by name. */
export interface MemoryOf<T> {
  readonly pod: T
  readonly containers: ReadonlyMap<string, T>
}

/** Why limits that go down cannot; `undefined`: they can. `limits`: those alone. Bytes in use that are not known are 'unknown'. */
export function decreaseFault(
  limits: MemoryOf<number | undefined>,
  inUse: MemoryOf<number | 'unknown'>,
): string | undefined {
  const faults: string[] = []
  if (limits.pod !== undefined) {
    if (inUse.pod === 'unknown') faults.push('missing pod memory usage')
    else if (inUse.pod >= limits.pod)
      faults.push(`attempting to set pod memory limit (${limits.pod}) below current usage (${inUse.pod})`)
  }
  for (const [name, limit] of limits.containers) {
    const used = inUse.containers.get(name) ?? 'unknown'
    if (limit === undefined) continue
    if (used === 'unknown') faults.push(`missing container "${name}" memory usage`)
    else if (used >= limit)
      faults.push(`attempting to set container "${name}" memory limit (${limit}) below current usage (${used})`)
  }
  if (faults.length === 0) return undefined
  return `cannot decrease memory limits: ${faults.length === 1 ? faults[0] : `[${faults.join(', ')}]`}`
}
