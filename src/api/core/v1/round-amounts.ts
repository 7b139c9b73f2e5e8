/** Amounts of resources are counted in thousandths (https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#meaning-of-cpu). */

import { addQuantity, formatQuantity, parseQuantity } from '../../../meta/quantity.ts'
import type { ResourceList } from '../../generated/core-v1.ts'

/** Nothing finer than a thousandth is counted; what is finer is rounded up. */
export function roundToMilli(resources: ResourceList | undefined): void {
  if (resources === undefined) return
  for (const name of Object.keys(resources)) {
    const text = resources[name]!
    // Only the two finest units can hide a part of a thousandth.
    if (!text.endsWith('n') && !text.endsWith('u')) continue
    const value = parseQuantity(text)
    if (value === undefined) continue
    const rest = value.nano % 1_000_000n
    if (rest === 0n) continue
    const up = rest > 0n ? 1_000_000n - rest : -1_000_000n - rest
    resources[name] = formatQuantity(addQuantity(value, { nano: up, format: value.format }))
  }
}

/** The same of what is asked for and of how much there may be. */
export function roundRequirements(
  resources: { readonly limits?: ResourceList; readonly requests?: ResourceList } | undefined,
): void {
  roundToMilli(resources?.limits)
  roundToMilli(resources?.requests)
}
