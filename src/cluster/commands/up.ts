/**
 * `gorae up`: settles what the cluster is, starts what is missing of it, and takes back what is interrupted. Safe to
 * repeat.
 */

import { existsSync, writeFileSync } from 'node:fs'

import type { Clock } from '../../base/clock.ts'
import { UserError } from '../../base/user-error.ts'
import type { UpOptions, UpResult } from '../../cli/operations.ts'
import { withLockFile } from '../../linux/lock-file.ts'
import { type UpDeps, bringUp, isUp, kubeconfigOf } from './bring-up.ts'
import { hasDaemons, recordDaemons } from './down.ts'
import { aliveParts, takeBack } from './take-back.ts'
import { contextName, editUserKubeconfig, mergeContext, userKubeconfig } from '../user-kubeconfig.ts'
import { checkMachine, checkPort } from '../machine/machine.ts'
import { runningNode, runningServer } from '../parts.ts'
import { type ClusterPaths, clusterPaths } from '../paths.ts'
import { type ClusterRecord, checkClusterName, readCluster, serverUrl, writeFileAtomic, writeJson } from '../record.ts'
import { checkedAuditConfig, hasAuditConfig, keepAuditConfig } from '../audit-config.ts'
import { checkedSchedulerConfig, hasSchedulerConfig, keepSchedulerConfig } from '../scheduler-config.ts'
import { checkNumbers, checkSame, settle } from '../settle.ts'

/** Brings the cluster up; returns when its API serves and all its nodes are Ready. */
export async function up(options: UpOptions, deps: UpDeps, signal: AbortSignal): Promise<UpResult> {
  checkClusterName(options.name)
  checkNumbers(options)
  // Judged before anything is waited for or made.
  const scheduling = options.schedulerConfig === undefined ? undefined : checkedSchedulerConfig(options.schedulerConfig)
  const paths = clusterPaths(options.home, options.name)
  const audit = await checkedAuditConfig(options, paths)
  const onWait = (pid: number) =>
    deps.ui.note(`Waiting for process ${pid}, which works on the cluster "${options.name}".`)
  return withLockFile(paths.lock, { clock: deps.clock, onWait, signal }, () =>
    upLocked({ ...options, scheduling, audit }, paths, deps, signal),
  )
}

interface CheckedOptions extends UpOptions {
  /** The text of the scheduler configuration that was asked for. */
  readonly scheduling: string | undefined
  /** What is to be recorded of requests. */
  readonly audit: string | undefined
}

async function upLocked(
  options: CheckedOptions,
  paths: ClusterPaths,
  deps: UpDeps,
  signal: AbortSignal,
): Promise<UpResult> {
  const known = readCluster(paths)
  if (known === undefined) checkNothingRuns(options, paths)
  else {
    checkSame(known, options)
    recordDaemons(paths, known.nodes)
  }
  checkIdle(options, paths)
  const kubeletConfig = await kubeletConfigFor(options, paths, known)
  const nodeCount = Math.max(options.nodes ?? 1, known?.nodes.length ?? 0)
  const bringing = { ...deps, patienceMs: options.wait }
  if (known !== undefined && nodeCount === known.nodes.length && (await isUp(paths, known, bringing, signal))) {
    // One that an interrupted `up` left behind is finished here.
    const wasWhole = existsSync(paths.wanted)
    writeFileSync(paths.wanted, '')
    const isMerged = wasWhole && known.mergedKubeconfig !== undefined
    const merge = options.mergeKubeconfig && !isMerged
    return result(paths, merge ? await mergeIntoUsers(paths, known, deps.clock) : known, wasWhole)
  }
  const runtime = known?.runtime ?? options.runtime ?? 'containerd'
  if (runtime === 'containerd') checkMachine()

  const before = aliveParts(paths, known)
  const portCheck = runningServer(paths) === undefined ? checkPort : () => {}
  const record = await settle(options, paths, { known, nodeCount, checkPort: portCheck, clock: deps.clock, signal })
  if (options.scheduling !== undefined) keepSchedulerConfig(paths, options.scheduling)
  if (options.audit !== undefined) keepAuditConfig(paths, options.audit)
  if (kubeletConfig !== undefined) writeFileAtomic(paths.kubeletConfig, kubeletConfig, { mode: 0o600 })
  try {
    await bringUp(paths, record, bringing, signal)
  } catch (error) {
    await deps.ui.step(known === undefined ? 'Taking back what was made' : 'Stopping what was started', () =>
      takeBack(paths, { known, record, before }, deps.clock),
    )
    signal.throwIfAborted()
    throw error
  }
  writeFileSync(paths.wanted, '')
  if (known !== undefined) await isUp(paths, record, bringing, signal) // what ran already has told nobody how it does
  const merged = options.mergeKubeconfig ? await mergeIntoUsers(paths, record, deps.clock) : record
  return result(paths, merged, false)
}

