/**
 * Waits until volumes are attached to this node: the node tells that it uses a volume, the control plane that it is
 * attached, and only then it is touched (https://kubernetes.io/docs/reference/node/node-status/#volumes).
 */

import { attachmentName } from '../../../api/core/v1/persistentvolume/csi-names.ts'
import type { Node } from '../../../api/generated/core-v1.ts'
import type { VolumeAttachment } from '../../../api/generated/storage-v1.ts'
import { Wakeup } from '../../../base/async/wakeup.ts'
import type { Clock } from '../../../base/clock.ts'
import type { Client } from '../../../client/client.ts'
import { VOLUME_ATTACHMENTS } from '../../../client/resources.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { unattachedVolume } from '../mount-failure.ts'
import { type CsiVolume, volumeKey } from './csi-volume.ts'

/** A Pod whose volume is not attached by then is told so, and waits on. */
export const ATTACH_TIMEOUT_MS = 123_000

export interface AttachmentDeps {
  readonly client: Client
  readonly clock: Clock
  readonly nodeName: string
  /** The Node as the API last told it. */
  readonly node: () => DeepReadonly<Node> | undefined
}

export class Attachments {
  readonly #deps: AttachmentDeps
  readonly #news: Wakeup

  constructor(deps: AttachmentDeps) {
    this.#deps = deps
    this.#news = new Wakeup(deps.clock)
  }

  /** The API tells something new of the node. */
  nodeChanged(): void {
    this.#news.wake()
  }

  /** Settles when the volume may be used, with what the driver's other half tells of it. `podVolume` is the Pod's name for it. */
  async attached(volume: CsiVolume, podVolume: string, signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
    const { clock } = this.#deps
    const until = clock.monotonic() + ATTACH_TIMEOUT_MS
    while (!this.#isToldAttached(volume)) {
      const left = until - clock.monotonic()
      if (left <= 0) throw unattachedVolume(podVolume)
      await this.#news.wait(left, signal)
    }
    return (await this.#attachment(volume, signal)).status?.attachmentMetadata ?? {}
  }

  #isToldAttached(volume: CsiVolume): boolean {
    const { volumesInUse = [], volumesAttached = [] } = this.#deps.node()?.status ?? {}
    const name = volumeKey(volume)
    return volumesInUse.includes(name) && volumesAttached.some((attached) => attached.name === name)
  }

  async #attachment(volume: CsiVolume, signal: AbortSignal): Promise<DeepReadonly<VolumeAttachment>> {
    const { client, nodeName } = this.#deps
    const { volumeHandle } = volume
    const name = attachmentName(volume, nodeName)
    const attachment = await client.get(VOLUME_ATTACHMENTS, { name }, signal).catch((error: unknown) => {
      signal.throwIfAborted()
      const why = error instanceof Error ? error.message : String(error)
      const message = `volume ${volumeHandle} has GET error for volume attachment ${name}: ${why}`
      throw new Error(message, { cause: error })
    })
    if (attachment.metadata.deletionTimestamp !== undefined) throw new Error('volume attachment is being deleted')
    const { attached, attachError } = attachment.status ?? {}
    if (attached === true) return attachment
    throw new Error(attachError?.message ?? `volume ${volumeHandle} is not attached for volume attachment ${name}`)
  }
}
