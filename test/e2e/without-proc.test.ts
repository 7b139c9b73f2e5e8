/** A system without /proc, as macOS is one: `ps` tells of processes, and nodes are simulated. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { findProgram } from '../../src/linux/program.ts'
import { type Machine, openMachine } from './machine.ts'
import { PROJECT } from './setup.ts'

const PS = findProgram('ps')

let machine: Machine
beforeEach(async () => {
  machine = await openMachine()
  const bin = join(machine.folder, 'bin')
  mkdirSync(bin)
  mkdirSync(join(machine.folder, 'proc'))
  // The one that this system has needs a /proc of its own.
  const ps = `#!/bin/sh\nexec unshare -m sh -c 'mount --bind ${machine.folder}/proc /proc && exec ${PS} "$@"' ps "$@"\n`
  writeFileSync(join(bin, 'ps'), ps, { mode: 0o755 })
})
afterEach(() => machine.close())

const HIDDEN = 'mount --bind /proc "$0/proc" && mount -t tmpfs none /proc && PATH="$0/bin:$PATH" exec "$@"'

const gorae = (...args: string[]) =>
  machine.run('unshare', [
    '-m',
    'sh',
    '-c',
    HIDDEN,
    machine.folder,
    process.execPath,
    join(PROJECT, 'dist/gorae.js'),
    ...args,
  ])

const clusters = async (): Promise<unknown> => JSON.parse((await gorae('status', '-o', 'json')).stdout).clusters

test.skipIf(PS === undefined)(
  'a simulated cluster comes up there, is revived, stops, and goes without a trace',
  async () => {
    await gorae('up', '--runtime', 'simulated', '--nodes', '2')
    const running = {
      state: 'running',
      nodes: [
        { ready: true, process: 'running' },
        { ready: true, process: 'running' },
      ],
    }
    expect(await clusters()).toMatchObject([running])
    await machine.kubectl(['create', 'deployment', 'web', '--image=nginx'])
    await machine.kubectl(['rollout', 'status', 'deployment/web', '--timeout=60s'])

    const { pid } = JSON.parse(readFileSync(join(machine.home, 'default/server.json'), 'utf8')) as { pid: number }
    process.kill(pid, 'SIGKILL')
    const again = await gorae('up')
    expect(again.stdout).toContain('is up at')
    expect((await machine.kubectl(['get', 'deployment', 'web', '-o', 'name'])).stdout).toBe('deployment.apps/web\n')

    await gorae('stop')
    expect(await clusters()).toMatchObject([{ state: 'stopped' }])
    await gorae('up')
    expect(await clusters()).toMatchObject([running])
    await gorae('down')
    expect(await clusters()).toEqual([])
    expect(await machine.leftovers()).toEqual([])
  },
)
