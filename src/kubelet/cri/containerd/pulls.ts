/**
 * How far containerd is with the images it fetches. CRI does not tell; containerd's own content service knows every
 * download under way and what it belongs to. https://github.com/containerd/containerd/blob/main/docs/content-flow.md
 */

import type { Clock } from '../../../base/clock.ts'
import { message, messages, text } from '../../grpc/read.ts'
import { CRI } from './cri-messages.ts'
import { type GrpcChannel, openGrpcChannel } from '../../grpc/channel.ts'
import type { Plain } from '../../grpc/protocol.ts'

/** An image on its way. */
export interface Pull {
  /** `registry/repository`, the registry without its port; empty while not even its manifest is there. */
  readonly image: string
  readonly doneBytes: number
  /** What there is to fetch in all. */
  readonly totalBytes: number
  /** When the last byte came, in milliseconds since 1970. */
  readonly updatedAt: number
}

/** One download that containerd has under way. */
export interface Download {
  readonly digest: string
  readonly doneBytes: number
  readonly totalBytes: number
  readonly updatedAt: number
}

/** An image whose manifest is there, and the blobs it names. */
export interface FetchedManifest {
  readonly image: string
  readonly blobs: readonly { readonly digest: string; readonly size: number }[]
}

/** Watches over the downloads of one containerd. */
export interface PullWatcher {
  pulls(signal: AbortSignal): Promise<readonly Pull[]>
  close(): void
}

/** The namespace in which containerd keeps what CRI made. */
const HEADERS = { 'containerd-namespace': 'k8s.io' }
const TIMEOUT_MS = 5_000
/** A manifest names some tens of layers; more than this is none. */
const MAX_MANIFEST_BYTES = 4 << 20
/** containerd keeps what is left of a broken-off download for a day. */
const ABANDONED_MS = 300_000

const SERVICE = '/containerd.services.content.v1.Content'
const STATUSES = {
  path: `${SERVICE}/ListStatuses`,
  request: 'ListStatusesRequest',
  response: 'ListStatusesResponse',
}
const LIST = { path: `${SERVICE}/List`, request: 'ListContentRequest', response: 'ListContentResponse' }
const READ = { path: `${SERVICE}/Read`, request: 'ReadContentRequest', response: 'ReadContentResponse' }

/** Asks the containerd behind `socketPath`. Building it does no I/O. */
export function watchPulls(socketPath: string, clock: Clock): PullWatcher {
  const channel = openGrpcChannel({ socketPath, clock, protocol: CRI })
  return { pulls: (signal) => pullsOf(channel, clock, signal), close: () => channel.close() }
}

async function pullsOf(channel: GrpcChannel, clock: Clock, signal: AbortSignal): Promise<readonly Pull[]> {
  const options = { signal, timeoutMs: TIMEOUT_MS, headers: HEADERS }
  const { statuses } = await channel.unary(STATUSES, {}, options)
  const downloads = messages(statuses)
    .map(downloadOf)
    .filter(({ updatedAt }) => clock.now() - updatedAt < ABANDONED_MS)
  if (downloads.length === 0) return []
  const contents: Content[] = []
  for await (const answer of channel.stream(LIST, {}, options))
    for (const info of messages(answer['info'])) contents.push(contentOf(info))
  const there = new Map(contents.map(({ digest, size }) => [digest, size]))
  const manifests: FetchedManifest[] = []
  for (const { digest, labels } of unfinished(contents))
    manifests.push({ image: imageOf(labels), blobs: await blobsOf(channel, digest, signal) })
  return joinPulls(downloads, manifests, there)
}

