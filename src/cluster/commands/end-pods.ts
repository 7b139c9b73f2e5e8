/** Tells nodes that the machine goes down, so that their Pods end in the order of their priorities. */

import { constants } from 'node:os'

import type { Clock } from '../../base/clock.ts'
import { endsGracefully, shutdownMs } from '../../kubelet/config/kubelet-config.ts'
import { isAlive, type ProcessIdentity, sendSignal } from '../../linux/processes.ts'
import { POWER_SIGNAL } from '../daemons/daemon.ts'
import { kubeletConfigOf } from '../kubelet-config.ts'
import type { ClusterPaths } from '../paths.ts'

/** Beyond what Pods may take: for telling the API what became of them. */
const LAST_WORDS_MS = 10_000
const LOOK_MS = 50

/** Settles when the nodes have ended. Does nothing where their configuration gives Pods no time for it, or no system tells them. */
export async function endPodsInOrder(
  paths: ClusterPaths,
  nodes: readonly ProcessIdentity[],
  clock: Clock,
): Promise<void> {
  const config = kubeletConfigOf(paths)
  if (!endsGracefully(config) || !(POWER_SIGNAL in constants.signals)) return
  const told = nodes.filter((node) => sendSignal(node, POWER_SIGNAL))
  const deadline = clock.monotonic() + shutdownMs(config) + LAST_WORDS_MS
  while (told.some(isAlive) && clock.monotonic() < deadline) await clock.sleep(LOOK_MS)
}
