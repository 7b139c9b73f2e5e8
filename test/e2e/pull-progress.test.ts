import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

import { systemClock } from '../../src/base/clock.ts'
import { ImageStore } from '../../src/images/store.ts'
import type { Manifest } from '../../src/images/oci.ts'
import { openMachine } from './machine.ts'
import { PROJECT } from './setup.ts'

const PORT = 5000
/** Longer than the node's log stays silent about a pull. */
const PULL_SECONDS = 15

interface Pull {
  readonly image: string
  readonly doneBytes: number
  readonly totalBytes: number
}

test('a pull from a slow registry shows how far it is: in start, in status, in the log of the node', async () => {
  const machine = await openMachine()
  const elsewhere = join(machine.folder, 'elsewhere')
  const made = ['image', 'make', 'slow', '--from-binary', '/bin/busybox', '--cmd', 'sh']
  await machine.gorae(made, { env: { GORAE_HOME: elsewhere } })
  const store = new ImageStore(join(elsewhere, 'images'), systemClock)
  const { digest } = (await store.find('docker.io/library/slow:latest')) ?? { digest: '' }
  const { config, layers } = JSON.parse((await store.read(digest)).toString()) as Manifest
  const size = [config, ...layers].reduce((sum, each) => sum + each.size, 0)

  await machine.gorae(['up', '--no-merge-kubeconfig'])
  const address = /inet ([\d.]+)/.exec((await machine.run('ip', ['address', 'show', 'scope', 'global'])).stdout)?.[1]
  const registry = `${address}:${PORT}`
  const settings = join(machine.home, 'default/nodes/node-1/registries', registry)
  mkdirSync(settings, { recursive: true })
  // No TLS there; as an administrator would say it.
  const plain = `server = "http://${registry}"\n[host."http://${registry}"]\n  capabilities = ["pull", "resolve"]\n`
  writeFileSync(join(settings, 'hosts.toml'), plain)
  const script = join(PROJECT, 'test/e2e/slow-registry.mjs')
  const blobs = join(elsewhere, 'images/blobs/sha256')
  const rate = Math.ceil(size / PULL_SECONDS)
  const slow = machine.spawn(process.execPath, [script, blobs, digest, address ?? '', `${PORT}`, `${rate}`])
  try {
    await new Promise((resolve) => slow.stdout?.once('data', resolve))
    const manifest = join(machine.folder, 'pod.yaml')
    writeFileSync(
      manifest,
      `{ apiVersion: v1, kind: Pod, metadata: { name: slow }, spec: { terminationGracePeriodSeconds: 0, containers: [{ name: c, image: "${registry}/some/slow:1", command: [sh, -c, 'echo here; exec sleep 1000'] }] } }\n`,
    )
    // A terminal of its own: only there progress is redrawn.
    const command = `${process.execPath} ${join(PROJECT, 'dist/gorae.js')} start ${manifest}`
    const starting = machine.run('script', ['--quiet', '--return', '--command', command, '/dev/null'])
    starting.catch(() => {}) // awaited below

    const pulls = async (): Promise<readonly Pull[]> =>
      JSON.parse((await machine.gorae(['status', '-o', 'json'])).stdout).clusters[0].nodes[0].pulls
    const seen: Pull[] = []
    let text = ''
    for (let done = false; !done;) {
      const [now] = await pulls()
      if (now !== undefined && now.image !== '') seen.push(now)
      if (seen.length === 1) text = (await machine.gorae(['status'])).stdout
      done = await Promise.race([starting.then(() => true), systemClock.sleep(300).then(() => false)])
    }
    expect(seen.length).toBeGreaterThan(1)
    for (const pull of seen) expect(pull).toMatchObject({ image: `${address}/some/slow`, totalBytes: size })
    const done = seen.map(({ doneBytes }) => doneBytes)
    expect(done).toEqual(done.toSorted((a, b) => a - b))
    expect(done.at(-1)).toBeGreaterThan(done[0] ?? 0)
    expect(text).toMatch(new RegExp(`node-1 is pulling ${address}/some/slow: .+ of .+ \\(\\d+ %\\)`))

    const shown = (await starting).stdout
    expect(shown).toMatch(/Waiting for the Pod slow to be Ready: [^\r]*slow: [\d.]+ [kM]?B of [\d.]+ MB \(\d+ %\)/)
    expect(shown).toContain('here')
    const log = readFileSync(join(machine.home, 'default/nodes/node-1/node.log'), 'utf8')
    expect(log).toMatch(/pulling an image .*image=\S+slow:1 progress=".+ of .+ \(\d+ %\)"/)
    expect(log).toMatch(/pulled an image .*slow:1 ms=\d+/)
    expect(await pulls()).toEqual([])
  } finally {
    slow.kill()
    await machine.close()
  }
})
