/** The runtimes' contract against a real containerd: the one of a node, in a cluster made for the test. */

import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

import { afterAll, beforeAll, describe } from 'vitest'

import { systemClock } from '../../src/base/clock.ts'
import { connectContainerd } from '../../src/kubelet/cri/containerd/runtime.ts'
import { testRuntimeContract } from '../../src/kubelet/cri/contract.ts'
import { type Machine, openMachine } from './machine.ts'

const IMAGE = 'docker.io/library/busybox:latest'
const sh = (script: string) => ['sh', '-c', script]

describe('container runtime contract: containerd', () => {
  let machine: Machine
  let socketPath = ''
  beforeAll(async () => {
    machine = await openMachine()
    await machine.gorae(['image', 'make', 'busybox', '--from-binary', '/bin/busybox', '--cmd', 'sh'])
    await machine.gorae(['up'])
    const config = readFileSync(path.join(machine.home, 'default/nodes/node-1/containerd.toml'), 'utf8')
    socketPath = /address = "([^"]+containerd\.sock)"/.exec(config)?.[1] ?? ''
    const connection = connectContainerd({ socketPath, clock: systemClock })
    await connection.images.pullImage({ image: { image: IMAGE } }, new AbortController().signal)
    connection.close()
  })
  afterAll(() => machine.close())

  testRuntimeContract(async () => {
    const connection = connectContainerd({ socketPath, clock: systemClock })
    const logDirectory = await mkdtemp(path.join(os.tmpdir(), 'gorae-contract-'))
    return {
      runtime: connection.runtime,
      images: connection.images,
      image: IMAGE,
      missingImage: 'registry.invalid/no/such/image:1',
      commands: {
        serve: sh('trap "exit 0" TERM; sleep 3600 & wait'),
        ignore: sh('trap "" TERM; while :; do sleep 1; done'),
        exit: (code) => sh(`exit ${code}`),
        print: (text) => ['echo', text],
        linger: ['sleep', '60'],
      },
      logDirectory,
      cgroupParent: '',
      during: (work) => work,
      async untilIgnoring(id) {
        // The fifteenth bit from the right is SIGTERM's.
        const look = ['grep', '-E', 'SigIgn:.*[4-7c-f]...$', '/proc/1/status']
        const { signal } = new AbortController()
        while ((await connection.runtime.execSync(id, look, 10, signal)).exitCode !== 0) await systemClock.sleep(20)
      },
      pause: () => systemClock.sleep(20),
      async close() {
        connection.close()
        await rm(logDirectory, { recursive: true, force: true })
      },
    }
  })
})
