/**
 * An image of 96 MiB from an archive on several nodes: how long the one shared store takes to load it, and how long one
 * node, and then four at once, take from there to a Pod that runs it. Needs root on Linux and the packages `gorae doctor`
 * names.
 */

import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

import { isPodReady } from '../src/api/core/v1/pod/facts.ts'
import { systemClock } from '../src/base/clock.ts'
import type { Client } from '../src/client/client.ts'
import { PODS } from '../src/client/resources.ts'
import { clientOf, goraeIn } from './cluster/access.ts'
import { inOwnNamespace } from './cluster/own-namespace.ts'
import { tell } from './figure.ts'

const MIB = 2 ** 20
const SIZE_MIB = 96
const NODES = 5
const IMAGE = 'large'
const PATIENCE_MS = 120_000

await inOwnNamespace('image-load', measure)

async function measure(): Promise<void> {
  const home = mkdtempSync('/tmp/gorae-bench-')
  const gorae = goraeIn(home)
  try {
    const archive = makeArchive(join(home, 'archive'))
    const begin = performance.now()
    gorae('image', 'load', archive)
    tell({ what: `gorae image load of ${SIZE_MIB} MiB, for all nodes`, value: secondsSince(begin), unit: 's' })
    gorae('up', '--nodes', String(NODES), '--no-merge-kubeconfig')
    const client = clientOf(home)
    const [first, ...others] = Array.from({ length: NODES }, (_, at) => `node-${at + 1}`)
    const one = await untilAllRun(client, [first!])
    tell({ what: `a Pod of that image on a node that has not got it`, value: one, unit: 's' })
    const many = await untilAllRun(client, others)
    tell({ what: `the same on ${others.length} more nodes at once`, value: many, unit: 's' })
    tell({ what: 'and for each of these nodes', value: many / others.length, unit: 's' })
  } finally {
    gorae('down', '--all')
    rmSync(home, { recursive: true, force: true })
  }
}

/** An image whose one large file cannot be compressed, and a shell; as an archive of the kind that `docker save` writes. */
function makeArchive(folder: string): string {
  const layer = join(folder, 'layer')
  mkdirSync(join(layer, 'bin'), { recursive: true })
  const file = openSync(join(layer, 'data'), 'w')
  for (let written = 0; written < SIZE_MIB; written++) writeSync(file, randomBytes(MIB))
  closeSync(file)
  const script = [
    'cp /bin/busybox layer/bin/busybox && ln -s busybox layer/bin/sh && tar -cf layer.tar -C layer . && rm -r layer',
    `sum=$(sha256sum layer.tar | cut -d" " -f1)`,
    `printf '{"architecture":"%s","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' $ARCH $sum > config.json`,
    `printf '[{"Config":"config.json","RepoTags":["${IMAGE}:latest"],"Layers":["layer.tar"]}]' > manifest.json`,
    'tar -cf image.tar manifest.json config.json layer.tar',
  ]
  const env = { ...process.env, ARCH: process.arch === 'x64' ? 'amd64' : process.arch }
  execFileSync('sh', ['-euc', script.join('\n')], { cwd: folder, env })
  return join(folder, 'image.tar')
}

function secondsSince(begin: number): number {
  return (performance.now() - begin) / 1_000
}

/** Seconds until a Pod of the image is Ready on each of these nodes. */
async function untilAllRun(client: Client, nodes: readonly string[]): Promise<number> {
  const begin = performance.now()
  await Promise.all(nodes.map((node) => client.create(PODS, podOn(node))))
  const waiting = new Set(nodes)
  while (waiting.size > 0) {
    if (performance.now() - begin > PATIENCE_MS) throw new Error(`no Pod is ready on ${[...waiting].join(', ')}`)
    const { items } = await client.list(PODS, { namespace: 'default' })
    for (const pod of items) if (isPodReady(pod)) waiting.delete(pod.metadata.name ?? '')
    await systemClock.sleep(10)
  }
  return secondsSince(begin)
}

function podOn(node: string) {
  return {
    metadata: { name: node, namespace: 'default' },
    spec: {
      nodeName: node,
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: 'c',
          image: IMAGE,
          imagePullPolicy: 'IfNotPresent' as const,
          command: ['/bin/busybox', 'sleep', '3600'],
        },
      ],
    },
  }
}
