/** What Kubernetes warns of in claims: amounts of storage that are no whole bytes. */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldPath } from '../../../../meta/field-path.ts'
import { goQuote } from '../../../../meta/go-quote.ts'
import { milliValue } from '../../../../meta/quantity.ts'
import type { PersistentVolumeClaimSpec } from '../../../generated/core-v1.ts'

/** For the spec of a claim, or of a template of claims, at `path`. */
export function claimSpecWarnings(spec: DeepReadonly<PersistentVolumeClaimSpec>, path: FieldPath): string[] {
  return (['requests', 'limits'] as const).flatMap((part) =>
    fractionalBytes(spec.resources?.[part]?.['storage'], path.child('resources', part).key('storage')),
  )
}

/** Bytes come whole. */
export function fractionalBytes(amount: string | undefined, path: FieldPath): string[] {
  if (amount === undefined || milliValue(amount) % 1000 === 0) return []
  return [`${path.toString()}: fractional byte value ${goQuote(amount)} is invalid, must be an integer`]
}
