/** What a cluster's API server records of requests, and where: read from the user's flags once, and kept beside the cluster's record. */

import { readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { UserError } from '../base/user-error.ts'
import type { AuditFlags } from '../cli/operations.ts'
import { type KubeAccess, readKubeconfig } from '../client/kubeconfig.ts'
import { BATCH_DEFAULTS, type BatchOptions, LOG_BATCH_DEFAULTS } from '../server/audit/batches.ts'
import { LOG_FILE_DEFAULTS, type LogFileOptions } from '../server/audit/log-file.ts'
import type { Policy } from '../server/audit/policy.ts'
import { readAuditPolicy } from '../server/audit/read-policy.ts'
import type { ThrottleOptions } from '../server/audit/throttle.ts'
import { MAX_BATCH_BYTES, MAX_EVENT_BYTES } from '../server/audit/truncate.ts'
import { parseDuration } from '../wire/decode/duration.ts'
import type { ClusterPaths } from './paths.ts'
import { writeFileAtomic } from './record.ts'

/** As it is kept. */
interface KeptAudit {
  /** The policy's text. */
  readonly policy: string
  /** Absent: no file. */
  readonly file?: FileConfig
  /** Absent: nothing is sent anywhere. */
  readonly webhook?: WebhookConfig
}

interface Truncation {
  /** Bytes of one event; absent: as large as they come. */
  readonly maxEventBytes?: number
}

export interface FileConfig extends LogFileOptions, Truncation {
  /** Absent: each event is written as it comes, as in the blocking modes: a file is never slow. */
  readonly batches?: BatchOptions
}

export interface WebhookConfig extends Truncation {
  readonly access: KubeAccess
  readonly batches: BatchOptions
  /** Absent: `batch`. */
  readonly mode?: AuditMode
}

const MODES = ['batch', 'blocking', 'blocking-strict'] as const
type AuditMode = (typeof MODES)[number]

/** What the flags ask for, as it will be kept; undefined: nothing is to be recorded. Throws a `UserError` for what cannot be done. */
export async function checkedAuditConfig(flags: AuditFlags, paths: ClusterPaths): Promise<string | undefined> {
  const { auditPolicyFile, auditWebhookConfigFile, auditLogPath } = flags
  if (auditPolicyFile === undefined) {
    const isAsked = Object.entries(flags).some(([name, value]) => name.startsWith('audit') && value !== undefined)
    if (!isAsked) return undefined
    throw new UserError('no audit policy says what to record', 'add --audit-policy-file <file>')
  }
  const isToFile = auditLogPath !== undefined || auditWebhookConfigFile === undefined
  const kept: KeptAudit = {
    policy: policyText(auditPolicyFile),
    ...(isToFile ? { file: logFileOptions(flags, paths) } : {}),
    ...(auditWebhookConfigFile === undefined ? {} : { webhook: await webhookConfig(auditWebhookConfigFile, flags) }),
  }
  return `${JSON.stringify(kept, null, 2)}\n`
}

function logFileOptions(flags: AuditFlags, paths: ClusterPaths): FileConfig {
  const path = flags.auditLogPath === undefined ? join(paths.root, 'audit.log') : resolve(flags.auditLogPath)
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
    throw new UserError(`the audit log ${path} is a folder`, `name a file: --audit-log-path ${join(path, 'audit.log')}`)
  }
  const mode = modeOf(flags.auditLogMode, 'blocking')
  return {
    path,
    maxSize: flags.auditLogMaxsize ?? LOG_FILE_DEFAULTS.maxSize,
    maxBackups: flags.auditLogMaxbackup ?? LOG_FILE_DEFAULTS.maxBackups,
    maxAge: flags.auditLogMaxage ?? LOG_FILE_DEFAULTS.maxAge,
    ...(mode === 'batch' ? { batches: logBatches(flags) } : {}),
    ...(mode === 'blocking-strict' ? { isStrict: true } : {}),
    ...truncation(flags.auditLogTruncateEnabled, flags.auditLogTruncateMaxEventSize),
  }
}

function modeOf(asked: string | undefined, usual: AuditMode): AuditMode {
  const mode = MODES.find((one) => one === (asked ?? usual))
  if (mode === undefined) throw new UserError(`${asked} is no mode of auditing`, `use one of ${MODES.join(', ')}`)
  return mode
}

