/** Prefers nodes that have the Pod's images, more so the larger they are and the more nodes have them. */

import type { SchedulerPlugin } from '../../framework/plugin.ts'
import { cycleKey } from '../../framework/cycle.ts'
import { fits, skip } from '../../framework/verdict.ts'

const MIB = 1024 * 1024
/** Below this an image is no reason; each container may count up to the larger bound. */
const MIN_BYTES = 23 * MIB
const MAX_BYTES_PER_CONTAINER = 1000 * MIB

interface Wanted {
  /** Every image that some nodes have, once for each container that runs it, with the share of nodes that have it. */
  readonly images: readonly { readonly name: string; readonly share: number }[]
  readonly most: number
}

const wantedImages = cycleKey<Wanted>('ImageLocality')

export const imageLocality: SchedulerPlugin = {
  name: 'ImageLocality',
  scoresAreFinal: true,

  preScore(cycle, { pod: { spec } }, _nodes, snapshot) {
    const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]
    const volumes = (spec?.volumes ?? []).flatMap(({ image }) => image?.reference ?? [])
    const names = [...containers.flatMap(({ image }) => image ?? []), ...volumes].map(normalizedImage)
    const images = names.flatMap((name) => {
      const holders = snapshot.imageHolders(name)
      return holders === 0 ? [] : [{ name, share: holders / snapshot.nodes.length }]
    })
    if (images.length === 0) return skip
    cycle.set(wantedImages, { images, most: MAX_BYTES_PER_CONTAINER * containers.length })
    return fits
  },

  score(cycle, _pod, node) {
    const wanted = cycle.get(wantedImages)
    if (wanted === undefined) return 0
    let sum = 0
    for (const { name, share } of wanted.images) sum += Math.floor((node.images.get(name) ?? 0) * share)
    const bounded = Math.min(Math.max(sum, MIN_BYTES), wanted.most)
    return Math.floor((100 * (bounded - MIN_BYTES)) / (wanted.most - MIN_BYTES))
  },
}

/** The name with the tag a node reports it under. */
function normalizedImage(image: string): string {
  return image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image
}
