/** What ended containers left to say (https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/). */

import type { PodFiles } from '../../host/host.ts'
import { hasExited, type ObservedContainer } from '../observed.ts'

const MAX_BYTES = 4096
const MAX_LOG_LINES = 80
const MAX_LOG_BYTES = 2048

/** Reads each container's last words once. */
export class TerminationMessages {
  readonly #files: PodFiles
  readonly #ended: (container: ObservedContainer) => void
  readonly #read = new Map<string, string>()

  /** `ended` is told of each container once, when it is seen to have ended. */
  constructor(files: PodFiles, ended: (container: ObservedContainer) => void) {
    this.#files = files
    this.#ended = ended
  }

  /** Empty when the container has not ended, or said nothing. */
  of(containerId: string): string {
    return this.#read.get(containerId) ?? ''
  }

  async read(containers: readonly ObservedContainer[], signal: AbortSignal): Promise<void> {
    const ids = new Set(containers.map(({ id }) => id))
    for (const id of this.#read.keys()) if (!ids.has(id)) this.#read.delete(id)
    const fresh = containers.filter((container) => hasExited(container) && !this.#read.has(container.id))
    await Promise.all(
      fresh.map(async (container) => {
        this.#ended(container)
        this.#read.set(container.id, await this.#lastWords(container))
      }),
    )
    signal.throwIfAborted()
  }

  async #lastWords({ identity, exitCode, logPath }: ObservedContainer): Promise<string> {
    const { messageFile, messagePolicy } = identity
    const written =
      messageFile === '' ? '' : await this.#files.readTerminationLog(messageFile, MAX_BYTES).catch(() => '')
    if (written !== '' || messagePolicy !== 'FallbackToLogsOnError' || exitCode === 0) return written
    return this.#files.tailLog(logPath, MAX_LOG_LINES, MAX_LOG_BYTES).catch(() => '')
  }
}
