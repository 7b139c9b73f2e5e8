/**
 * Pods out of manifest files, as a kubelet runs them by itself
 * (https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/). Pure.
 */

import { createHash } from 'node:crypto'

import { defaultPod } from '../../api/core/v1/pod/defaults.ts'
import { containersOf } from '../../api/core/v1/pod/facts.ts'
import { validatePod } from '../../api/core/v1/pod/validate.ts'
import type { Pod, PodSpec } from '../../api/generated/core-v1.ts'
import { schemaOf } from '../../api/schemas.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { fieldPath } from '../../meta/field-path.ts'
import { validateObjectMeta } from '../../meta/object-meta.ts'
import { canonicalQuantity } from '../../meta/quantity.ts'
import { createDecoder } from '../../wire/decode/decode.ts'
import { readTypeMeta } from '../../wire/decode/texts.ts'
import { readYamlDocuments } from '../../wire/yaml/parse.ts'
import type { SourceKind } from './source.ts'

export const CONFIG_SOURCE = 'kubernetes.io/config.source'
export const CONFIG_HASH = 'kubernetes.io/config.hash'
export const CONFIG_SEEN = 'kubernetes.io/config.seen'
export const CONFIG_MIRROR = 'kubernetes.io/config.mirror'

/** Whether a kubelet runs this Pod out of a manifest. Its mirror in the API is not static. */
export const isStatic = ({ metadata: { annotations } }: Pick<DeepReadonly<Pod>, 'metadata'>): boolean =>
  SOURCES.has(annotations?.[CONFIG_SOURCE] ?? '') && annotations?.[CONFIG_MIRROR] === undefined

const SOURCES: ReadonlySet<string> = new Set<SourceKind>(['file', 'http'])

const decode = createDecoder({
  schemas: schemaOf,
  canonicalQuantity(text) {
    const canonical = canonicalQuantity(text)
    if (canonical === undefined) throw new Error(`${JSON.stringify(text)} is no quantity`)
    return canonical
  },
})

/** Where a manifest was found. */
export interface ManifestPlace {
  readonly node: string
  /** Its name, or the address that it came from. */
  readonly file: string
  readonly kind: SourceKind
}

/** The Pods of one file, YAML or JSON, made this node's. Throws with what is wrong when any of it is. */
export function readManifest(text: string, place: ManifestPlace): readonly Pod[] {
  return readYamlDocuments(text).flatMap((document) => {
    if (place.kind === 'file' || !isPodList(document)) return [readPod(document, place)]
    const items: unknown = document['items'] ?? []
    if (!Array.isArray(items)) throw new Error('items: has to be a list of Pods')
    return items.map((item: unknown) => readPod({ apiVersion: 'v1', kind: 'Pod', ...(item as object) }, place))
  })
}

/** An address may answer with several Pods at once. */
function isPodList(document: unknown): document is Readonly<Record<string, unknown>> {
  const meta = readTypeMeta(document)
  return !('why' in meta) && meta.apiVersion === 'v1' && meta.kind === 'PodList'
}

function readPod(document: unknown, { node, file, kind }: ManifestPlace): Pod {
  const meta = readTypeMeta(document)
  if ('why' in meta) throw new Error(meta.why)
  if (meta.apiVersion !== 'v1' || meta.kind !== 'Pod') {
    throw new Error(`a static Pod is of kind Pod, version v1, not of kind ${meta.kind}, version ${meta.apiVersion}`)
  }
  const { value } = decode(document, 'core/v1.Pod')
  const { metadata, spec = { containers: [] } } = value as unknown as Pod
  const uid = createHash('md5')
    .update(JSON.stringify([...(kind === 'file' ? [node] : []), file, metadata, spec]))
    .digest('hex')
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${metadata?.name ?? ''}-${node}`,
      namespace: metadata?.namespace ?? 'default',
      uid,
      ...(metadata?.labels !== undefined && { labels: metadata.labels }),
      annotations: { ...metadata?.annotations, [CONFIG_HASH]: uid, [CONFIG_SOURCE]: kind },
    },
    spec: {
      ...spec,
      nodeName: node,
      // A taint must not end what only the manifest's removal ends.
      ...(kind === 'file' && {
        tolerations: [...(spec.tolerations ?? []), { operator: 'Exists', effect: 'NoExecute' }],
      }),
    },
    status: { phase: 'Pending' },
  }
  defaultPod(pod)
  const reference = apiReference(pod.spec)
  if (reference !== undefined) throw new Error(`cannot reference ${reference} in static pods`)
  const faults = [...validateObjectMeta(pod.metadata, { namespaced: true }), ...validatePod(pod, fieldPath())]
  if (faults.length > 0) {
    throw new Error(faults.map(({ field, message }) => `${field}: ${message}`).join(', '))
  }
  return pod
}

/** What of the API the spec refers to: a kubelet without an API server could not run such a Pod. */
function apiReference(spec: PodSpec | undefined): string | undefined {
  if (spec === undefined) return undefined
  if ((spec.serviceAccountName ?? '') !== '') return 'serviceaccounts'
  if ((spec.imagePullSecrets ?? []).length > 0) return 'secrets'
  for (const { configMap, secret, persistentVolumeClaim, ephemeral, projected } of spec.volumes ?? []) {
    const sources = projected?.sources ?? []
    if (configMap !== undefined || sources.some((source) => source.configMap !== undefined)) return 'configmaps'
    if (secret !== undefined || sources.some((source) => source.secret !== undefined)) return 'secrets'
    if (sources.some((source) => source.serviceAccountToken !== undefined)) return 'serviceaccounts'
    if (sources.some((source) => source.clusterTrustBundle !== undefined)) return 'clustertrustbundles'
    if (persistentVolumeClaim !== undefined || ephemeral !== undefined) return 'persistentvolumeclaims'
  }
  for (const { env = [], envFrom = [] } of containersOf(spec)) {
    if (envFrom.some(({ configMapRef }) => configMapRef !== undefined)) return 'configmaps'
    if (envFrom.some(({ secretRef }) => secretRef !== undefined)) return 'secrets'
    if (env.some(({ valueFrom }) => valueFrom?.configMapKeyRef !== undefined)) return 'configmaps'
    if (env.some(({ valueFrom }) => valueFrom?.secretKeyRef !== undefined)) return 'secrets'
  }
  return undefined
}
