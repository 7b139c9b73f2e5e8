/** Holds a Pod to a level of the Pod Security Standards (https://kubernetes.io/docs/concepts/security/pod-security-standards/). */

import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import type { ObjectMeta } from '../../../meta/types.ts'
import { baselineChecks } from './baseline.ts'
import type { LevelVersion } from './policy.ts'
import { restrictedChecks } from './restricted.ts'
import type { Spec } from './text.ts'

export type Meta = Pick<DeepReadonly<ObjectMeta>, 'annotations'>

/** Which rule is broken, and by whom. */
export type Violation = readonly [reason: string, detail: string]

/** One rule of a level. */
export interface Check {
  /** The minor version of Kubernetes since which the level has the rule. */
  readonly since?: number
  /** The minor version since which the stricter level has a rule of its own about this. */
  readonly overriddenSince?: number
  /** `minor`: the version whose rules hold; infinite for the newest. */
  readonly find: (meta: Meta, spec: Spec, minor: number) => Violation | undefined
}

/** The rules that the Pod breaks, in order. */
export function violations({ level, version }: LevelVersion, meta: Meta, spec: Spec): readonly Violation[] {
  if (level === 'privileged') return []
  const minor = version === 'latest' ? Infinity : version
  const isRestricted = level === 'restricted'
  const checks = isRestricted
    ? [
        ...baselineChecks.filter(({ overriddenSince: since }) => since === undefined || minor < since),
        ...restrictedChecks,
      ]
    : baselineChecks
  return checks
    .filter(({ since = 0 }) => since <= minor)
    .flatMap(({ find }) => {
      const found = find(meta, spec, minor)
      return found === undefined ? [] : [found]
    })
}

/** `privileged (container "c" must not …), hostPort (…)`. */
export const violationText = (found: readonly Violation[]) =>
  found.map(([reason, detail]) => (detail === '' ? reason : `${reason} (${detail})`)).join(', ')
