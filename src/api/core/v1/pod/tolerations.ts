/** When a toleration tolerates a taint (https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { Taint, Toleration } from '../../../generated/core-v1.ts'

/** The part of a taint that matters for toleration. */
export interface TaintLike {
  readonly key: string
  readonly value?: string
  readonly effect: string
}

/** Whether one toleration tolerates the taint. An empty key with `Exists` tolerates everything; an empty effect, every effect. */
export function toleratesTaint(toleration: DeepReadonly<Toleration>, taint: TaintLike): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false
  if (toleration.key && toleration.key !== taint.key) return false
  switch (toleration.operator || 'Equal') {
    case 'Equal':
      return (toleration.key ?? '') !== '' && (toleration.value ?? '') === (taint.value ?? '')
    case 'Exists':
      return true
    case 'Lt':
      return comparesAs(toleration.value, taint.value, (wanted, given) => given < wanted)
    case 'Gt':
      return comparesAs(toleration.value, taint.value, (wanted, given) => given > wanted)
    default:
      return false
  }
}

/** Whether any of the tolerations tolerates the taint. */
export function tolerates(tolerations: DeepReadonly<Toleration[]> | undefined, taint: TaintLike): boolean {
  return (tolerations ?? []).some((toleration) => toleratesTaint(toleration, taint))
}

/** The first taint of one of `effects` that nothing tolerates. */
export function untoleratedTaint(
  taints: DeepReadonly<Taint[]> | undefined,
  tolerations: DeepReadonly<Toleration[]> | undefined,
  effects: readonly string[],
): DeepReadonly<Taint> | undefined {
  return (taints ?? []).find((taint) => effects.includes(taint.effect) && !tolerates(tolerations, taint))
}

const WHOLE_NUMBER = /^-?\d{1,18}$/

function comparesAs(
  wanted: string | undefined,
  given: string | undefined,
  holds: (wanted: bigint, given: bigint) => boolean,
) {
  if (wanted === undefined || given === undefined || !WHOLE_NUMBER.test(wanted) || !WHOLE_NUMBER.test(given))
    return false
  return holds(BigInt(wanted), BigInt(given))
}
