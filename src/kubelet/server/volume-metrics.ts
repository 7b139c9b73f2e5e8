/** Volumes that stand, and what claims hold (https://kubernetes.io/docs/reference/instrumentation/metrics/). Pure. */

import type { Family } from '../../base/metrics/text.ts'
import { specOf } from '../pods/pod-view.ts'
import type { VolumeSnapshot } from '../usage/volume-use.ts'
import { volumePlugin } from '../volumes/plugins.ts'
import type { CountedPod } from './kubelet-api.ts'
import { count } from './pod-metrics.ts'

type Figure = readonly [name: string, help: string, value: (volume: VolumeSnapshot) => number]

const FIGURES: readonly Figure[] = [
  ['capacity_bytes', 'Capacity in bytes of the volume', ({ disk }) => disk.capacityBytes],
  ['available_bytes', 'Number of available bytes in the volume', ({ disk }) => disk.availableBytes],
  ['used_bytes', 'Number of used bytes in the volume', ({ bytes }) => bytes],
  ['inodes', 'Maximum number of inodes in the volume', ({ disk }) => disk.inodes],
  ['inodes_free', 'Number of free inodes in the volume', ({ disk }) => disk.inodesFree],
  ['inodes_used', 'Number of used inodes in the volume', ({ inodes }) => inodes],
]

export function volumeFamilies(pods: readonly CountedPod[], claimed: readonly VolumeSnapshot[]): readonly Family[] {
  const volumes = pods
    .filter(({ phase }) => phase !== 'terminated')
    .flatMap(({ pod, made }) =>
      (specOf(pod).volumes ?? []).flatMap((volume) => {
        const plugin = volumePlugin(volume)
        return plugin === undefined ? [] : [{ plugin, stands: made.has(volume.name) }]
      }),
    )
  const inState = (state: string, some: typeof volumes) => count(some, ({ plugin }) => ({ plugin_name: plugin, state }))
  // Who shares a claim tells the same of it.
  const claims = new Map(
    claimed.flatMap((volume) =>
      volume.claim === undefined ? [] : [[`${volume.claim.namespace}/${volume.claim.name}`, volume] as const],
    ),
  )
  return [
    {
      name: 'volume_manager_total_volumes',
      help: 'Number of volumes in Volume Manager',
      type: 'gauge',
      samples: [
        ...inState(
          'actual_state_of_world',
          volumes.filter(({ stands }) => stands),
        ),
        ...inState('desired_state_of_world', volumes),
      ],
    },
    ...FIGURES.map(([name, help, value]): Family => ({
      name: `kubelet_volume_stats_${name}`,
      help,
      type: 'gauge',
      samples: [...claims.values()].map((volume) => ({
        labels: {
          namespace: volume.claim?.namespace ?? '',
          persistentvolumeclaim: volume.claim?.name ?? '',
        },
        value: value(volume),
      })),
    })),
  ]
}
