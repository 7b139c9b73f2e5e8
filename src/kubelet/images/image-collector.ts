/** Takes images away that nobody uses, when the disk is full or they are old. */

import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { KubeletConfig } from '../config/kubelet-config.ts'
import type { ImageService } from '../cri/runtime.ts'
import { imageFilesystem } from '../eviction/observe.ts'
import type { NodeHost } from '../host/host.ts'
import type { KubeletMetrics } from '../metrics/kubelet-metrics.ts'
import { bytesToFree, type ImageRecord, type ImageRecords, noteImages, outdated, removable } from './image-gc.ts'

const EVERY_MS = 300_000

export interface ImageCollectorDeps {
  readonly images: ImageService
  readonly host: Pick<NodeHost, 'usage' | 'filesystem'>
  readonly clock: Clock
  readonly log: Log
  readonly config: KubeletConfig
  /** The ids or names of the images that containers are made of. Asked for each time: who has just started knows none. */
  readonly used: (signal: AbortSignal) => Promise<ReadonlySet<string>>
  readonly metrics: KubeletMetrics
  /** Writes an event about the node. */
  readonly tell: (type: 'Normal' | 'Warning', reason: string, message: string) => void
}

export class ImageCollector {
  readonly #deps: ImageCollectorDeps
  #records: ImageRecords = new Map()
  #isFirst = true
  #failures = 0

  constructor(deps: ImageCollectorDeps) {
    this.#deps = deps
  }

  /** Looks every five minutes until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log, tell } = this.#deps
    for (;;) {
      try {
        await this.#collect(signal)
        this.#failures = 0
      } catch (error) {
        signal.throwIfAborted()
        log.warn('could not take unused images away', { error })
        // The first time may be a hiccup while everything starts.
        this.#failures += 1
        if (this.#failures > 1) tell('Warning', 'ImageGCFailed', error instanceof Error ? error.message : String(error))
      }
      await clock.sleep(EVERY_MS, signal)
    }
  }

  /** Takes every image away that may go. */
  async freeAll(signal: AbortSignal): Promise<void> {
    const now = await this.#look(signal)
    const idle = removable(this.#records, now, this.#deps.config)
    await this.#remove(idle, { enough: Infinity, reason: 'space' }, signal)
  }

  async #collect(signal: AbortSignal): Promise<void> {
    const { config, tell } = this.#deps
    const now = await this.#look(signal)
    await this.#remove(outdated(this.#records, now, config), { enough: Infinity, reason: 'age' }, signal)
    const disk = await imageFilesystem(this.#deps, signal)
    if (disk === undefined) return
    if (disk.capacityBytes === 0) {
      const message = 'invalid capacity 0 on image filesystem'
      tell('Warning', 'InvalidDiskCapacity', message)
      throw new Error(message)
    }
    const wanted = bytesToFree(disk, config)
    if (wanted <= 0) return
    const idle = removable(this.#records, now, config)
    const freed = await this.#remove(idle, { enough: wanted, reason: 'space' }, signal)
    if (freed >= wanted) return
    const message =
      'Failed to garbage collect required amount of images. ' +
      `Attempted to free ${wanted} bytes, but only found ${freed} bytes eligible to free.`
    tell('Warning', 'FreeDiskSpaceFailed', message)
    throw new Error(message)
  }

  async #look(signal: AbortSignal): Promise<number> {
    const { images, clock, used } = this.#deps
    // In this order: an image that is pulled in between, and used at once, is not yet among those that may go.
    const present = await images.listImages(signal)
    const inUse = await used(signal)
    const now = clock.monotonic()
    this.#records = noteImages(this.#records, { images: present, used: inUse, now, isFirst: this.#isFirst })
    this.#isFirst = false
    return now
  }

  /** Takes images away until `enough` bytes have gone; the answer is how many did. */
  async #remove(
    records: readonly ImageRecord[],
    { enough, reason }: { readonly enough: number; readonly reason: 'age' | 'space' },
    signal: AbortSignal,
  ): Promise<number> {
    const { images, log, metrics } = this.#deps
    let freed = 0
    for (const { id, bytes } of records) {
      if (freed >= enough) break
      log.info('taking an image away that nobody uses', { image: id, bytes })
      await images.removeImage({ image: id }, signal)
      metrics.collectedImages.add({ reason })
      freed += bytes
    }
    return freed
  }
}
