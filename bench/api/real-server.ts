/**
 * A real kube-apiserver with its etcd, as the measure: their programs are named by the environment variables
 * KUBE_APISERVER and ETCD (https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/).
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LOOPBACK } from '../../src/server/loopback.ts'
import { load } from './load.ts'
import { anonymousMiB, type Options, type Target } from './target.ts'

const START_MS = 60_000
/** Ticks of the kernel's accounting in a second, on every Linux that Node runs on. */
const TICKS = 100

/** Undefined where the programs are not given. */
export async function startReal({ credentials }: Options): Promise<Target | undefined> {
  const { KUBE_APISERVER: program, ETCD: etcd } = process.env
  if (program === undefined || etcd === undefined) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'gorae-bench-real-'))
  const file = (name: string, text: string) => {
    const path = join(folder, name)
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }
  const [client, peer, port] = await Promise.all([freePort(), freePort(), freePort()])
  const log = (of: string) => join(folder, `${of}.log`)
  const run = (of: string, command: string, args: readonly string[]) => {
    const output = openSync(log(of), 'w')
    const child = spawn(command, args, { stdio: ['ignore', output, output] })
    closeSync(output)
    return child
  }
  const store = run('etcd', etcd, [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=http://${LOOPBACK}:${client}`,
    `--advertise-client-urls=http://${LOOPBACK}:${client}`,
    `--listen-peer-urls=http://${LOOPBACK}:${peer}`,
    `--initial-advertise-peer-urls=http://${LOOPBACK}:${peer}`,
    `--initial-cluster=default=http://${LOOPBACK}:${peer}`,
  ])
  const { authority, server, tokens } = credentials
  const api = run('kube-apiserver', program, [
    `--etcd-servers=http://${LOOPBACK}:${client}`,
    `--bind-address=${LOOPBACK}`,
    `--advertise-address=${LOOPBACK}`,
    '--endpoint-reconciler-type=none',
    `--secure-port=${port}`,
    `--cert-dir=${folder}`,
    `--client-ca-file=${file('ca.crt', authority.certificate)}`,
    `--tls-cert-file=${file('server.crt', server.certificate)}`,
    `--tls-private-key-file=${file('server.key', server.key)}`,
    `--service-account-key-file=${file('sa.pub', tokens.publicKey)}`,
    `--service-account-signing-key-file=${file('sa.key', tokens.key)}`,
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    '--service-cluster-ip-range=10.96.0.0/16',
    '--authorization-mode=RBAC',
  ])
  const both = [store, api]
  const target: Target = {
    name: 'kube-apiserver and etcd',
    origin: `https://${LOOPBACK}:${port}`,
    cpuMs: async () => both.reduce((sum, { pid }) => sum + cpuMsOf(pid!), 0),
    memoryMiB: async () => both.reduce((sum, { pid }) => sum + anonymousMiB(pid!), 0),
    async stop() {
      await end(api)
      await end(store)
      rmSync(folder, { recursive: true, force: true })
    },
  }
  await untilReady(target, credentials, () => both.every(isRunning)).catch(async (error: unknown) => {
    for (const of of ['etcd', 'kube-apiserver']) process.stderr.write(lastLines(log(of)))
    await target.stop()
    throw error
  })
  return target
}

async function untilReady(
  { origin }: Target,
  credentials: Options['credentials'],
  mayBecome: () => boolean,
): Promise<void> {
  const client = load(origin, credentials, 1)
  try {
    for (const started = performance.now(); mayBecome() && performance.now() - started < START_MS;) {
      const ready = await client.call({ method: 'GET', path: '/readyz' }).catch(() => undefined)
      if (ready?.status === 200) return
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    throw new Error('the kube-apiserver that was given did not become ready')
  } finally {
    client.close()
  }
}

const lastLines = (file: string) => readFileSync(file, 'utf8').split('\n').slice(-20).join('\n')

function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS
}

const isRunning = ({ exitCode, signalCode }: ChildProcess) => exitCode === null && signalCode === null

async function end(child: ChildProcess): Promise<void> {
  if (!isRunning(child)) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, LOOPBACK)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
