/** How the checks of Pod Security name who breaks a rule. */

import type { Container, PodSpec } from '../../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { goQuote } from '../../../meta/go-quote.ts'

export type Spec = DeepReadonly<PodSpec>
export type AnyContainer = Pick<DeepReadonly<Container>, 'name' | 'securityContext' | 'ports' | 'lifecycle'> &
  Pick<DeepReadonly<Container>, 'livenessProbe' | 'readinessProbe' | 'startupProbe'>

/** Every container: those that start first, the main ones, those added for debugging. */
export function containers(spec: Spec): readonly AnyContainer[] {
  return [
    ...(spec.initContainers ?? []),
    ...(spec.containers ?? []),
    ...((spec.ephemeralContainers ?? []) as readonly AnyContainer[]),
  ]
}

/** The names of the containers that match. */
export const namesWhere = (spec: Spec, matches: (container: AnyContainer) => boolean): string[] =>
  containers(spec)
    .filter(matches)
    .map(({ name }) => name)

/** `"a", "b"`. */
export const quoted = (texts: readonly string[]) => texts.map(goQuote).join(', ')

/** Each once, in order. */
export const sorted = (texts: readonly string[]) => [...new Set(texts)].sort()

/** `container "a"`, `containers "a", "b"`. */
export const named = (word: string, names: readonly string[]) =>
  `${word}${names.length === 1 ? '' : 's'} ${quoted(names)}`

/** `pod and container "a"`: who sets something wrong. */
export const setters = (isPod: boolean, names: readonly string[]) =>
  [...(isPod ? ['pod'] : []), ...(names.length === 0 ? [] : [named('container', names)])].join(' and ')
