/** How far a node is with the images it pulls: for `gorae status`, for `gorae start` and for the node's log. */

import { readdirSync } from 'node:fs'
import { join } from 'node:path'

import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { PullStatus } from '../../cli/operations.ts'
import { formatProgress } from '../../cli/print/table.ts'
import type { PullWatcher } from '../../kubelet/cri/containerd/pulls.ts'
import type { ImageService } from '../../kubelet/cri/runtime.ts'
import { runningContainerd } from '../parts.ts'
import type { NodePaths } from '../paths.ts'

const PATIENCE_MS = 3_000

/** What the node is pulling; nothing when its containerd does not run or does not answer. */
export async function pullsOfNode(paths: NodePaths, clock: Clock): Promise<readonly PullStatus[]> {
  // A look into a folder first: the client for containerd takes longer to load than everything else that is shown.
  if (runningContainerd(paths) === undefined || !hasDownloads(paths)) return []
  const { watchPulls } = await import('../../kubelet/cri/containerd/pulls.ts')
  const watcher = watchPulls(paths.socket, clock)
  try {
    const pulls = await watcher.pulls(AbortSignal.timeout(PATIENCE_MS))
    return pulls.map(({ image, doneBytes, totalBytes, updatedAt }) => ({
      image,
      doneBytes,
      totalBytes,
      idleSeconds: Math.max(0, Math.round((clock.now() - updatedAt) / 1000)),
    }))
  } catch {
    return []
  } finally {
    watcher.close()
  }
}

/** Where containerd keeps what has come of downloads so far, a folder each. */
function hasDownloads({ containerdRoot }: NodePaths): boolean {
  try {
    return readdirSync(join(containerdRoot, 'io.containerd.content.v1.content/ingest')).length > 0
  } catch {
    return false
  }
}

const LOOK_MS = 500

/** Tells in words what the nodes pull, again and again until the signal aborts. */
export async function followPulls(
  nodes: readonly NodePaths[],
  { clock, tell }: { readonly clock: Clock; readonly tell: (words: string) => void },
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await clock.sleep(LOOK_MS, signal)
    const pulls = (await Promise.all(nodes.map((paths) => pullsOfNode(paths, clock)))).flat()
    if (!signal.aborted && pulls.length > 0) tell(pulls.map(describePull).join(', '))
  }
}

/** `docker.io/library/web: 12.3 MB of 80.0 MB (15 %)`. */
const describePull = ({ image, doneBytes, totalBytes }: PullStatus): string =>
  `${image || 'an image'}: ${formatProgress(doneBytes, totalBytes)}`

/** A pull that is done sooner is no news. */
const FIRST_WORD_MS = 5_000
const NEXT_WORD_MS = 15_000

export interface PullLogDeps {
  readonly images: ImageService
  readonly watcher: Pick<PullWatcher, 'pulls'>
  readonly clock: Clock
  readonly log: Log
}

/** The image service, with a line in the log now and then for every pull that takes its time. */
export function withPullLog({ images, watcher, clock, log }: PullLogDeps): ImageService {
  return {
    ...images,
    async pullImage(request, signal) {
      const over = new AbortController()
      const told = tell(request.image.image, AbortSignal.any([signal, over.signal])).catch(() => false)
      const started = clock.monotonic()
      try {
        const id = await images.pullImage(request, signal)
        over.abort()
        if (await told) {
          const ms = Math.round(clock.monotonic() - started)
          log.info('pulled an image', { image: request.image.image, ms })
        }
        return id
      } finally {
        over.abort()
        await told
      }
    },
  }

  /** Says how far the pull is, until the signal aborts; true when it has said something. */
  async function tell(image: string, signal: AbortSignal): Promise<boolean> {
    for (let wait = FIRST_WORD_MS, said = false; ; wait = NEXT_WORD_MS) {
      try {
        await clock.sleep(wait, signal)
      } catch {
        return said
      }
      const progress = await watcher.pulls(signal).then(
        (pulls) => progressOf(image, pulls),
        () => undefined,
      )
      if (signal.aborted) return said
      log.info('pulling an image', { image, ...(progress === undefined ? {} : { progress }) })
      said = true
    }
  }
}

interface Progress {
  readonly image: string
  readonly doneBytes: number
  readonly totalBytes: number
}

/** In words, for the image of a Pod: `web:1` is `docker.io/library/web` there. */
export function progressOf(image: string, pulls: readonly Progress[]): string | undefined {
  const repository = image
    .replace(/@.*$/, '')
    .replace(/:[^:/]+$/, '')
    .replace(/^([^/]+):\d+\//, '$1/')
  const own = pulls.find((pull) => pull.image === repository || pull.image.endsWith(`/${repository}`)) ?? pulls[0]
  return own === undefined ? undefined : formatProgress(own.doneBytes, own.totalBytes)
}