/** Sums up what is there and what comes, an entry an image; what belongs to no image yet is one entry without a name. */
export function joinPulls(
  downloads: readonly Download[],
  manifests: readonly FetchedManifest[],
  there: ReadonlyMap<string, number>,
): readonly Pull[] {
  const coming = new Map(downloads.map((download) => [download.digest, download]))
  const known = new Set(manifests.flatMap(({ blobs }) => blobs.map(({ digest }) => digest)))
  const wanting = manifests.filter(({ blobs }) => blobs.some(({ digest }) => coming.has(digest)))
  const pulls = wanting.map(({ image, blobs }): Pull => {
    const done = blobs.map(({ digest }) => there.get(digest) ?? coming.get(digest)?.doneBytes ?? 0)
    return {
      image,
      doneBytes: sum(done),
      totalBytes: sum(blobs.map(({ size }) => size)),
      updatedAt: latest(blobs.flatMap(({ digest }) => coming.get(digest) ?? [])),
    }
  })
  const rest = downloads.filter(({ digest }) => !known.has(digest))
  if (rest.length > 0)
    pulls.push({
      image: '',
      doneBytes: sum(rest.map(({ doneBytes }) => doneBytes)),
      totalBytes: sum(rest.map(({ totalBytes }) => totalBytes)),
      updatedAt: latest(rest),
    })
  return pulls
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)
const latest = (downloads: readonly Download[]): number => Math.max(0, ...downloads.map(({ updatedAt }) => updatedAt))

interface Content {
  readonly digest: string
  readonly size: number
  readonly labels: Readonly<Record<string, string>>
}

const contentOf = (info: Plain): Content => ({
  digest: text(info['digest']),
  size: Number(info['size']),
  labels: (message(info['labels']) ?? {}) as Content['labels'],
})

/** How containerd marks a manifest with its configuration, a configuration with what it was unpacked to, and both with their origin. */
const CONFIG_LABEL = 'containerd.io/gc.ref.content.config'
const UNPACKED_LABEL = 'containerd.io/gc.ref.snapshot.'
const SOURCE_LABEL = 'containerd.io/distribution.source.'

/** The manifests of images that have not been unpacked: small ones, for they are read whole. */
function unfinished(contents: readonly Content[]): readonly Content[] {
  const isUnpacked = ({ labels }: Content) => Object.keys(labels).some((name) => name.startsWith(UNPACKED_LABEL))
  const unpacked = new Set(contents.filter(isUnpacked).map(({ digest }) => digest))
  return contents.filter(({ labels, size }) => {
    const config = labels[CONFIG_LABEL]
    return config !== undefined && !unpacked.has(config) && size <= MAX_MANIFEST_BYTES
  })
}

function imageOf(labels: Readonly<Record<string, string>>): string {
  const source = Object.entries(labels).find(([name]) => name.startsWith(SOURCE_LABEL))
  // Several repositories that share a blob stand in one label.
  return source === undefined ? '' : `${source[0].slice(SOURCE_LABEL.length)}/${source[1].split(',')[0] ?? ''}`
}

/** A download is known by a name such as `layer-sha256:…`. */
function downloadOf(status: Plain): Download {
  const updated = message(status['updatedAt'])
  return {
    digest: text(status['expected']) || text(status['ref']).replace(/^[a-z]+-(?=sha)/, ''),
    doneBytes: Number(status['offset']),
    totalBytes: Number(status['total']),
    updatedAt: Number(updated?.['seconds'] ?? 0) * 1000 + Number(updated?.['nanos'] ?? 0) / 1e6,
  }
}

async function blobsOf(channel: GrpcChannel, digest: string, signal: AbortSignal): Promise<FetchedManifest['blobs']> {
  const parts: Uint8Array[] = []
  const options = { signal, timeoutMs: TIMEOUT_MS, headers: HEADERS }
  for await (const answer of channel.stream(READ, { digest }, options)) {
    const data = answer['data']
    if (data instanceof Uint8Array) parts.push(data)
  }
  return blobsInManifest(Buffer.concat(parts).toString('utf8'))
}

/** The configuration and the layers that a manifest names; none when it is not one. */
export function blobsInManifest(json: string): FetchedManifest['blobs'] {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return []
  }
  const manifest = message(value)
  return [message(manifest?.['config']), ...messages(manifest?.['layers'])].flatMap((descriptor) => {
    const [digest, size] = [text(descriptor?.['digest']), Number(descriptor?.['size'])]
    return digest !== '' && Number.isSafeInteger(size) && size >= 0 ? [{ digest, size }] : []
  })
}
