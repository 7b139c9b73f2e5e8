/** Where a cluster's API server records requests: a file, a webhook, or both. */

import type { TaskGroup } from '../../base/async/group.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { AuditOptions, AuditSink } from '../../server/audit/audit.ts'
import { AuditBatches } from '../../server/audit/batches.ts'
import { complaints } from '../../server/audit/complaints.ts'
import { openLogFile } from '../../server/audit/log-file.ts'
import { truncating } from '../../server/audit/truncate.ts'
import { keptAuditConfig, type WebhookConfig } from '../audit-config.ts'
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
  const file = kept.file === undefined ? undefined : openLogFile(kept.file, parts)
  const webhook = kept.webhook === undefined ? undefined : await webhookOf(kept.webhook, parts)
  const sinks = [
    ...(file === undefined ? [] : [small(kept.file?.maxEventBytes, file.write)]),
    ...(webhook === undefined ? [] : [small(kept.webhook?.maxEventBytes, webhook.batches.write)]),
  ]
  return {
    options: { audit: { policy: kept.policy, sink: (line) => sinks.forEach((sink) => sink(line)) } },
    run(group) {
      if (webhook !== undefined) group.start((signal) => webhook.batches.run(signal))
    },
    async close() {
      file?.close()
      await webhook?.close()
    },
  }
}

/** Loaded only where it is asked for: nobody else waits for what it needs. */
async function webhookOf({ access, batches: options }: WebhookConfig, parts: Parts) {
  const { openWebhook } = await import('../../server/audit/webhook.ts')
  const webhook = openWebhook(access)
  const batches = new AuditBatches({ options, deliver: webhook.deliver, ...parts })
  return { batches, close: () => webhook.close() }
}
