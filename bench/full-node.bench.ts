/**
 * A node that is full: 110 real Pods. How long until all are Ready, and what the node's own process takes then. Beside it
 * the same containers by bare CRI calls, and a real kubelet where KUBELET names one. Needs root on Linux and the packages
 * `gorae doctor` names.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { systemClock } from '../src/base/clock.ts'
import type { Client } from '../src/client/client.ts'
import { DEPLOYMENTS, PODS } from '../src/client/resources.ts'
import { clientOf, goraeIn, socketOf } from './cluster/access.ts'
import { bareCriPods, untilEmpty } from './cluster/bare-cri.ts'
import { inOwnNamespace } from './cluster/own-namespace.ts'
import { cpuMs, residentMiB } from './cluster/processes.ts'
import { replaceKubelet } from './cluster/real-kubelet.ts'
import { type Tell, tell, tellOf } from './figure.ts'

const PODS_PER_NODE = 110
const IMAGE = 'busybox'
const ALL_READY = `${PODS_PER_NODE} Pods on one node, all Ready`
const AT = { namespace: 'default', name: 'many' }
/** What starting left to do is no idleness. */
const SETTLE_MS = 30_000
const IDLE_MS = 60_000

await inOwnNamespace('full-node', measure)

async function measure(): Promise<void> {
  const home = mkdtempSync('/tmp/gorae-bench-')
  const gorae = goraeIn(home)
  try {
    gorae('image', 'make', IMAGE, '--from-binary', '/bin/busybox', '--cmd', 'sh')
    gorae('up', '--no-merge-kubeconfig')
    const [{ nodes }] = JSON.parse(gorae('status', '-o', 'json')).clusters
    const client = clientOf(home)
    await measureNode(client, nodes[0].pid, tell)
    await untilEmpty(socketOf(home))
    const bareMs = await bareCriPods(socketOf(home), PODS_PER_NODE, IMAGE)
    tellOf('bare CRI')({ what: ALL_READY, value: bareMs / 1_000, unit: 's' })
    const kubelet = await replaceKubelet(home, client)
    if (kubelet === undefined) return
    try {
      await measureNode(client, kubelet.pid, tellOf(kubelet.name))
    } finally {
      await kubelet.stop()
    }
  } finally {
    gorae('down', '--all')
    rmSync(home, { recursive: true, force: true })
  }
}

async function measureNode(client: Client, pid: number, tell: Tell): Promise<void> {
  const [began, before] = [performance.now(), cpuMs(pid)]
  await client.create(DEPLOYMENTS, many())
  await untilReady(client)
  tell({ what: ALL_READY, value: (performance.now() - began) / 1000, unit: 's' })
  tell({ what: "the node's process: CPU time a Pod", value: (cpuMs(pid) - before) / PODS_PER_NODE, unit: 'ms' })
  await systemClock.sleep(SETTLE_MS)
  const [idleBegan, idleBefore] = [performance.now(), cpuMs(pid)]
  await systemClock.sleep(IDLE_MS)
  const share = (100 * (cpuMs(pid) - idleBefore)) / (performance.now() - idleBegan)
  tell({ what: "the full node's process, idle: share of one core", value: share, unit: '%', goal: 2, goalIs: 'atMost' })
  tell({ what: "the full node's process: memory", value: residentMiB(pid), unit: 'MiB', goal: 150, goalIs: 'atMost' })
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
