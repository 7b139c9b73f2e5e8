/**
 * The files of volumes whose contents come from the API: configMap, secret, downwardAPI, projected
 * (https://kubernetes.io/docs/concepts/storage/projected-volumes/).
 */

import type {
  ConfigMap,
  DownwardAPIVolumeFile,
  KeyToPath,
  Secret,
  ServiceAccountTokenProjection,
  Volume,
  VolumeProjection,
} from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { fieldValue, type NodeFacts, resourceValue } from '../environment/field-ref.ts'
import type { VolumeFile } from '../host/host.ts'
import { namesOf, type PodView, specOf } from '../pods/pod-view.ts'
import { MissingReference, type ObjectAt } from './referenced-objects.ts'

export interface PayloadSources {
  readonly configMap: (at: ObjectAt) => Promise<DeepReadonly<ConfigMap> | undefined>
  readonly secret: (at: ObjectAt) => Promise<DeepReadonly<Secret> | undefined>
  readonly token: (projection: DeepReadonly<ServiceAccountTokenProjection>) => Promise<string>
  readonly node: NodeFacts
}

type Files = Map<string, VolumeFile>

/** What one source gives: bytes by key. */
type Data = ReadonlyMap<string, Uint8Array>

const DEFAULT_MODE = 0o644

const text = (value: string): Uint8Array => Buffer.from(value, 'utf8')

/** Whether the kubelet writes this volume's files. */
export const hasPayload = (volume: DeepReadonly<Volume>): boolean =>
  volume.configMap !== undefined ||
  volume.secret !== undefined ||
  volume.downwardAPI !== undefined ||
  volume.projected !== undefined

/** The plugin's name, as it stands in the volume's path. */
export function pluginOf(volume: DeepReadonly<Volume>): string {
  if (volume.configMap !== undefined) return 'configmap'
  if (volume.secret !== undefined) return 'secret'
  return volume.downwardAPI === undefined ? 'projected' : 'downward-api'
}

/** The volume's files by path. Throws `MissingReference` when a source that is not optional is missing. */
export async function payloadOf(pod: PodView, volume: DeepReadonly<Volume>, sources: PayloadSources): Promise<Files> {
  const files: Files = new Map()
  if (volume.configMap !== undefined) {
    const { name = '', items, optional, defaultMode = DEFAULT_MODE } = volume.configMap
    await addConfigMap(files, pod, { name, items, optional, mode: defaultMode }, sources)
  } else if (volume.secret !== undefined) {
    const { secretName = '', items, optional, defaultMode = DEFAULT_MODE } = volume.secret
    await addSecret(files, pod, { name: secretName, items, optional, mode: defaultMode }, sources)
  } else if (volume.downwardAPI !== undefined) {
    const { items = [], defaultMode = DEFAULT_MODE } = volume.downwardAPI
    addDownward(files, pod, items, { mode: defaultMode, node: sources.node })
  } else {
    const { sources: projections = [], defaultMode = DEFAULT_MODE } = volume.projected ?? {}
    const missing: MissingReference[] = []
    for (const projection of projections ?? [])
      await addProjection(files, pod, { projection, mode: defaultMode }, sources).catch((error: unknown) => {
        if (!(error instanceof MissingReference)) throw error
        missing.push(error)
      })
    if (missing.length === 1) throw missing[0]
    if (missing.length > 1) throw new MissingReference(`[${missing.map(({ message }) => message).join(', ')}]`)
  }
  return files
}

interface FromObject {
  readonly name: string
  readonly items: readonly DeepReadonly<KeyToPath>[] | undefined
  readonly optional: boolean | undefined
  readonly mode: number
}

async function addConfigMap(files: Files, pod: PodView, from: FromObject, sources: PayloadSources): Promise<void> {
  const { namespace } = namesOf(pod)
  const found = await sources.configMap({ namespace, name: from.name })
  if (found === undefined && from.optional !== true) throw new MissingReference(`configmap "${from.name}" not found`)
  const data = new Map<string, Uint8Array>()
  for (const [key, value] of Object.entries(found?.data ?? {})) data.set(key, text(value))
  for (const [key, value] of Object.entries(found?.binaryData ?? {})) data.set(key, Buffer.from(value, 'base64'))
  addItems(files, data, { ...from, missing: 'configmap references non-existent config key' })
}

