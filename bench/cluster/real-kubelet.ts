/**
 * A real kubelet in place of ours, on the same node: the same containerd, network and API server. Its program is named by
 * the environment variable KUBELET (https://kubernetes.io/docs/reference/command-line-tools-reference/kubelet/). From v1.36
 * on it wants a containerd of version 2: the first on the PATH is taken.
 */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { systemClock } from '../../src/base/clock.ts'
import type { Client } from '../../src/client/client.ts'
import { NODES } from '../../src/client/resources.ts'
import { nodeCgroup } from '../../src/cluster/machine/leftovers.ts'
import { nodeNamespace } from '../../src/cluster/machine/network.ts'
import { nodeAddress, rangesOf } from '../../src/cluster/machine/ranges.ts'
import { type ClusterPaths, clusterPaths } from '../../src/cluster/paths.ts'
import { readCluster, readIdentity } from '../../src/cluster/record.ts'

const NODE = 'node-1'
const START_MS = 60_000
/** The kubelet keeps its device plugins' socket there, whatever it is told. */
const FIXED_FOLDER = '/var/lib/kubelet'

export interface RealKubelet {
  /** What its figures are shown as. */
  readonly name: string
  readonly pid: number
  stop(): Promise<void>
}

/** Ends the process of the one node of `home`'s cluster and starts a kubelet. Undefined where none is given. */
export async function replaceKubelet(home: string, client: Client): Promise<RealKubelet | undefined> {
  const { KUBELET: program } = process.env
  if (program === undefined) return undefined
  const paths = clusterPaths(home, 'default')
  const folder = join(paths.node(NODE).dir, 'real-kubelet')
  const hadFixedFolder = existsSync(FIXED_FOLDER)
  rmSync(paths.wanted, { force: true }) // or the server would bring our node back
  await endOurs(paths)
  const version = execFileSync(program, ['--version']).toString().trim().split(' ').at(-1) ?? ''
  const log = join(folder, 'kubelet.log')
  const child = start(program, paths, folder, log)
  const kubelet = {
    name: `kubelet ${version}`,
    pid: child.pid ?? 0,
    async stop() {
      await end(child)
      if (!hadFixedFolder) rmSync(FIXED_FOLDER, { recursive: true, force: true })
    },
  }
  try {
    await untilReady(client, version, child)
  } catch (error) {
    process.stderr.write(readFileSync(log, 'utf8').split('\n').slice(-20).join('\n'))
    await kubelet.stop()
    throw error
  }
  return kubelet
}

async function endOurs(paths: ClusterPaths): Promise<void> {
  const pid = readIdentity(paths.node(NODE).record)?.pid
  if (pid === undefined) throw new Error(`${NODE} does not run`)
  process.kill(pid, 'SIGKILL') // in order it would take its containerd along
  while (existsSync(`/proc/${pid}`)) await systemClock.sleep(50)
}

function start(program: string, paths: ClusterPaths, folder: string, log: string): ChildProcess {
  const record = readCluster(paths)
  if (record === undefined) throw new Error('there is no cluster')
  const file = (name: string, value: unknown) => {
    const path = join(folder, name)
    writeFileSync(path, JSON.stringify(value), { mode: 0o600 })
    return path
  }
  mkdirSync(folder, { recursive: true })
  const { host } = rangesOf(record.index)
  const { pki } = paths
  const kubeconfig = file('kubeconfig', {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'c',
        cluster: { server: `https://${host}:${record.port}`, 'certificate-authority': pki.certificate('ca') },
      },
    ],
    users: [
      {
        name: 'u',
        user: { 'client-certificate': pki.certificate(`node-${NODE}`), 'client-key': pki.key(`node-${NODE}`) },
      },
    ],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  })
  const config = file('config', {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    cgroupDriver: 'cgroupfs',
    cgroupRoot: nodeCgroup(paths, NODE),
    failCgroupV1: false,
    failSwapOn: false,
    oomScoreAdj: 0,
    containerRuntimeEndpoint: `unix://${paths.node(NODE).socket}`,
    podLogsDir: join(paths.node(NODE).logs, 'pods'),
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: false },
      x509: { clientCAFile: pki.certificate('ca') },
    },
    authorization: { mode: 'AlwaysAllow' },
  })
  const output = openSync(log, 'w')
  const child = spawn(
    'nsenter',
    [
      `--net=/run/netns/${nodeNamespace(paths.id, NODE)}`,
      program,
      `--config=${config}`,
      `--kubeconfig=${kubeconfig}`,
      `--root-dir=${join(folder, 'root')}`,
      `--cert-dir=${join(folder, 'pki')}`,
      `--hostname-override=${NODE}`,
      `--node-ip=${nodeAddress(record.index, 1)}`,
    ],
    { stdio: ['ignore', output, output] },
  )
  closeSync(output)
  return child
}

/** Until the node is Ready and says that this kubelet runs it. */
async function untilReady(client: Client, version: string, child: ChildProcess): Promise<void> {
  for (const deadline = performance.now() + START_MS; performance.now() < deadline && child.exitCode === null;) {
    const { status } = await client.get(NODES, { name: NODE })
    const isReady = status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True')
    if (isReady === true && status?.nodeInfo?.kubeletVersion === version) return
    await systemClock.sleep(200)
  }
  throw new Error('the kubelet that was given did not make its node ready')
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await ended
}
