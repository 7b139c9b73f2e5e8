/**
 * Signals by which containers want to be stopped: runtimes that know of them only as a part of images are told otherwise
 * (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination-stop-signals).
 */

import { constants } from 'node:os'

import type { PodDeps } from '../pod-deps.ts'

/** How often it is looked whether the container has ended. */
const LOOK_MS = 50
const FIRST_REALTIME = 34
const LAST_REALTIME = 64

/** Names that the C library has beside those of the kernel. */
const ALIASES: Readonly<Record<string, string>> = { SIGCLD: 'SIGCHLD', SIGPOLL: 'SIGIO' }

/** The kernel's number of a signal, e.g. of `SIGUSR1` or `SIGRTMIN+3`. */
export function signalNumber(name: string): number | undefined {
  const [, base, distance = '0'] = /^SIG(RTMIN|RTMAX)(?:[+-](\d+))?$/.exec(name) ?? []
  if (base === 'RTMIN') return FIRST_REALTIME + Number(distance)
  if (base === 'RTMAX') return LAST_REALTIME - Number(distance)
  return new Map(Object.entries(constants.signals)).get(ALIASES[name] ?? name)
}

export interface SignalledStop {
  readonly id: string
  readonly name: string
  /** The signal was sent already. */
  readonly isTold: boolean
  /** How long the container may take. */
  readonly ms: number
}

/** Sends the container its signal, and settles when it has ended or its time is over. `false`: this runtime cannot. */
export async function stopBySignal(
  { id, name, isTold, ms }: SignalledStop,
  { runtime, clock }: Pick<PodDeps, 'runtime' | 'clock'>,
  signal: AbortSignal,
): Promise<boolean> {
  const number = signalNumber(name)
  if (number === undefined || runtime.signalContainer === undefined) return false
  const deadline = clock.monotonic() + ms
  if (!isTold) await runtime.signalContainer(id, number, signal)
  while (clock.monotonic() < deadline) {
    if ((await runtime.containerStatus(id, signal)).state !== 'CONTAINER_RUNNING') break
    await clock.sleep(Math.min(LOOK_MS, Math.max(1, deadline - clock.monotonic())), signal)
  }
  return true
}
