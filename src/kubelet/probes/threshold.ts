/** Counts a probe's results until enough of them agree (https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/). */

export type ProbeKind = 'startup' | 'liveness' | 'readiness'
export type Verdict = 'unknown' | 'success' | 'failure'

export interface ProbeState {
  /** What holds until enough results speak against it. */
  readonly verdict: Verdict
  readonly last: 'success' | 'failure' | undefined
  /** How many results in a row were like the last. */
  readonly run: number
}

export interface Thresholds {
  readonly successThreshold?: number
  readonly failureThreshold?: number
}

/** Before its first results a container counts as alive, and as neither ready nor started. */
export const initialState = (kind: ProbeKind): ProbeState => ({
  verdict: kind === 'liveness' ? 'success' : kind === 'readiness' ? 'failure' : 'unknown',
  last: undefined,
  run: 0,
})

export function countResult(
  state: ProbeState,
  result: 'success' | 'failure',
  { successThreshold = 1, failureThreshold = 3 }: Thresholds,
): ProbeState {
  const run = state.last === result ? state.run + 1 : 1
  const needed = result === 'success' ? successThreshold : failureThreshold
  return { verdict: run >= needed ? result : state.verdict, last: result, run }
}
