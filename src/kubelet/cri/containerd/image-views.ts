/**
 * Images' files out of containerd's snapshots, for volumes: CRI can mount images by itself only since containerd 2.1
 * (https://github.com/containerd/containerd/blob/main/docs/snapshotters/README.md).
 */

import { type ImageMount, type ImageViews, isRuntimeNotFound, RuntimeError } from '../runtime.ts'
import { message, messages, text, texts } from '../../grpc/read.ts'
import type { GrpcChannel } from '../../grpc/channel.ts'

/** The namespace in which containerd keeps what CRI made. */
export const CONTAINERD_HEADERS = { 'containerd-namespace': 'k8s.io' }
/** Keeps the garbage collector away, and with the view all that it stands on. */
const KEEP = 'containerd.io/gc.root'
const TIMEOUT_MS = 120_000

export function imageViews(channel: GrpcChannel): ImageViews {
  let asked: Promise<string> | undefined
  const snapshotter = (signal: AbortSignal) =>
    (asked ??= snapshotterOf(channel, signal).catch((error: unknown) => {
      asked = undefined
      throw error
    }))
  const call = (method: string, messageNames: readonly [string, string], request: object, signal: AbortSignal) =>
    channel.unary(
      {
        path: `/containerd.services.snapshots.v1.Snapshots/${method}`,
        request: messageNames[0],
        response: messageNames[1],
      },
      request,
      { signal, timeoutMs: TIMEOUT_MS, headers: CONTAINERD_HEADERS },
    )

  return {
    async open(image, name, signal) {
      const at = { snapshotter: await snapshotter(signal), key: keyOf(name) }
      const request = { ...at, parent: await chainOf(channel, image, signal), labels: { [KEEP]: name } }
      try {
        return mountOf(await call('View', ['ViewSnapshotRequest', 'SnapshotMountsResponse'], request, signal))
      } catch (error) {
        if (!(error instanceof RuntimeError) || error.code !== 'AlreadyExists') throw error
        return mountOf(await call('Mounts', ['SnapshotRequest', 'SnapshotMountsResponse'], at, signal))
      }
    },
    async close(name, signal) {
      try {
        await call(
          'Remove',
          ['SnapshotRequest', 'Empty'],
          { snapshotter: await snapshotter(signal), key: keyOf(name) },
          signal,
        )
      } catch (error) {
        if (!isRuntimeNotFound(error)) throw error
      }
    },
  }
}

const keyOf = (name: string) => `gorae-volume-${name}`

function mountOf(answer: Readonly<Record<string, unknown>>): ImageMount {
  const [mount, ...more] = messages(answer['mounts'])
  if (mount === undefined || more.length > 0) throw new Error('the runtime did not say how to mount the image')
  return { type: text(mount['type']), source: text(mount['source']), options: texts(mount['options']) }
}

/** What the layers of the image, one upon the other, are called. */
async function chainOf(channel: GrpcChannel, image: string, signal: AbortSignal): Promise<string> {
  const names = {
    path: '/runtime.v1.ImageService/ImageStatus',
    request: 'ImageStatusRequest',
    response: 'ImageStatusResponse',
  }
  const request = { image: { image }, verbose: true }
  const { chainID } = infoOf(await channel.unary(names, request, { signal, timeoutMs: TIMEOUT_MS }), 'info')
  if (typeof chainID !== 'string') throw new Error(`the runtime does not say what image "${image}" consists of`)
  return chainID
}

async function snapshotterOf(channel: GrpcChannel, signal: AbortSignal): Promise<string> {
  const names = { path: '/runtime.v1.RuntimeService/Status', request: 'StatusRequest', response: 'StatusResponse' }
  const answer = await channel.unary(names, { verbose: true }, { signal, timeoutMs: TIMEOUT_MS })
  const { containerd } = infoOf(answer, 'config')
  const name = isObject(containerd) ? containerd['snapshotter'] : undefined
  return typeof name === 'string' && name !== '' ? name : 'overlayfs'
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** What a verbose answer says under `key`, as JSON. */
function infoOf(answer: Readonly<Record<string, unknown>>, key: string): Readonly<Record<string, unknown>> {
  const told = message(answer['info'])?.[key]
  const value: unknown = typeof told === 'string' ? JSON.parse(told) : undefined
  return isObject(value) ? value : {}
}
