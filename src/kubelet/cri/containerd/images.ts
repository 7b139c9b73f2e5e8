/** The runtime's images. */

import type { GrpcChannel } from '../../grpc/channel.ts'
import { message, messages, text } from '../../grpc/read.ts'
import type { ImageService } from '../runtime.ts'
import { callsOf, NO_LIMIT } from './calls.ts'
import { filesystemUsageOf, imageOf } from './convert.ts'
import { imageViews } from './image-views.ts'
import { sandboxConfigOnWire } from './on-wire.ts'

export function imagesOver(channel: GrpcChannel): ImageService {
  const call = callsOf(channel, 'ImageService')
  return {
    async listImages(signal) {
      const answer = await call(['ListImages', 'ListImagesRequest', 'ListImagesResponse'], {}, signal)
      return messages(answer['images']).map(imageOf)
    },
    async imageStatus(image, signal) {
      const answer = await call(['ImageStatus', 'ImageRequest', 'ImageStatusResponse'], { image }, signal)
      const found = message(answer['image'])
      return found === undefined ? undefined : imageOf(found)
    },
    async pullImage({ image, auth, sandboxConfig }, signal) {
      const request = {
        image,
        auth,
        sandboxConfig: sandboxConfig === undefined ? undefined : sandboxConfigOnWire(sandboxConfig),
      }
      const answer = await call(['PullImage', 'PullImageRequest', 'PullImageResponse'], request, signal, NO_LIMIT)
      return text(answer['imageRef'])
    },
    async removeImage(image, signal) {
      await call(['RemoveImage', 'ImageRequest', 'Empty'], { image }, signal)
    },
    views: imageViews(channel),
    async imageFsInfo(signal) {
      const answer = await call(['ImageFsInfo', 'Empty', 'ImageFsInfoResponse'], {}, signal)
      return messages(answer['imageFilesystems']).map(filesystemUsageOf)
    },
  }
}
