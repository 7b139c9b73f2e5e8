/**
 * Events that are too large lose their bodies; those that still are get lost
 * (https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/#log-entry-truncation).
 */

import { toJson } from '../../wire/json/stringify.ts'
import type { AuditSink } from './audit.ts'

/** What Kubernetes has where nothing is said: the bytes of one event. */
export const MAX_EVENT_BYTES = 102_400
/** The same for a batch. */
export const MAX_BATCH_BYTES = 10 * 1024 * 1024

interface Recorded {
  requestObject?: unknown
  responseObject?: unknown
  annotations?: Readonly<Record<string, string>>
}

/** Hands on lines of at most so many bytes. `lost` hears of those that are larger even without bodies. */
export function truncating(maxBytes: number, sink: AuditSink, lost: (bytes: number) => void): AuditSink {
  const isSmall = (line: string) => line.length * 3 <= maxBytes || Buffer.byteLength(line) <= maxBytes
  return (line) => {
    if (isSmall(line)) return sink(line)
    const { requestObject: _, responseObject: __, annotations, ...rest } = JSON.parse(line) as Recorded
    const short = `${toJson({ ...rest, annotations: { ...annotations, 'audit.k8s.io/truncated': 'true' } })}\n`
    if (isSmall(short)) return sink(short)
    lost(Buffer.byteLength(short))
    return undefined
  }
}
