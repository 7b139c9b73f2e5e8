/**
 * A node that is full: 110 real Pods. How long until all are Ready, and what the node's own process takes then. Needs
 * root on Linux and the packages `gorae doctor` names.
 */

import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { systemClock } from '../src/base/clock.ts'
import { type Client, createClient } from '../src/client/client.ts'
import { httpTransport } from '../src/client/http-transport.ts'
import { DEPLOYMENTS, PODS } from '../src/client/resources.ts'
import { tell } from './figure.ts'

const PODS_PER_NODE = 110
const IMAGE = 'busybox'
const PROGRAM = resolve('dist/gorae.js')
const NETNS = 'GORAE_BENCH_NETNS'
const AT = { namespace: 'default', name: 'many' }
/** What starting left to do is no idleness. */
const SETTLE_MS = 30_000
const IDLE_MS = 60_000

if (process.platform !== 'linux' || process.getuid?.() !== 0) {
  process.stderr.write('full-node: needs root on Linux; left out\n')
} else if (process.env[NETNS] === undefined) {
  await insideNamespace(`gorae-bench-${process.pid}`)
} else {
  await measure()
}

/** Runs this very program again in a network namespace of its own, and takes that down. */
async function insideNamespace(namespace: string): Promise<void> {
  execFileSync('ip', ['netns', 'add', namespace])
  try {
    execFileSync('ip', ['-n', namespace, 'link', 'set', 'lo', 'up'])
    const args = [`--net=/run/netns/${namespace}`, process.execPath, ...process.execArgv, ...process.argv.slice(1)]
    const again = spawn('nsenter', args, { stdio: 'inherit', env: { ...process.env, [NETNS]: namespace } })
    process.exitCode = await new Promise<number>((done) => again.once('exit', (code) => done(code ?? 1)))
  } finally {
    execFileSync('ip', ['netns', 'del', namespace])
  }
}

async function measure(): Promise<void> {
  const home = mkdtempSync('/tmp/gorae-bench-')
  const gorae = (...args: string[]) =>
    execFileSync(process.execPath, [PROGRAM, ...args], {
      env: { ...process.env, GORAE_HOME: home, HOME: home },
      stdio: ['ignore', 'pipe', 'ignore'],
    }).toString()
  try {
    gorae('image', 'make', IMAGE, '--from-binary', '/bin/busybox', '--cmd', 'sh')
    gorae('up', '--no-merge-kubeconfig')
    const [{ nodes }] = JSON.parse(gorae('status', '-o', 'json')).clusters
    await measureNode(clientOf(home), nodes[0].pid)
  } finally {
    gorae('down', '--all')
    rmSync(home, { recursive: true, force: true })
  }
}

async function measureNode(client: Client, pid: number): Promise<void> {
  const [began, before] = [performance.now(), cpuMs(pid)]
  await client.create(DEPLOYMENTS, many())
  await untilReady(client)
  tell({ what: `${PODS_PER_NODE} Pods on one node, all Ready`, value: (performance.now() - began) / 1000, unit: 's' })
  tell({ what: "the node's process: CPU time a Pod", value: (cpuMs(pid) - before) / PODS_PER_NODE, unit: 'ms' })
  await systemClock.sleep(SETTLE_MS)
  const [idleBegan, idleBefore] = [performance.now(), cpuMs(pid)]
  await systemClock.sleep(IDLE_MS)
  const share = (100 * (cpuMs(pid) - idleBefore)) / (performance.now() - idleBegan)
  tell({ what: "the full node's process, idle: share of one core", value: share, unit: '%', goal: 2, goalIs: 'atMost' })
  const memory = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? Number.NaN)
  tell({ what: "the full node's process: memory", value: memory / 1024, unit: 'MiB', goal: 150, goalIs: 'atMost' })
  const leaving = performance.now()
  await client.delete(DEPLOYMENTS, AT)
  while ((await client.list(PODS, { namespace: 'default' })).items.length > 0) await systemClock.sleep(100)
  tell({ what: `${PODS_PER_NODE} Pods gone`, value: (performance.now() - leaving) / 1000, unit: 's' })
}

async function untilReady(client: Client): Promise<void> {
  for (;;) {
    const { status } = await client.get(DEPLOYMENTS, AT)
    if (status?.readyReplicas === PODS_PER_NODE) return
    await systemClock.sleep(50)
  }
}

function many() {
  const labels = { app: 'many' }
  const container = { name: 'c', image: IMAGE, imagePullPolicy: 'IfNotPresent' as const, command: ['sleep', '3600'] }
  return {
    metadata: AT,
    spec: {
      replicas: PODS_PER_NODE,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 0, containers: [container] } },
    },
  }
}

function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}

function clientOf(home: string): Client {
  const text = readFileSync(join(home, 'default/kubeconfig'), 'utf8')
  const field = (name: string) => new RegExp(`${name}: "?([^"\\s]+)`).exec(text)?.[1] ?? ''
  const pem = (name: string) => Buffer.from(field(name), 'base64').toString()
  return createClient(
    httpTransport({
      server: field('server'),
      ca: pem('certificate-authority-data'),
      certificate: pem('client-certificate-data'),
      key: pem('client-key-data'),
    }),
  )
}
