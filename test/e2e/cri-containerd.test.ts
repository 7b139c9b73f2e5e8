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

describe.skipIf(socketPath === undefined)('container runtime contract: containerd', () => {
  testRuntimeContract({
    async open() {
      const connection = connectContainerd({ socketPath: socketPath ?? '', clock: systemClock })
      const logs = await mkdtemp(path.join(os.tmpdir(), 'gorae-contract-'))
      return {
        runtime: connection.runtime,
        image: 'docker.io/library/busybox:latest',
        logs,
        pass: (ms) => systemClock.sleep(ms),
        async close() {
          connection.close()
          await rm(logs, { recursive: true, force: true })
        },
      }
    },
    lifeOf: ({ runMs, exitCode = 0 }) => ({
      command: ['sh', '-c', runMs === undefined ? 'sleep 3600' : `sleep ${runMs / 1000}; exit ${exitCode}`],
    }),
  })
})
