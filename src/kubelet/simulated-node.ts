/** A node that exists in memory only: what `runKubelet` needs besides a client, without a machine. */

import type { Clock } from '../base/clock.ts'
import type { Random } from '../base/random.ts'
import { SimulatedFiles } from './cri/simulated/files.ts'
import { simulatedRuntime } from './cri/simulated/runtime.ts'
import type { Scenario } from './cri/simulated/scenario.ts'
import type { KubeletDeps } from './options.ts'
import { simulatedHost } from './host/simulated.ts'

export { annotatedScenario, type Behaviour, type Scenario } from './cri/simulated/scenario.ts'

export interface SimulatedNodeOptions {
  readonly clock: Clock
  readonly random: Random
  /** The first three numbers of the node's Pod addresses, e.g. `10.244.1`. */
  readonly podNetwork: string
  /** How containers behave; by the Pods' annotations unless told otherwise. */
  readonly scenario?: Scenario
  readonly hasImage?: (image: string) => boolean
  readonly cpus?: number
  readonly memoryBytes?: number
}

export interface SimulatedNode extends Pick<KubeletDeps, 'runtime' | 'images' | 'host'> {
  /** Lets go of all timers. Containers do not outlive it. */
  close(): void
}

export function simulatedNode(options: SimulatedNodeOptions): SimulatedNode {
  const files = new SimulatedFiles()
  const simulated = simulatedRuntime({ ...options, files })
  const host = simulatedHost({ ...options, files, answers: (ip) => simulated.answers(ip) })
  return { runtime: simulated.runtime, images: simulated.images, host, close: () => simulated.close() }
}
