/** Prefers nodes that have the Pod's images, more so the larger they are and the more nodes have them. */

import type { SchedulerPlugin } from '../../framework/plugin.ts'
import { cycleKey } from '../../framework/cycle.ts'

const MIB = 1024 * 1024
/** Below this an image is no reason; each container may count up to the larger bound. */
const MIN_BYTES = 23 * MIB
const MAX_BYTES_PER_CONTAINER = 1000 * MIB

/** For each image of the Pod, the share of nodes that have it. */
const spreads = cycleKey<ReadonlyMap<string, number>>('ImageLocality')

export const imageLocality: SchedulerPlugin = {
  name: 'ImageLocality',
  scoresAreFinal: true,

  preScore(cycle, { pod }, nodes) {
    const images = new Set(imagesOf(pod.spec).map(normalizedImage))
    cycle.set(
      spreads,
      new Map(
        [...images].map((image) => [image, nodes.filter((node) => node.images.has(image)).length / nodes.length]),
      ),
    )
  },

  score(cycle, { pod }, node) {
    const images = imagesOf(pod.spec).map(normalizedImage)
    const sum = images.reduce(
      (total, image) => total + (node.images.get(image) ?? 0) * (cycle.get(spreads)?.get(image) ?? 0),
      0,
    )
    const most = MAX_BYTES_PER_CONTAINER * images.length
    const bounded = Math.min(Math.max(sum, MIN_BYTES), most)
    return Math.floor((100 * (bounded - MIN_BYTES)) / (most - MIN_BYTES))
  },
}

type Images = {
  readonly containers?: readonly { readonly image?: string }[]
  readonly initContainers?: readonly { readonly image?: string }[]
}

function imagesOf(spec: Images | undefined): string[] {
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].flatMap(({ image }) =>
    image === undefined ? [] : [image],
  )
}

/** The name with the tag a node reports it under. */
function normalizedImage(image: string): string {
  return image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image
}
