/** The rules of a transaction that do not depend on the engine. */

import type { Operation } from './storage.ts'

/** The longest key all engines take, in bytes. */
const MAX_KEY_BYTES = 1_500

/** Throws for operations that no engine may accept: no key twice, none empty, none too long. */
export function checkOperations(operations: readonly Operation[]): void {
  const seen = new Set<string>()
  for (const operation of operations) {
    const key = 'put' in operation ? operation.put : operation.delete
    if (seen.has(key)) throw new TypeError(`a transaction may name a key once; "${key}" is there twice`)
    if (key === '' || Buffer.byteLength(key) > MAX_KEY_BYTES) {
      throw new TypeError(`a storage key has 1 to ${MAX_KEY_BYTES} bytes; this one has ${Buffer.byteLength(key)}`)
    }
    seen.add(key)
  }
}
