/** Where manifests of static Pods come from. */

/** How Pods say where they came from: out of a folder, or from an address. */
export type SourceKind = 'file' | 'http'

/** A folder of manifests, a URL that answers with some, or what stands for one of them. */
export interface ManifestSource {
  readonly kind: SourceKind
  /** However well changes are told, it is read this often. */
  readonly everyMs: number
  /** The text of every manifest by the name of its file, or its address. Throws when it cannot be read. */
  read(signal: AbortSignal): Promise<ReadonlyMap<string, string>>
  /** Calls `changed` whenever something may have changed, until the returned function is called. */
  watch(changed: () => void): () => void
}
