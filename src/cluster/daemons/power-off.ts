/**
 * The machine goes down: logind waits until a node's Pods have ended
 * (https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/#graceful-node-shutdown).
 */

import { aborted } from '../../base/async/group.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { UserError } from '../../base/user-error.ts'
import type { Logind } from '../../linux/logind.ts'

/** What a node does about it. */
export interface PowerOffListener {
  /** The machine goes down when this settles. */
  goesDown(): Promise<void>
  /** It does not go down after all. */
  stays(): void
}

/** The going down of one node. */
export class NodePower implements PowerOffListener {
  readonly #off = new AbortController()
  readonly #podsEnded = new AbortController()
  readonly #stays = new AbortController()
  #isMachine = false

  /** Aborts when the node's Pods shall end. */
  get shutdown(): AbortSignal {
    return this.#off.signal
  }

  /** The node goes down, and the machine may stay. */
  goOff(): void {
    this.#off.abort(new UserError('the machine goes down'))
  }

  async goesDown(): Promise<void> {
    this.#isMachine = true
    this.goOff()
    await aborted(this.#podsEnded.signal)
  }

  stays(): void {
    this.#stays.abort()
  }

  /** A node that goes down with its machine ends with it: it would be started again otherwise, and take Pods. */
  readonly onPodsEnded = async (signal: AbortSignal): Promise<void> => {
    this.#podsEnded.abort()
    if (this.#isMachine) await aborted(AbortSignal.any([signal, this.#stays.signal]))
  }
}

export interface PowerOffDeps {
  readonly logind: Logind
  readonly clock: Clock
  readonly log: Log
  /** How long Pods may take. */
  readonly graceMs: number
}

const WHO = 'kubelet'
const WHY = 'Kubelet needs time to handle node shutdown'

const RECONNECT_MS = 1_000
/** How often, and how long after one another, we look whether logind waits as long as it was asked to. */
const LOOKS_MS = [100, 200, 400, 800, 1_600]

/** Holds the machine up until its Pods have ended, as long as `signal` does not abort. Does nothing where there is no logind. */
export async function followPowerOff(deps: PowerOffDeps, listener: PowerOffListener, signal: AbortSignal) {
  const { clock, log } = deps
  for (let hasHeld = false; ; hasHeld = true) {
    try {
      await holdUp(deps, listener, signal)
    } catch (error) {
      signal.throwIfAborted()
      log.warn('Pods get no time when the machine goes down', { error })
      if (!hasHeld) return
    }
    await clock.sleep(RECONNECT_MS, signal)
  }
}

/** Until logind can't be heard any more. */
async function holdUp(deps: PowerOffDeps, listener: PowerOffListener, signal: AbortSignal): Promise<void> {
  const { logind, log } = deps
  await raiseDelay(deps, signal)
  const lock = await logind.lockShutdown(WHO, WHY)
  try {
    for await (const isGoingDown of logind.shutdowns(signal)) {
      log.info('logind tells of the machine', { isGoingDown })
      if (!isGoingDown) return listener.stays()
      await listener.goesDown()
      lock.release()
    }
  } finally {
    lock.release()
  }
}

/** Holders of locks get no more time than logind is configured to give, 5 seconds unless told. */
async function raiseDelay({ logind, clock, graceMs }: PowerOffDeps, signal: AbortSignal): Promise<void> {
  if ((await logind.maxDelay()) >= graceMs) return
  await logind.askForDelay(graceMs)
  let delay = 0
  for (const ms of LOOKS_MS) {
    await clock.sleep(ms, signal)
    delay = await logind.maxDelay()
    if (delay >= graceMs) return
  }
  throw new Error(`logind waits ${delay} ms at most, and Pods may take ${graceMs} ms`)
}
