/** Where a cluster's API server records requests: a file, a webhook, or both. */

import type { TaskGroup } from '../../base/async/group.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { AuditOptions, AuditSink } from '../../server/audit/audit.ts'
import { AuditBatches } from '../../server/audit/batches.ts'
import { blockingSink } from '../../server/audit/blocking.ts'
import { complaints } from '../../server/audit/complaints.ts'
import type { Deliver } from '../../server/audit/deliver.ts'
import { openLogFile } from '../../server/audit/log-file.ts'
import { truncating } from '../../server/audit/truncate.ts'
import { type FileConfig, keptAuditConfig, type WebhookConfig } from '../audit-config.ts'
import type { ClusterPaths } from '../paths.ts'

interface Parts {
  readonly clock: Clock
  readonly log: Log
}

/** What the server is told, what runs beside it, and what ends it. */
export interface Auditing {
  readonly options: { readonly audit?: AuditOptions }
  run(group: TaskGroup): void
  close(): Promise<void>
}

/** Opens what the cluster records to. */
export async function openAudit(paths: ClusterPaths, parts: Parts): Promise<Auditing> {
  const kept = keptAuditConfig(paths)
  if (kept === undefined) return { options: {}, run: () => {}, close: async () => {} }
  const lost = complaints('audit events are lost that are too large', parts)
  const small = (maxBytes: number | undefined, sink: AuditSink) =>
    maxBytes === undefined ? sink : truncating(maxBytes, sink, (bytes) => lost({ bytes }))
  const file = kept.file === undefined ? undefined : fileOf(kept.file, parts)
  const ending = new AbortController()
  const webhook = kept.webhook === undefined ? undefined : await webhookOf(kept.webhook, { ...parts, ending })
  const sinks = [
    ...(file === undefined ? [] : [small(kept.file?.maxEventBytes, file.sink)]),
    ...(webhook === undefined ? [] : [small(kept.webhook?.maxEventBytes, webhook.sink)]),
  ]
  const sink: AuditSink = (line) => {
    const waiting = sinks.map((one) => one(line)).filter((taken) => taken instanceof Promise)
    return waiting.length === 0 ? undefined : Promise.all(waiting).then(() => {})
  }
  return {
    options: { audit: { policy: kept.policy, sink } },
    run(group) {
      for (const batches of [file?.batches, webhook?.batches]) {
        if (batches !== undefined) group.start((signal) => batches.run(signal))
      }
    },
    async close() {
      ending.abort()
      file?.close()
      await webhook?.close()
    },
  }
}

/** Where events go, and the batches that they go in, if any. */
interface Backend {
  readonly sink: AuditSink
  readonly batches?: AuditBatches
}

function fileOf(config: FileConfig, parts: Parts): Backend & { close(): void } {
  const { write, close } = openLogFile(config, parts)
  const { batches: options } = config
  // Strictly kept, the event is one to wait for: a request hears then that it could not be written.
  const sink: AuditSink = config.isStrict === true ? async (line) => write(line) : write
  if (options === undefined) return { sink, close }
  const deliver: Deliver = async (lines) => write(lines.join(''))
  const batches = new AuditBatches({ options, deliver, ...parts })
  return { sink: batches.write, batches, close }
}

/** Loaded only where it is asked for: nobody else waits for what it needs. */
async function webhookOf(
  { access, batches: options, mode }: WebhookConfig,
  { ending: { signal }, ...parts }: Parts & { readonly ending: AbortController },
): Promise<Backend & { close(): Promise<void> }> {
  const { openWebhook } = await import('../../server/audit/webhook.ts')
  const webhook = openWebhook(access)
  const { deliver } = webhook
  const close = () => webhook.close()
  if (mode === 'blocking' || mode === 'blocking-strict') {
    const { initialBackoffMs } = options
    const isStrict = mode === 'blocking-strict'
    return { sink: blockingSink({ deliver, initialBackoffMs, isStrict, signal, ...parts }), close }
  }
  const batches = new AuditBatches({ options, deliver, ...parts })
  return { sink: batches.write, batches, close }
}
