/** What Kubernetes warns of in claims: amounts of storage that are no whole bytes, and the old way to name a class. */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import { fieldPath, type FieldPath } from '../../../../meta/field-path.ts'
import { goQuote } from '../../../../meta/go-quote.ts'
import { parseQuantity } from '../../../../meta/quantity.ts'
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../../../generated/core-v1.ts'

const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class'

export function claimWarnings({ metadata, spec }: DeepReadonly<PersistentVolumeClaim>): string[] {
  const where = fieldPath('metadata', 'annotations').key(CLASS_ANNOTATION)
  const hasOld = metadata.annotations?.[CLASS_ANNOTATION] !== undefined
  return [
    ...(hasOld ? [`${where.toString()}: deprecated since v1.8; use "storageClassName" attribute instead`] : []),
    ...claimSpecWarnings(spec ?? {}, fieldPath('spec')),
  ]
}

/** For the spec of a claim, or of a template of claims, at `path`. */
export function claimSpecWarnings(spec: DeepReadonly<PersistentVolumeClaimSpec>, path: FieldPath): string[] {
  return (['requests', 'limits'] as const).flatMap((part) =>
    fractionalBytes(spec.resources?.[part]?.['storage'], path.child('resources', part).key('storage')),
  )
}

/** Bytes come whole. */
export function fractionalBytes(amount: string | undefined, path: FieldPath): string[] {
  const units = parseQuantity(amount ?? '0')
  if (amount === undefined || units === undefined || units.nano % 1_000_000_000n === 0n) return []
  return [`${path.toString()}: fractional byte value ${goQuote(amount)} is invalid, must be an integer`]
}
