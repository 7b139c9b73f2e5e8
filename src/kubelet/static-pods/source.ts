/** Where manifests of static Pods come from. */

/** A folder of manifests, or what stands for one. */
export interface ManifestSource {
  /** The text of every manifest by file name. Throws when the folder cannot be read. */
  read(): Promise<ReadonlyMap<string, string>>
  /** Calls `changed` whenever something may have changed, until the returned function is called. */
  watch(changed: () => void): () => void
}
