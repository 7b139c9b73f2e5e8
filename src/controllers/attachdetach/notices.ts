/** What Pods are told of the volumes they wait for: each thing once. */

import type { Events } from '../kit/events.ts'
import { nameOf } from '../kit/ownership.ts'
import type { ReadPod } from '../kit/pods.ts'
import { attachmentOf, blockedNote, type ReadAttachment, type ReadVolume } from './decide.ts'

export class Notices {
  readonly #events: Events
  /** What was told last of an attachment, or of a node that waits for a volume. */
  readonly #told = new Map<string, string>()

  constructor(events: Events) {
    this.#events = events
  }

  /** The volume was asked for: how that ends is to be told. */
  asked(volume: ReadVolume, node: string): void {
    this.#told.set(attachmentOf(volume, node), 'asked')
  }

  /** Tells the Pods that use the volume there how attaching it went. */
  tellResult(attachment: ReadAttachment, volume: ReadVolume, users: readonly ReadPod[]): void {
    const { attached, attachError } = attachment.status ?? {}
    const name = nameOf(attachment)
    const about = (what: string) => `AttachVolume.Attach ${what} for volume "${nameOf(volume)}" `
    const note = attachError?.message === undefined ? undefined : `${about('failed')}: ${attachError.message}`
    if (attached === true) {
      if (!this.#told.has(name) || !this.#isNews(name, 'attached')) return // unknown: attached before we came
      for (const pod of users) this.#events.event(pod, 'Normal', 'SuccessfulAttachVolume', about('succeeded'))
    } else if (note !== undefined && this.#isNews(name, note)) {
      for (const pod of users) this.#events.event(pod, 'Warning', 'FailedAttachVolume', note)
    }
  }

  /** Tells the Pods on a node that others have the volume elsewhere. */
  tellBlocked(volume: ReadVolume, node: string, { waiting, others }: Blocked): void {
    if (!this.#isNews(waitingKey(volume, node), 'blocked')) return
    for (const pod of waiting) {
      this.#events.event(pod, 'Warning', 'FailedAttachVolume', blockedNote(volume, pod, others))
    }
  }

  /** The node waits no longer. */
  unblock(volume: ReadVolume, node: string): void {
    this.#told.delete(waitingKey(volume, node))
  }

  forget(attachment: ReadAttachment): void {
    this.#told.delete(nameOf(attachment))
  }

  /** Whether this was not what was told last; whoever asks tells. */
  #isNews(key: string, what: string): boolean {
    if (this.#told.get(key) === what) return false
    this.#told.set(key, what)
    return true
  }
}

/** Who waits for a volume on one node, and who uses it on another. */
export interface Blocked {
  readonly waiting: readonly ReadPod[]
  readonly others: readonly ReadPod[]
}

const waitingKey = (volume: ReadVolume, node: string): string => `${nameOf(volume)}|${node}`