/** The cluster's folder may have been removed under its processes. */
function checkNothingRuns({ name }: CheckedOptions, paths: ClusterPaths): void {
  if (!existsSync(paths.run) || !hasDaemons(paths)) return
  throw new UserError(
    `processes of a cluster "${name}" run, and ${paths.record} is gone`,
    `take them down first: gorae down --name ${name}`,
  )
}

/** A server that runs keeps to what it was started with. */
function checkIdle({ name, scheduling, audit }: CheckedOptions, paths: ClusterPaths): void {
  const isOther = {
    'scheduler configuration': scheduling !== undefined && !hasSchedulerConfig(paths, scheduling),
    'audit configuration': audit !== undefined && !hasAuditConfig(paths, audit),
  }
  const other = Object.entries(isOther).find(([, is]) => is)?.[0]
  if (other === undefined || runningServer(paths) === undefined) return
  const named = name === 'default' ? '' : ` --name ${name}`
  throw new UserError(
    `the cluster "${name}" runs with another ${other}`,
    `stop it first, its objects stay: gorae stop${named}`,
  )
}

/** The text that the nodes will read. Kubelets read it as they start: nodes that run must know it already. */
async function kubeletConfigFor(
  { kubeletConfig: file }: UpOptions,
  paths: ClusterPaths,
  known: ClusterRecord | undefined,
): Promise<string | undefined> {
  if (file === undefined) return undefined
  const { checkedKubeletConfig, storedKubeletConfig } = await import('../kubelet-config.ts')
  const text = checkedKubeletConfig(file)
  if (known === undefined || text === storedKubeletConfig(paths)) return text
  if (known.nodes.every((node) => runningNode(paths, node) === undefined)) return text
  throw new UserError(
    `the nodes of the cluster "${known.name}" run with another kubelet configuration`,
    `stop the cluster first: gorae stop --name ${known.name}`,
  )
}

async function mergeIntoUsers(paths: ClusterPaths, record: ClusterRecord, clock: Clock): Promise<ClusterRecord> {
  const merged = { ...record, mergedKubeconfig: userKubeconfig() }
  writeJson(paths.record, merged) // first: `down` then takes the context away, whenever this process ends
  if (existsSync(paths.spareRecord)) writeJson(paths.spareRecord, merged)
  try {
    const add = (text: string) => mergeContext(text, kubeconfigOf(paths, record))
    await editUserKubeconfig(merged.mergedKubeconfig, clock, add)
  } catch (error) {
    writeJson(paths.record, record)
    throw error
  }
  return merged
}

function result(paths: ClusterPaths, record: ClusterRecord, wasRunning: boolean): UpResult {
  return {
    wasRunning,
    context: contextName(record.name),
    kubeconfig: paths.kubeconfig,
    server: serverUrl(record.port),
    nodes: record.nodes,
    ...(record.mergedKubeconfig === undefined ? {} : { mergedInto: record.mergedKubeconfig }),
  }
}
