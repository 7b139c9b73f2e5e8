/** What volumes and claims say in a word. */

import type { KubeObject } from '../../../../meta/types.ts'
import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'

const SHORT: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
}

/** `RWO,RWX`, in the order of the specification. */
export function accessModesText(modes: readonly string[] | undefined): string {
  return Object.entries(SHORT)
    .filter(([mode]) => modes?.includes(mode) === true)
    .map(([, short]) => short)
    .join(',')
}

/** The storage class of a volume or a claim; an annotation was how it was said once. */
export function storageClassOf(object: DeepReadonly<KubeObject & { spec?: { storageClassName?: string } }>): string {
  return object.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? object.spec?.storageClassName ?? ''
}
