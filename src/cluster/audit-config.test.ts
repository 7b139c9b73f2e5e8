import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { kubeconfigText } from '../client/kubeconfig.ts'
import { checkedAuditConfig, keepAuditConfig, keptAuditConfig } from './audit-config.ts'
import { clusterPaths, type ClusterPaths } from './paths.ts'

let folder: string
let paths: ClusterPaths
let auditPolicyFile: string
const write = (name: string, text: string) => {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gorae-audit-config-'))
  paths = { ...clusterPaths(folder, 'one'), root: folder, audit: join(folder, 'audit.json') }
  auditPolicyFile = write('policy.yaml', 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n')
})
afterEach(() => rmSync(folder, { recursive: true }))

async function kept(flags: Parameters<typeof checkedAuditConfig>[0]) {
  keepAuditConfig(paths, (await checkedAuditConfig(flags, paths)) ?? '')
  return keptAuditConfig(paths)
}

describe('what is to be recorded', () => {
  test('goes to a file in the cluster’s folder, unless there is a webhook alone', async () => {
    expect(await kept({ auditPolicyFile })).toMatchObject({ file: { path: join(folder, 'audit.log') } })
    const access = { name: 'hook', server: 'https://127.0.0.1:9443/audit', ca: 'CA', token: 't' }
    const auditWebhookConfigFile = write('hook.yaml', kubeconfigText(access))
    const hooked = await kept({ auditPolicyFile, auditWebhookConfigFile, auditWebhookBatchMaxWait: '1m30s' })
    expect(hooked).not.toHaveProperty('file')
    expect(hooked?.webhook).toMatchObject({ access, batches: { maxWaitMs: 90_000, maxSize: 400 } })
    const both = { auditPolicyFile, auditWebhookConfigFile, auditLogPath: join(folder, 'x.log') }
    expect(await kept({ ...both, auditLogTruncateEnabled: true })).toMatchObject({
      file: { path: join(folder, 'x.log'), maxEventBytes: 102_400 },
      webhook: { access },
    })
  })

  test('goes there in the mode that is asked for, throttled as Kubernetes has it', async () => {
    const access = { name: 'hook', server: 'https://127.0.0.1:9443/audit', ca: 'CA', token: 't' }
    const auditWebhookConfigFile = write('hook.yaml', kubeconfigText(access))
    const usual = await kept({ auditPolicyFile, auditWebhookConfigFile })
    expect(usual?.webhook).toMatchObject({ mode: 'batch', batches: { throttle: { qps: 10, burst: 15 } } })
    const other = await kept({
      auditPolicyFile,
      auditWebhookConfigFile,
      auditWebhookMode: 'blocking-strict',
      auditWebhookBatchThrottleEnable: false,
      auditWebhookTruncateEnabled: true,
      auditLogPath: join(folder, 'x.log'),
      auditLogMode: 'batch',
      auditLogBatchMaxSize: 7,
    })
    expect(other?.webhook).toMatchObject({ mode: 'blocking-strict', batches: { maxBytes: 10_485_760 } })
    expect(other?.webhook?.batches).not.toHaveProperty('throttle')
    expect(other?.file?.batches).toEqual({ bufferSize: 10_000, maxSize: 7, maxWaitMs: 0, initialBackoffMs: 0 })
  })

  const refusals = [
    { flags: { auditLogMode: 'sometimes' }, says: /^sometimes is no mode of auditing$/, isOfPolicy: true },
    {
      flags: { auditLogMode: 'batch', auditLogBatchThrottleEnable: true as const },
      says: /^a throttle of batches lets none through$/,
      isOfPolicy: true,
    },
    { flags: { auditLogMaxage: 3 }, says: /^no audit policy says what to record$/ },
    { flags: { auditLogPath: '/' }, says: /^the audit log \/ is a folder$/, isOfPolicy: true },
    { flags: { auditWebhookConfigFile: '/none' }, says: /^the webhook's kubeconfig \/none .*ENOENT/, isOfPolicy: true },
  ]
  for (const { flags, says, isOfPolicy = false } of refusals) {
    test(`is refused: ${String(says)}`, async () => {
      const all = isOfPolicy ? { auditPolicyFile, ...flags } : flags
      await expect(checkedAuditConfig(all, paths)).rejects.toThrow(says)
    })
  }

  test('is nothing where nothing is asked for', async () => {
    expect(await checkedAuditConfig({}, paths)).toBeUndefined()
  })
})