async function addSecret(files: Files, pod: PodView, from: FromObject, sources: PayloadSources): Promise<void> {
  const { namespace } = namesOf(pod)
  const found = await sources.secret({ namespace, name: from.name })
  if (found === undefined && from.optional !== true) throw new MissingReference(`secret "${from.name}" not found`)
  const data = new Map<string, Uint8Array>()
  for (const [key, value] of Object.entries(found?.data ?? {})) data.set(key, Buffer.from(value, 'base64'))
  addItems(files, data, { ...from, missing: 'references non-existent secret key' })
}

function addItems(
  files: Files,
  data: Data,
  { items, optional, mode, missing }: FromObject & { readonly missing: string },
): void {
  if (items === undefined || items.length === 0) {
    for (const [key, bytes] of data) files.set(key, { data: bytes, mode })
    return
  }
  for (const item of items) {
    const bytes = data.get(item.key)
    if (bytes !== undefined) files.set(cleanPath(item.path), { data: bytes, mode: item.mode ?? mode })
    else if (optional !== true) throw new MissingReference(`${missing}: ${item.key}`)
  }
}

function addDownward(
  files: Files,
  pod: PodView,
  items: readonly DeepReadonly<DownwardAPIVolumeFile>[],
  { mode, node }: { readonly mode: number; readonly node: NodeFacts },
): void {
  for (const item of items) {
    const value =
      item.fieldRef === undefined
        ? item.resourceFieldRef === undefined
          ? ''
          : resourceValue(pod, item.resourceFieldRef, undefined, node)
        : fieldValue(pod, item.fieldRef.fieldPath, node)
    files.set(cleanPath(item.path), { data: text(value), mode: item.mode ?? mode })
  }
}

async function addProjection(
  files: Files,
  pod: PodView,
  { projection, mode }: { readonly projection: DeepReadonly<VolumeProjection>; readonly mode: number },
  sources: PayloadSources,
): Promise<void> {
  if (projection.configMap !== undefined) {
    const { name = '', items, optional } = projection.configMap
    await addConfigMap(files, pod, { name, items, optional, mode }, sources)
  } else if (projection.secret !== undefined) {
    const { name = '', items, optional } = projection.secret
    await addSecret(files, pod, { name, items, optional, mode }, sources)
  } else if (projection.downwardAPI !== undefined) {
    addDownward(files, pod, projection.downwardAPI.items ?? [], { mode, node: sources.node })
  } else if (projection.serviceAccountToken !== undefined) {
    const token = await sources.token(projection.serviceAccountToken)
    files.set(cleanPath(projection.serviceAccountToken.path), { data: text(token), ...tokenOwnership(pod, mode) })
  } else {
    // One that says nothing projects nothing.
    const [source] = Object.keys(projection)
    if (source !== undefined) throw new Error(`this kubelet does not support ${source} in projected volumes`)
  }
}

/** A token is for one user where all containers run as the same one, for the Pod's group, or for whoever the mode says. */
function tokenOwnership(pod: PodView, mode: number): Pick<VolumeFile, 'mode' | 'uid'> {
  const { securityContext, containers, initContainers = [] } = specOf(pod)
  const users = new Set(
    [...initContainers, ...containers].map(
      (container) => container.securityContext?.runAsUser ?? securityContext?.runAsUser,
    ),
  )
  const [only] = users
  if (users.size === 1 && only !== undefined) return { mode: 0o600, uid: only }
  return { mode: securityContext?.fsGroup === undefined ? mode : 0o600 }
}

/** Validation keeps paths inside the volume; a second lock on the same door. */
function cleanPath(path: string): string {
  const steps = path.split('/').filter((step) => step !== '' && step !== '.')
  if (steps.length === 0 || steps.includes('..') || path.startsWith('/')) {
    throw new Error(`the path ${JSON.stringify(path)} leads out of its volume`)
  }
  return steps.join('/')
}
