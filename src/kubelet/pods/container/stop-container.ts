/**
 * Stops containers as they ask to be stopped: the preStop hook, the stop signal, and what is left of the grace period
 * (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination).
 */

import { isRuntimeNotFound } from '../../cri/runtime.ts'
import { runHook } from './handlers.ts'
import type { ObservedContainer } from '../observed.ts'
import type { PodDeps } from '../pod-deps.ts'
import type { KindedContainer, PodView } from '../pod-view.ts'
import { stopBySignal } from './stop-signal.ts'

/** However short the grace period, the stop signal comes before the kill. */
const MIN_GRACE_SECONDS = 2

export interface StopRequest {
  readonly pod: PodView
  /** Absent: the Pod's spec has no such container any more. */
  readonly container: KindedContainer | undefined
  readonly observed: Pick<ObservedContainer, 'id'>
  readonly graceSeconds: number
  readonly podIp: string
  /** What has been done already for a container that is being stopped a second time, faster. */
  readonly begun: Set<string>
  readonly message: string
  /** What it waits for after its preStop hook, as long as its grace lasts. */
  readonly turn?: Promise<unknown>
}

/** Settles when the container has stopped. */
export async function stopContainer(request: StopRequest, deps: PodDeps, signal: AbortSignal): Promise<void> {
  const { pod, container, observed, begun, message } = request
  const began = deps.clock.monotonic()
  const isFirst = !begun.has(observed.id)
  if (isFirst) {
    begun.add(observed.id)
    deps.tell({ pod, container, type: 'Normal', reason: 'Killing', message })
    await preStop(request, deps, signal)
  }
  const leftMs = () => request.graceSeconds * 1000 - (deps.clock.monotonic() - began)
  if (request.turn !== undefined) await untilTurn(request.turn, leftMs(), deps, signal)
  const name = container?.spec.lifecycle?.stopSignal
  try {
    // In its own turn the runtime would send the signal of the image.
    const left = Math.max(MIN_GRACE_SECONDS, Math.ceil(leftMs() / 1000))
    const told = { id: observed.id, name, isTold: !isFirst, ms: left * 1000 }
    const isOver = name !== undefined && (await stopBySignal({ ...told, name }, deps, signal))
    await deps.runtime.stopContainer(observed.id, isOver ? 0 : left, signal)
  } catch (error) {
    if (!isRuntimeNotFound(error)) throw error
  }
}

async function untilTurn(turn: Promise<unknown>, ms: number, { clock }: PodDeps, signal: AbortSignal): Promise<void> {
  if (ms <= 0) return
  const limit = new AbortController()
  const over = clock.sleep(ms, AbortSignal.any([signal, limit.signal])).catch(() => signal.throwIfAborted())
  try {
    await Promise.race([turn, over])
  } finally {
    limit.abort()
  }
}

/** Runs the hook for as long as the grace period lasts. */
async function preStop(request: StopRequest, deps: PodDeps, signal: AbortSignal): Promise<void> {
  const { pod, container, observed, graceSeconds, podIp } = request
  const hook = container?.spec.lifecycle?.preStop
  if (hook === undefined || container === undefined || graceSeconds <= 0) return
  const limit = new AbortController()
  const cancel = deps.clock.after(graceSeconds * 1000, () => limit.abort())
  const handlerDeps = { runtime: deps.runtime, network: deps.host.network, clock: deps.clock }
  const target = { container: container.spec, containerId: observed.id, podIp }
  const failed = () =>
    deps.tell({ pod, container, type: 'Warning', reason: 'FailedPreStopHook', message: 'PreStopHook failed' })
  try {
    const fault = await runHook(hook, target, handlerDeps, AbortSignal.any([signal, limit.signal]))
    if (fault !== undefined) failed()
  } catch (error) {
    signal.throwIfAborted()
    if (!limit.signal.aborted) throw error
    if (hook.sleep === undefined) failed() // a rest that is cut short is no failure
  } finally {
    cancel()
  }
}

/** What is wrong with a container that is stopped. */
export interface StopCause {
  readonly kind: KindedContainer['kind']
  readonly why: 'changed' | 'liveness' | 'startup' | 'resize' | 'unknown'
  /** It will be started again. */
  readonly again: boolean
}

/** Why a container is stopped, as its event says it; without a cause it goes because its Pod does. */
export function stopText({ name, kind, why, again }: { readonly name: string } & Partial<StopCause>): string {
  if (why === undefined) return `Stopping container ${name}`
  if (why === 'unknown') return 'Container is in "unknown" state, try killing it before restart'
  if (why === 'resize') return `Container ${name} resize requires restart`
  const what = why === 'changed' ? 'definition changed' : `failed ${why} probe`
  if (kind === 'sidecar' || kind === 'init') return `Init container ${name} ${what}`
  return `Container ${name} ${what}${again === true ? ', will be restarted' : ''}`
}
