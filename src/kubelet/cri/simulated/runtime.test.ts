import { describe } from 'vitest'

import { ManualClock } from '../../../base/manual-clock.ts'
import { seededRandom } from '../../../base/random.ts'
import { type Life, testRuntimeContract } from '../contract.ts'
import { SimulatedFiles } from './files.ts'
import { simulatedRuntime } from './runtime.ts'

describe('container runtime contract: simulated', () => {
  testRuntimeContract({
    async open() {
      const clock = new ManualClock()
      const simulated = simulatedRuntime({
        clock,
        random: seededRandom(1),
        files: new SimulatedFiles(),
        podNetwork: '10.244.1',
      })
      return {
        runtime: simulated.runtime,
        image: 'busybox',
        logs: '/sim/logs',
        pass: (ms) => clock.advance(ms),
        close: async () => simulated.close(),
      }
    },
    lifeOf: ({ runMs, exitCode }: Life) => ({
      annotations: {
        ...(runMs !== undefined && { 'gorae.dev/sim-run-ms': String(runMs) }),
        ...(exitCode !== undefined && { 'gorae.dev/sim-exit-code': String(exitCode) }),
      },
    }),
  })
})
