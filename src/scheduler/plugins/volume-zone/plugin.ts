/** A Pod goes to the zone and region its volumes are labelled with (https://kubernetes.io/docs/setup/best-practices/multiple-zones/#storage-access-for-zones). */

import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../../api/generated/core-v1.ts'
import type { StorageClass } from '../../../api/generated/storage-v1.ts'
import { deepEqual } from '../../../meta/validation.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { cycleKey } from '../../framework/cycle.ts'
import type { SchedulerPlugin } from '../../framework/plugin.ts'
import { claimNamesOf, type VolumeListers } from '../../framework/pod-claims.ts'
import { fits, rejected, skip } from '../../framework/verdict.ts'

/** Labels of older volumes, and what nodes carry today. */
const TODAY: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
}
const LABELS = [...Object.keys(TODAY), ...Object.values(TODAY)]
/** A volume in several zones names them all in one label. */
const BETWEEN_ZONES = '__'

interface Place {
  readonly label: string
  readonly values: ReadonlySet<string>
}

const places = cycleKey<readonly Place[]>('VolumeZone')

export function volumeZone(listers: Pick<VolumeListers, 'claims' | 'volumes' | 'classes'>): SchedulerPlugin {
  return {
    name: 'VolumeZone',
    wakeOn: [
      'Node/add',
      'Node/labels',
      'PersistentVolumeClaim/add',
      'PersistentVolumeClaim/update',
      'PersistentVolume/add',
      'PersistentVolume/update',
      'StorageClass/add',
    ],

    mayHelp(event, pod, { old, now }) {
      if (event === 'PersistentVolumeClaim/add' || event === 'PersistentVolumeClaim/update')
        return isNamed(pod, now as DeepReadonly<PersistentVolumeClaim>)
      if (event === 'PersistentVolume/update')
        return !deepEqual(
          placesOf(old as DeepReadonly<PersistentVolume>).map(textOf),
          placesOf(now as DeepReadonly<PersistentVolume>).map(textOf),
        )
      if (event === 'StorageClass/add')
        return (now as DeepReadonly<StorageClass>).volumeBindingMode === 'WaitForFirstConsumer'
      return true
    },

    preFilter(cycle, pod) {
      const found: Place[] = []
      for (const name of pod.claims) {
        const volume = volumeOf(`${pod.pod.metadata.namespace ?? ''}/${name}`, listers)
        if (typeof volume === 'string') return { verdict: rejected(volume, { evictionMayHelp: false }) }
        if (volume !== undefined) found.push(...placesOf(volume))
      }
      if (found.length === 0) return { verdict: skip }
      cycle.set(places, found)
      return { verdict: fits }
    },

    filter(cycle, _pod, { labels }) {
      // A cluster in one place need not label its nodes.
      if (LABELS.every((label) => labels[label] === undefined)) return fits
      const isThere = ({ label, values }: Place) => values.has(labels[label] ?? labels[TODAY[label] ?? ''] ?? '')
      if ((cycle.get(places) ?? []).every(isThere)) return fits
      return rejected('node(s) had no available volume zone', { evictionMayHelp: false })
    },
  }
}

const textOf = ({ label, values }: Place): string => `${label}=${[...values].join()}`

const isNamed = (pod: DeepReadonly<Pod>, { metadata }: DeepReadonly<PersistentVolumeClaim>): boolean =>
  metadata.namespace === pod.metadata.namespace && claimNamesOf(pod).includes(metadata.name ?? '')

const placesOf = ({ metadata: { labels = {} } }: DeepReadonly<PersistentVolume>): Place[] =>
  LABELS.flatMap((label) => {
    const value = labels[label]
    if (value === undefined) return []
    const values = value.split(BETWEEN_ZONES)
    // A label with an empty place in it says nothing that can be relied on.
    return values.includes('') ? [] : [{ label, values: new Set(values.map((zone) => zone.trim())) }]
  })

/** The volume of a claim; undefined while one is yet to be found for the Pod; else why that cannot be told. */
function volumeOf(
  key: string,
  { claims, volumes, classes }: Pick<VolumeListers, 'claims' | 'volumes' | 'classes'>,
): DeepReadonly<PersistentVolume> | string | undefined {
  const claim = claims.get(key)
  if (claim === undefined) return `persistentvolumeclaim "${key.slice(key.indexOf('/') + 1)}" not found`
  const name = claim.spec?.volumeName ?? ''
  if (name !== '') return volumes.get(name) ?? `persistentvolume "${name}" not found`
  const className = claim.spec?.storageClassName ?? ''
  if (className === '') return 'PersistentVolumeClaim had no pv name and storageClass name'
  const storageClass = classes.get(className)
  if (storageClass === undefined) return `storageclass.storage.k8s.io "${className}" not found`
  if (storageClass.volumeBindingMode === undefined) return `VolumeBindingMode not set for StorageClass "${className}"`
  return storageClass.volumeBindingMode === 'WaitForFirstConsumer' ? undefined : 'PersistentVolume had no name'
}
