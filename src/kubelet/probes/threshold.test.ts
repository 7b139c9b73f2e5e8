import { describe, expect, test } from 'vitest'

import { countResult, initialState, type ProbeKind, type Thresholds } from './threshold.ts'

describe('countResult()', () => {
  const cases: { kind: ProbeKind; thresholds: Thresholds; results: string; verdicts: string }[] = [
    { kind: 'liveness', thresholds: {}, results: 'FFF', verdicts: 'SSF' },
    { kind: 'liveness', thresholds: { failureThreshold: 1 }, results: 'F', verdicts: 'F' },
    { kind: 'liveness', thresholds: { failureThreshold: 2 }, results: 'FSFF', verdicts: 'SSSF' },
    { kind: 'readiness', thresholds: {}, results: 'S', verdicts: 'S' },
    { kind: 'readiness', thresholds: { successThreshold: 2 }, results: 'SFSS', verdicts: 'FFFS' },
    { kind: 'readiness', thresholds: { failureThreshold: 2 }, results: 'SFSFF', verdicts: 'SSSSF' },
    { kind: 'startup', thresholds: { failureThreshold: 2 }, results: 'FS', verdicts: 'US' },
    { kind: 'startup', thresholds: { failureThreshold: 2 }, results: 'FF', verdicts: 'UF' },
  ]
  const letter = { unknown: 'U', success: 'S', failure: 'F' } as const
  for (const { kind, thresholds, results, verdicts } of cases) {
    test(`a ${kind} probe with ${JSON.stringify(thresholds)} turns ${results} into ${verdicts}`, () => {
      let state = initialState(kind)
      const found = Array.from(results, (result) => {
        state = countResult(state, result === 'S' ? 'success' : 'failure', thresholds)
        return letter[state.verdict]
      })
      expect(found.join('')).toBe(verdicts)
    })
  }
})
