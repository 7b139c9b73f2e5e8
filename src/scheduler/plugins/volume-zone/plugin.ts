/** A Pod goes to the zone and region its volumes are labelled with (https://kubernetes.io/docs/setup/best-practices/multiple-zones/#storage-access-for-zones). */

import { cycleKey } from '../../framework/cycle.ts'
import type { SchedulerPlugin } from '../../framework/plugin.ts'
import { claimsOf, type VolumeListers } from '../../framework/pod-claims.ts'
import { fits, rejected, skip } from '../../framework/verdict.ts'

/** The label on volumes, and the older or newer name that nodes may carry instead. */
const LABELS: Readonly<Record<string, string>> = {
  'topology.kubernetes.io/zone': 'failure-domain.beta.kubernetes.io/zone',
  'topology.kubernetes.io/region': 'failure-domain.beta.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
}
/** A volume in several zones names them all in one label. */
const BETWEEN_ZONES = '__'

interface Place {
  readonly label: string
  readonly values: ReadonlySet<string>
}

const places = cycleKey<readonly Place[]>('VolumeZone')

export function volumeZone({ claims, volumes }: Pick<VolumeListers, 'claims' | 'volumes'>): SchedulerPlugin {
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

    preFilter(cycle, pod) {
      const found = claimsOf(pod, claims).flatMap(({ claim }) => {
        const labels = volumes.get(claim?.spec?.volumeName ?? '')?.metadata.labels ?? {}
        return Object.keys(LABELS).flatMap((label): Place[] => {
          const value = labels[label]
          return value === undefined ? [] : [{ label, values: new Set(value.split(BETWEEN_ZONES)) }]
        })
      })
      if (found.length === 0) return { verdict: skip }
      cycle.set(places, found)
      return { verdict: fits }
    },

    filter(cycle, _pod, { labels }) {
      const isThere = ({ label, values }: Place) => values.has(labels[label] ?? labels[LABELS[label] ?? ''] ?? '')
      if ((cycle.get(places) ?? []).every(isThere)) return fits
      return rejected('node(s) had no available volume zone', { evictionMayHelp: false })
    },
  }
}
