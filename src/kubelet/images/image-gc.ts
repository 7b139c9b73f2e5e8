/**
 * Which images go when the disk fills up, or when nobody has used them for long
 * (https://kubernetes.io/docs/concepts/architecture/garbage-collection/#container-image-lifecycle). Pure.
 */

import type { KubeletConfig } from '../config/kubelet-config.ts'
import type { Image } from '../cri/runtime.ts'
import type { FilesystemFacts } from '../host/usage.ts'

/** One image of the node, and when it was of use. Times are of a clock that never goes back. */
export interface ImageRecord {
  readonly id: string
  readonly bytes: number
  readonly pinned: boolean
  /** When it was first seen; `-Infinity`: it was there when the kubelet began. */
  readonly seenAt: number
  /** When it was last seen in use, or the kubelet began to look. */
  readonly usedAt: number
  readonly isUsed: boolean
}

export type ImageRecords = ReadonlyMap<string, ImageRecord>

export interface ImageLook {
  readonly images: readonly Image[]
  /** The ids or names of the images that containers are made of. */
  readonly used: ReadonlySet<string>
  readonly now: number
  /** The first look of this kubelet. */
  readonly isFirst: boolean
}

/** The records after a look at what there is. */
export function noteImages(records: ImageRecords, { images, used, now, isFirst }: ImageLook): ImageRecords {
  return new Map(
    images.map(({ id, size, pinned, repoTags, repoDigests }) => {
      const old = records.get(id)
      const isUsed = [id, ...repoTags, ...repoDigests].some((name) => used.has(name))
      const seenAt = old?.seenAt ?? (isFirst ? -Infinity : now)
      return [id, { id, bytes: size, pinned, seenAt, usedAt: isUsed ? now : (old?.usedAt ?? now), isUsed }]
    }),
  )
}

type Ages = Pick<KubeletConfig, 'imageMinimumGCAge' | 'imageMaximumGCAge'>

/** Images that may go, those first that nobody has used for longest. */
export const removable = (records: ImageRecords, now: number, { imageMinimumGCAge }: Ages): readonly ImageRecord[] =>
  [...records.values()]
    .filter(({ isUsed, pinned, seenAt }) => !isUsed && !pinned && now - seenAt >= imageMinimumGCAge)
    .toSorted((a, b) => a.usedAt - b.usedAt || a.seenAt - b.seenAt)

/** Images that go for their age alone. */
export const outdated = (records: ImageRecords, now: number, { imageMaximumGCAge }: Ages): readonly ImageRecord[] =>
  imageMaximumGCAge === 0
    ? []
    : [...records.values()].filter(
        ({ isUsed, pinned, usedAt }) => !isUsed && !pinned && now - usedAt > imageMaximumGCAge,
      )

type Marks = Pick<KubeletConfig, 'imageGCHighThresholdPercent' | 'imageGCLowThresholdPercent'>

/** How many bytes of images have to go; 0 while the disk is not fuller than it may be. */
export function bytesToFree({ capacityBytes, availableBytes }: FilesystemFacts, marks: Marks): number {
  if (capacityBytes === 0) return 0
  const available = Math.min(availableBytes, capacityBytes)
  const usedPercent = 100 - Math.floor((available * 100) / capacityBytes)
  if (usedPercent < marks.imageGCHighThresholdPercent) return 0
  return Math.floor((capacityBytes * (100 - marks.imageGCLowThresholdPercent)) / 100) - available
}
