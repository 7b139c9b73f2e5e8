/**
 * The runtimes' contract against a real containerd. Needs the socket of one that may be used for tests, in
 * GORAE_TEST_CRI_SOCKET, with docker.io/library/busybox:latest in it and a network for Pods.
 */

import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

import { describe } from 'vitest'

import { systemClock } from '../../src/base/clock.ts'
import { connectContainerd } from '../../src/kubelet/cri/containerd/runtime.ts'
import { testRuntimeContract } from '../../src/kubelet/cri/contract.ts'

const socketPath = process.env['GORAE_TEST_CRI_SOCKET']
const sh = (script: string) => ['sh', '-c', script]

describe.skipIf(socketPath === undefined)('container runtime contract: containerd', () => {
  testRuntimeContract(async () => {
    const connection = connectContainerd({ socketPath: socketPath ?? '', clock: systemClock })
    const logDirectory = await mkdtemp(path.join(os.tmpdir(), 'gorae-contract-'))
    return {
      runtime: connection.runtime,
      images: connection.images,
      image: 'docker.io/library/busybox:latest',
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
      pause: () => systemClock.sleep(20),
      async close() {
        connection.close()
        await rm(logDirectory, { recursive: true, force: true })
      },
    }
  })
})
