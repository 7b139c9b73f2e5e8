/** The kinds of volumes by the names of what makes them (https://kubernetes.io/docs/concepts/storage/volumes/). */

import type { Volume } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'

const PLUGINS = {
  emptyDir: 'kubernetes.io/empty-dir',
  hostPath: 'kubernetes.io/host-path',
  configMap: 'kubernetes.io/configmap',
  secret: 'kubernetes.io/secret',
  downwardAPI: 'kubernetes.io/downward-api',
  projected: 'kubernetes.io/projected',
  persistentVolumeClaim: 'kubernetes.io/local-volume',
  ephemeral: 'kubernetes.io/local-volume',
  image: 'kubernetes.io/image',
  csi: 'kubernetes.io/csi',
} as const satisfies { readonly [kind in keyof Volume]?: string }

/** E.g. `kubernetes.io/configmap`; `undefined`: nothing here makes such a volume. */
export const volumePlugin = (volume: DeepReadonly<Volume>): string | undefined =>
  Object.entries(PLUGINS).find(([kind]) => volume[kind as keyof typeof PLUGINS] !== undefined)?.[1]
