/** What a cluster's API server records of requests, and where: read from the user's flags once, and kept beside the cluster's record. */

import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { UserError } from '../base/user-error.ts'
import type { AuditFlags } from '../cli/operations.ts'
import { LOG_FILE_DEFAULTS, type LogFileOptions } from '../server/audit/log-file.ts'
import type { Policy } from '../server/audit/policy.ts'
import { readAuditPolicy } from '../server/audit/read-policy.ts'
import type { ClusterPaths } from './paths.ts'
import { writeFileAtomic } from './record.ts'

/** As it is kept. */
interface KeptAudit {
  /** The policy's text. */
  readonly policy: string
  readonly file: LogFileOptions
}

/** What the flags ask for, as it will be kept; undefined: nothing is to be recorded. Throws a `UserError` for what cannot be done. */
export function checkedAuditConfig(flags: AuditFlags, paths: ClusterPaths): string | undefined {
  const { auditPolicyFile, auditLogPath, auditLogMaxsize, auditLogMaxbackup, auditLogMaxage } = flags
  if (auditPolicyFile === undefined) {
    if ([auditLogPath, auditLogMaxsize, auditLogMaxbackup, auditLogMaxage].every((flag) => flag === undefined)) return
    throw new UserError('no audit policy says what to record', 'add --audit-policy-file <file>')
  }
  const kept: KeptAudit = {
    policy: policyText(auditPolicyFile),
    file: {
      path: auditLogPath === undefined ? join(paths.root, 'audit.log') : resolve(auditLogPath),
      maxSize: auditLogMaxsize ?? LOG_FILE_DEFAULTS.maxSize,
      maxBackups: auditLogMaxbackup ?? LOG_FILE_DEFAULTS.maxBackups,
      maxAge: auditLogMaxage ?? LOG_FILE_DEFAULTS.maxAge,
    },
  }
  return `${JSON.stringify(kept, null, 2)}\n`
}

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
  writeFileAtomic(paths.audit, text, 0o600)
}

/** Whether the cluster has that very text. */
export const hasAuditConfig = (paths: ClusterPaths, text: string): boolean => keptText(paths) === text

/** What the cluster keeps; undefined where nothing is recorded. */
export function keptAuditConfig(paths: ClusterPaths): { policy: Policy; file: LogFileOptions } | undefined {
  const text = keptText(paths)
  if (text === undefined) return undefined
  const { policy, file } = JSON.parse(text) as KeptAudit
  return { policy: readAuditPolicy(policy), file }
}

function keptText(paths: ClusterPaths): string | undefined {
  try {
    return readFileSync(paths.audit, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
