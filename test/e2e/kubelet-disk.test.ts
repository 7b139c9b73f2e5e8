/** A node whose disk fills up: what nobody needs goes first, then Pods, and then there is room again. */

import { execFileSync } from 'node:child_process'
import { readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

import { containers, daemonPid, nodeOf } from '../faults/node-state.ts'
import { kubectlProgram } from './setup.ts'
import { aPod, mounted, podsCluster, runs, STAY } from './pods.ts'

const MIB = 2 ** 20
const SIZE = 512
/** Below this Pods go. */
const LEAST = 128
const INODES = 24_000
const LEAST_INODES = 6_000

const cluster = podsCluster({
  disk: `size=${SIZE}m,nr_inodes=${INODES}`,
  kubelet: {
    evictionHard: { 'nodefs.available': `${LEAST}Mi`, 'nodefs.inodesFree': String(LEAST_INODES) },
    evictionPressureTransitionPeriod: '1s',
    imageMinimumGCAge: '0s',
    imageGCHighThresholdPercent: 60,
    imageGCLowThresholdPercent: 50,
    crashLoopBackOff: { maxContainerRestartPeriod: '1s' },
  },
})

const node = () => nodeOf(cluster.machine)
const free = () => {
  const { bavail, bsize, ffree } = statfsSync(cluster.machine.home)
  return { mebibytes: Math.floor((bavail * bsize) / MIB), inodes: ffree }
}
const images = () =>
  execFileSync('ctr', ['--address', node().socket, '--namespace', 'k8s.io', 'images', 'ls', '-q']).toString()
const condition = () => cluster.field('node/node-1', '.status.conditions[?(@.type=="DiskPressure")].status')
const PATIENCE = { timeout: 60_000, interval: 200 }

/** An image on the node that no container is made of. */
async function unusedImage(name: string): Promise<void> {
  await cluster.machine.gorae(['image', 'make', name, '--from-binary', '/bin/busybox', '--cmd', 'sh'])
  await cluster.output(aPod(name, { containers: [runs('true', { image: name })] }))
  await cluster.remove(`pod/${name}`)
  expect(images()).toContain(`/${name}:`)
}

/** Fills the disk from beside the cluster until only so much is left. Taken away by what it answers. */
function fillUpTo(mebibytes: number): () => void {
  const file = join(cluster.machine.home, 'fill')
  writeFileSync(file, Buffer.alloc((free().mebibytes - mebibytes) * MIB))
  return () => rmSync(file)
}

interface Summary {
  readonly pods: readonly {
    readonly podRef: { readonly name: string }
    readonly containers?: readonly { readonly rootfs?: { readonly usedBytes?: number; readonly inodesUsed?: number } }[]
  }[]
}

/** What the runtime knows that the Pod's container has written: it looks every ten seconds. */
async function written(pod: string) {
  const text = await cluster.kubectl('get', '--raw', '/api/v1/nodes/node-1/proxy/stats/summary')
  const { pods } = JSON.parse(text) as Summary
  return pods.find(({ podRef }) => podRef.name === pod)?.containers?.[0]?.rootfs ?? {}
}

test('of containers that end again and again the last is kept, and no more', async () => {
  const script = `echo >> /v/runs; [ $(wc -l < /v/runs) -gt 5 ] && ${STAY}; echo $(hostname) ends; exit 1`
  const looping = {
    restartPolicy: 'Always',
    containers: [runs(script, { volumeMounts: [mounted('runs', '/v')] })],
    volumes: [{ name: 'runs', emptyDir: {} }],
  }
  await cluster.create(aPod('looping', looping))
  await cluster.until('pod/looping', '.status.containerStatuses[0].restartCount', '5')
  await cluster.until('pod/looping', '.status.containerStatuses[0].ready', 'true')
  // The sandbox, the last that ended, and the one that runs.
  const kept = containers(node())
  expect(kept.length).toBeGreaterThanOrEqual(2)
  expect(kept.length).toBeLessThanOrEqual(4)
  expect(await cluster.kubectl('logs', 'looping', '--previous')).toBe('looping ends\n')
  const [logs = ''] = readdirSync(join(cluster.nodeFolder, 'log/pods'))
  expect(readdirSync(join(cluster.nodeFolder, 'log/pods', logs, 'app')).length).toBeLessThanOrEqual(3)
  await cluster.remove('pod/looping')
})

test('beyond the mark images that nobody uses go, when the kubelet looks, and those in use stay', async () => {
  await unusedImage('idle')
  await cluster.create(aPod('user', { containers: [runs(STAY)] }))
  await cluster.until('pod/user', '.status.phase', 'Running')
  const empty = fillUpTo(SIZE * 0.35)
  try {
    const pid = daemonPid(node(), 'node')
    if (pid === undefined) throw new Error('the kubelet does not run')
    process.kill(pid, 'SIGKILL')
    await cluster.machine.gorae(['up'])
    await expect.poll(images, PATIENCE).not.toContain('/idle:')
    expect(images()).toContain('/busybox:')
    expect(await cluster.events('node-1', 'FreeDiskSpaceFailed')).toEqual([
      expect.stringMatching(
        /^Failed to garbage collect required amount of images\. Attempted to free \d+ bytes, but only found \d+ bytes eligible to free\.$/,
      ),
    ])
    expect(await condition()).toBe('False')
  } finally {
    empty()
  }
  await cluster.remove('pod/user')
})

describe('a node short of disk', () => {
  test('gives back dead containers and unused images, and ends no Pod when that is enough', async () => {
    await unusedImage('idle')
    const script = '[ -e /cache/done ] && exec sleep 1000; echo > /cache/done; dd if=/dev/zero of=/big bs=1M count=40'
    await cluster.create(
      aPod('modest', {
        restartPolicy: 'Always',
        containers: [runs(script, { volumeMounts: [mounted('cache', '/cache')] })],
        volumes: [{ name: 'cache', emptyDir: {} }],
      }),
    )
    await cluster.until('pod/modest', '.status.containerStatuses[0].restartCount', '1')
    const empty = fillUpTo(LEAST - 20)
    try {
      await expect.poll(() => free().mebibytes, PATIENCE).toBeGreaterThan(LEAST)
      await expect.poll(images, PATIENCE).not.toContain('/idle:')
      // While it lasts no Pod is let in: the next test's would be turned away.
      await expect.poll(() => cluster.events('node-1', 'NodeHasDiskPressure'), PATIENCE).toHaveLength(1)
      await expect.poll(condition, PATIENCE).toBe('False')
      expect(await cluster.field('pod/modest', '.status.phase')).toBe('Running')
    } finally {
      empty()
    }
  })

  test('ends the Pod that uses most beyond its request, keeps others away, and takes them when there is room', async () => {
    await cluster.create(aPod('hog', { containers: [runs(`dd if=/dev/zero of=/big bs=1M count=60; ${STAY}`)] }))
    await expect.poll(async () => (await written('hog')).usedBytes, PATIENCE).toBeGreaterThanOrEqual(60 * MIB)
    const taints = ['get', 'node', 'node-1', '--watch', '-o', 'jsonpath={.metadata.name} {.spec.taints[*].key}{"\\n"}']
    const watch = cluster.machine.spawn(kubectlProgram(), taints)
    let seen = ''
    watch.stdout?.on('data', (chunk: Buffer) => (seen += chunk.toString()))
    // The taint is there for a moment only: who does not look yet never sees it.
    await expect.poll(() => seen, PATIENCE).toContain('node-1')
    const empty = fillUpTo(LEAST - 20)
    try {
      await cluster.until('pod/hog', '.status.phase', 'Failed')
      expect(await cluster.field('pod/hog', '.status.reason')).toBe('Evicted')
      expect(await cluster.field('pod/hog', '.status.message')).toMatch(
        /^The node was low on resource: ephemeral-storage\. Threshold quantity: 128Mi, available: \d+Ki\. Container app was using \d+, request is 0, has larger consumption of ephemeral-storage\. $/,
      )
      await expect.poll(() => seen, PATIENCE).toContain('node.kubernetes.io/disk-pressure')
      await cluster.create(aPod('later', { containers: [runs(STAY)] }))
    } finally {
      watch.kill()
      empty()
    }
    await expect.poll(condition, PATIENCE).toBe('False')
    await cluster.until('pod/later', '.status.phase', 'Running')
    expect(await cluster.field('pod/modest', '.status.phase')).toBe('Running')
    await cluster.remove('pod/hog', 'pod/later')
  })

  test('ends the Pod that has most files when there is no room for more', async () => {
    const litter = (folder: string, many: number) =>
      `mkdir ${folder}; cd ${folder}; i=0; while [ $i -lt ${many} ]; do : > $i; i=$((i+1)); done`
    await cluster.create(aPod('litterer', { containers: [runs(`${litter('/many', 1_000)}; ${STAY}`)] }))
    await expect.poll(async () => (await written('litterer')).inodesUsed, PATIENCE).toBeGreaterThan(1_000)
    await cluster.inside('litterer', litter('/more', free().inodes - LEAST_INODES + 500))
    await cluster.until('pod/litterer', '.status.phase', 'Failed')
    expect(await cluster.field('pod/litterer', '.status.message')).toMatch(
      /^The node was low on resource: inodes\. Threshold quantity: 6k, available: \d+\. $/,
    )
    expect(await cluster.field('pod/modest', '.status.phase')).toBe('Running')
    await expect.poll(condition, PATIENCE).toBe('False')
  })
})