function logBatches(flags: AuditFlags): BatchOptions {
  const { auditLogBatchThrottleQps: qps = 0, auditLogBatchThrottleBurst: burst = 0 } = flags
  const isThrottled = flags.auditLogBatchThrottleEnable === true
  return {
    bufferSize: flags.auditLogBatchBufferSize ?? LOG_BATCH_DEFAULTS.bufferSize,
    maxSize: Math.max(1, flags.auditLogBatchMaxSize ?? LOG_BATCH_DEFAULTS.maxSize),
    maxWaitMs: milliseconds(flags.auditLogBatchMaxWait) ?? LOG_BATCH_DEFAULTS.maxWaitMs,
    initialBackoffMs: LOG_BATCH_DEFAULTS.initialBackoffMs,
    ...(isThrottled ? { throttle: checkedThrottle({ qps, burst }) } : {}),
  }
}

function checkedThrottle({ qps, burst }: ThrottleOptions): ThrottleOptions {
  if (qps > 0 && burst > 0) return { qps, burst }
  throw new UserError('a throttle of batches lets none through', 'give its qps and its burst a number above 0')
}

async function webhookConfig(file: string, flags: AuditFlags): Promise<WebhookConfig> {
  const isThrottled = flags.auditWebhookBatchThrottleEnable !== false
  const { auditWebhookBatchThrottleQps: qps = 10, auditWebhookBatchThrottleBurst: burst = 15 } = flags
  const isTruncated = flags.auditWebhookTruncateEnabled === true
  const { auditWebhookBatchBufferSize: buffer, auditWebhookBatchMaxSize: size } = flags
  return {
    access: await webhookAccess(file),
    batches: {
      bufferSize: buffer ?? BATCH_DEFAULTS.bufferSize,
      maxSize: Math.max(1, size ?? BATCH_DEFAULTS.maxSize),
      maxWaitMs: milliseconds(flags.auditWebhookBatchMaxWait) ?? BATCH_DEFAULTS.maxWaitMs,
      initialBackoffMs: milliseconds(flags.auditWebhookInitialBackoff) ?? BATCH_DEFAULTS.initialBackoffMs,
      ...(isThrottled ? { throttle: checkedThrottle({ qps, burst }) } : {}),
      ...(isTruncated ? { maxBytes: flags.auditWebhookTruncateMaxBatchSize ?? MAX_BATCH_BYTES } : {}),
    },
    mode: modeOf(flags.auditWebhookMode, 'batch'),
    ...truncation(flags.auditWebhookTruncateEnabled, flags.auditWebhookTruncateMaxEventSize),
  }
}

async function webhookAccess(file: string): Promise<KubeAccess> {
  try {
    const access = await readKubeconfig(file)
    new URL(access.server)
    return access
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new UserError(`the webhook's kubeconfig ${file} cannot be used: ${why}`, 'say there where to send events', {
      cause,
    })
  }
}

function milliseconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  try {
    return Math.max(0, Number(parseDuration(text)) / 1e6)
  } catch (cause) {
    throw new UserError(`${text} is no duration`, 'write it like 30s or 1m30s', { cause })
  }
}

const truncation = (isEnabled: true | undefined, bytes = MAX_EVENT_BYTES): Truncation =>
  isEnabled === true ? { maxEventBytes: bytes } : {}

function policyText(file: string): string {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new UserError(`the audit policy ${file} cannot be read`, 'name a file that holds a Policy', { cause })
  }
  readAuditPolicy(text)
  return text
}

/** Keeps the text with the cluster: from its next start on its API server records by it. */
export function keepAuditConfig(paths: ClusterPaths, text: string): void {
  writeFileAtomic(paths.audit, text, { mode: 0o600 })
}

/** Whether the cluster has that very text. */
export const hasAuditConfig = (paths: ClusterPaths, text: string): boolean => keptText(paths) === text

/** What the cluster keeps; undefined where nothing is recorded. */
export function keptAuditConfig(
  paths: ClusterPaths,
): (Omit<KeptAudit, 'policy'> & { readonly policy: Policy }) | undefined {
  const text = keptText(paths)
  if (text === undefined) return undefined
  const { policy, ...rest } = JSON.parse(text) as KeptAudit
  return { policy: readAuditPolicy(policy), ...rest }
}

function keptText(paths: ClusterPaths): string | undefined {
  try {
    return readFileSync(paths.audit, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
