/**
 * Audit events that are waited for: no request is carried out before somebody has taken the event that tells of it
 * (https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/: audit-webhook-mode).
 */

import type { AuditSink } from './audit.ts'
import type { BatchDeps } from './batches.ts'
import { complaints } from './complaints.ts'
import { deliverPatiently } from './deliver.ts'

export interface BlockingDeps extends Omit<BatchDeps, 'options'> {
  readonly initialBackoffMs: number
  /** What nobody takes is an error, not a loss. */
  readonly isStrict: boolean
  /** Ends all waiting. */
  readonly signal: AbortSignal
}

/** Sends each event as it comes. */
export function blockingSink({ isStrict, signal, ...deps }: BlockingDeps): AuditSink {
  const lost = complaints('audit events are lost', deps)
  return async (line) => {
    try {
      await deliverPatiently([line], deps, signal)
    } catch (error) {
      lost({ reason: 'nobody took them', error })
      if (isStrict) throw error
    }
  }
}
