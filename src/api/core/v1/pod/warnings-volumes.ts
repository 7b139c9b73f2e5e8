/** Volumes on their way out, and files of one volume that hide each other (https://kubernetes.io/docs/concepts/storage/volumes/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldPath } from '../../../../meta/field-path.ts'
import { goQuote } from '../../../../meta/go-quote.ts'
import type { Volume, VolumeProjection } from '../../../generated/core-v1.ts'
import { claimSpecWarnings } from '../persistentvolumeclaim/warnings.ts'

type ReadVolume = DeepReadonly<Volume>

const OLD_VOLUMES: ReadonlyMap<string, string> = new Map([
  ['photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
  ['scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'deprecated in v1.22, non-functional in v1.25+'],
  ['quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'deprecated in v1.28, non-functional in v1.31+'],
])
/** What a source is called, where that is not its name. */
const TOLD: Partial<Record<string, string>> = { storageos: 'storageOS' }

/** What is to be said of the volumes; `path` is that of their list. */
export function volumeWarnings(volumes: readonly ReadVolume[] | undefined, path: FieldPath): string[] {
  const list = volumes ?? []
  return [...list.flatMap((volume, at) => sourceWarnings(volume, path.index(at))), ...list.flatMap(overlapWarnings)]
}

function sourceWarnings(volume: ReadVolume, path: FieldPath): string[] {
  const warnings = Object.keys(volume)
    .filter((source) => OLD_VOLUMES.has(source))
    .map((source) => `${path.child(TOLD[source] ?? source).toString()}: ${OLD_VOLUMES.get(source)}`)
  const template = volume.ephemeral?.volumeClaimTemplate?.spec
  if (template === undefined) return warnings
  return [...warnings, ...claimSpecWarnings(template, path.child('ephemeral', 'volumeClaimTemplate', 'spec'))]
}

/** A file of a volume, and where it comes from, told where a volume has several sources. */
interface File {
  readonly path: string
  readonly source?: Source
}

/** A kind of source, and the name of the object it is, where it is one. */
interface Source {
  readonly kind: string
  readonly name?: string
}

type Items = readonly { readonly path: string }[] | undefined

const filesOf = (items: Items, source?: Source): readonly File[] =>
  source === undefined ? (items ?? []) : (items ?? []).map(({ path }) => ({ path, source }))

function overlapWarnings(volume: ReadVolume): string[] {
  const { name, configMap, secret, downwardAPI, projected } = volume
  const tell = (what: Source, files: readonly File[]) =>
    overlapsOf(files).map((overlap) => `volume ${goQuote(name)} (${told(what)}): overlapping paths: ${overlap}`)
  const warnings: string[] = []
  if (configMap !== undefined) warnings.push(...tell(configMapOf(configMap.name), filesOf(configMap.items)))
  if (secret !== undefined) warnings.push(...tell(secretOf(secret.secretName), filesOf(secret.items)))
  if (downwardAPI !== undefined) warnings.push(...tell(DOWNWARD_API, filesOf(downwardAPI.items)))
  if (projected === undefined) return warnings
  const sources = projected.sources ?? []
  const empty = sources.filter((source) => Object.keys(source).length === 0)
  return [
    ...warnings,
    ...empty.map(() => `volume ${goQuote(name)} (Projected) has no sources provided`),
    ...tell({ kind: 'Projected' }, sources.flatMap(filesOfSource)),
  ]
}

function filesOfSource({
  configMap,
  secret,
  downwardAPI,
  serviceAccountToken,
}: DeepReadonly<VolumeProjection>): readonly File[] {
  if (configMap !== undefined) return filesOf(configMap.items, configMapOf(configMap.name))
  if (secret !== undefined) return filesOf(secret.items, secretOf(secret.name))
  if (downwardAPI !== undefined) return filesOf(downwardAPI.items, DOWNWARD_API)
  return serviceAccountToken === undefined ? [] : filesOf([serviceAccountToken], { kind: 'ServiceAccountToken' })
}

const configMapOf = (name = ''): Source => ({ kind: 'ConfigMap', name })
const secretOf = (name = ''): Source => ({ kind: 'Secret', name })
const DOWNWARD_API: Source = { kind: 'DownwardAPI' }

const told = ({ kind, name }: Source) => (name === undefined ? kind : `${kind} ${goQuote(name)}`)

/** More files than these of one volume are not compared with each other. */
const ENOUGH_FILES = 1000

function overlapsOf(files: readonly File[]): string[] {
  if (files.length < 2) return []
  const seen: File[] = []
  const overlaps: string[] = []
  for (const { path, source } of files.slice(0, ENOUGH_FILES)) {
    const file = { path: path.replace(/\/+$/, ''), ...(source === undefined ? {} : { source }) }
    if (file.path !== '') {
      for (const other of seen)
        if (areOverlapping(file.path, other.path)) overlaps.push(`${shown(file)} with ${shown(other)}`)
    }
    seen.push(file)
  }
  return overlaps
}

const areOverlapping = (a: string, b: string) => a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`)

function shown({ path, source }: File): string {
  return source === undefined ? goQuote(path) : `${goQuote(path)} (${told(source)})`
}
