/** The parts of the OCI image format that the store reads and writes. https://github.com/opencontainers/image-spec */

export const MEDIA = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
  gzipLayer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
} as const

export interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly annotations?: Readonly<Record<string, string>>
  readonly platform?: { readonly architecture: string; readonly os: string; readonly variant?: string }
}

export interface Manifest {
  readonly schemaVersion: 2
  readonly mediaType?: string
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
}

export interface Index {
  readonly schemaVersion: 2
  readonly mediaType?: string
  readonly manifests: readonly Descriptor[]
}

/** What containers of the image start with, and the uncompressed digests of its layers. */
export interface ImageConfig {
  readonly architecture: string
  readonly os: string
  readonly created?: string
  readonly config?: {
    readonly Env?: readonly string[]
    readonly Entrypoint?: readonly string[]
    readonly Cmd?: readonly string[]
    readonly WorkingDir?: string
    readonly User?: string
    readonly ExposedPorts?: Readonly<Record<string, object>>
  }
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly string[] }
  readonly history?: readonly { readonly created_by?: string }[]
}

/** The name of an image in an index. */
export const NAME_ANNOTATION = 'io.containerd.image.name'
export const REF_ANNOTATION = 'org.opencontainers.image.ref.name'

/** This machine's processor, in the words of OCI. */
export function architecture(machine: string = process.arch): string {
  return { x64: 'amd64', ia32: '386', arm: 'arm', arm64: 'arm64' }[machine as 'x64'] ?? machine
}

export const isIndex = (value: Manifest | Index): value is Index => 'manifests' in value
