/** What a plugin answers: a value, never an exception. */

/** Yes, wait, or no with the reason a person reads in FailedScheduling. */
export type Verdict =
  | { readonly kind: 'fits' }
  /** Nothing to do here: the plugin has no opinion on this Pod and its filter (or score) may be left out. */
  | { readonly kind: 'skip' }
  | Rejection
  /** A permit plugin holds the Pod until `allow` or `reject`, at most `timeoutMs`. */
  | { readonly kind: 'wait'; readonly timeoutMs: number }

export interface Rejection {
  readonly kind: 'rejected'
  readonly reasons: readonly string[]
  /** Whether the eviction of other Pods could change the answer. */
  readonly evictionMayHelp: boolean
  /** The Pod is not to be tried again until an event wakes it, and no FailedScheduling is told (`preEnqueue`). */
  readonly plugin?: string
}

export const fits: Verdict = { kind: 'fits' }
export const skip: Verdict = { kind: 'skip' }

/** No, and why. `evictionMayHelp` is true unless said otherwise. */
export function rejected(
  reason: string | readonly string[],
  options: { readonly evictionMayHelp?: boolean } = {},
): Rejection {
  return {
    kind: 'rejected',
    reasons: typeof reason === 'string' ? [reason] : reason,
    evictionMayHelp: options.evictionMayHelp ?? true,
  }
}
