/**
 * A task group: what it starts, it waits for. Long-lived parts are `run(deps, signal): Promise<void>`; a group
 * runs several, aborts the others when one fails, and settles only after all have settled.
 */

import { setMaxListeners } from 'node:events'

/** Runs tasks under one signal. */
export interface TaskGroup {
  /** Aborts when the group closes or a task fails. */
  readonly signal: AbortSignal
  /** Starts a task. Its failure closes the group, unless the group is closing already. */
  start(task: (signal: AbortSignal) => Promise<unknown>): void
}

class Closed extends Error {
  override readonly name = 'AbortError'
}

/**
 * Opens a group for the length of `body`, then closes it and waits for everything it started. Throws the first
 * failure of `body` or of a task; a task that ends because the group closes is no failure.
 */
export async function withGroup<T>(body: (group: TaskGroup) => Promise<T>, outer?: AbortSignal): Promise<T> {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal) // one for everything that waits in the group: many is no leak
  const onOuter = () => controller.abort(outer?.reason)
  if (outer?.aborted === true) onOuter()
  outer?.addEventListener('abort', onOuter, { once: true })

  const running = new Set<Promise<void>>()
  let failure: { readonly error: unknown } | undefined
  const group: TaskGroup = {
    signal: controller.signal,
    start(task) {
      const run = (async () => {
        try {
          await task(controller.signal)
        } catch (error) {
          if (controller.signal.aborted) return
          failure ??= { error }
          controller.abort(error)
        }
      })()
      running.add(run)
      void run.finally(() => running.delete(run))
    },
  }
  try {
    const result = await body(group)
    return result
  } catch (error) {
    if (failure === undefined) throw error
    throw failure.error
  } finally {
    controller.abort(new Closed('the task group closed'))
    outer?.removeEventListener('abort', onOuter)
    while (running.size > 0) await Promise.all(running)
    // oxlint-disable-next-line no-unsafe-finally -- a task's failure is the reason the body ended
    if (failure !== undefined) throw failure.error
  }
}

/** Resolves when `signal` aborts. Never rejects. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
