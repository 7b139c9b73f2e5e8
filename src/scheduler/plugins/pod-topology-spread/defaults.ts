/**
 * The constraints of Pods that have none of their own, and the siblings they are about
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/#cluster-level-default-constraints).
 */

import type { Pod, ReplicationController, Service, TopologySpreadConstraint } from '../../../api/generated/core-v1.ts'
import type { ReplicaSet, StatefulSet } from '../../../api/generated/apps-v1.ts'
import type { Lister } from '../../../client/informer.ts'
import type { PluginArgs } from '../../config/types.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import type { LabelSelector } from '../../../meta/types.ts'

/** Who may speak for a Pod. */
export interface OwnerListers {
  readonly services: Lister<Service>
  readonly replicationControllers: Lister<ReplicationController>
  readonly replicaSets: Lister<ReplicaSet>
  readonly statefulSets: Lister<StatefulSet>
}

export interface DefaultConstraints {
  readonly constraints: readonly DeepReadonly<TopologySpreadConstraint>[]
  /** They are the system's: nodes without one of the labels are not left out. */
  readonly isSystem: boolean
}

const SYSTEM: readonly TopologySpreadConstraint[] = [
  { topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 3 },
  { topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 5 },
]

/** What the plugin's arguments make the default. */
export function defaultsOf({
  defaultingType,
  defaultConstraints,
}: PluginArgs['PodTopologySpread']): DefaultConstraints {
  const isSystem = defaultingType === 'System'
  return { constraints: isSystem ? SYSTEM : defaultConstraints, isSystem }
}

/** Picks the Pods that belong to the same Services and the same controller; undefined where nobody speaks for the Pod. */
export function siblingSelector(
  { metadata }: DeepReadonly<Pod>,
  { services, ...owners }: OwnerListers,
): DeepReadonly<LabelSelector> | undefined {
  const { namespace = '', labels = {} } = metadata
  let matchLabels: Record<string, string> = {}
  for (const { spec } of services.list(namespace)) {
    const selector = Object.entries(spec?.selector ?? {})
    if (selector.length > 0 && selector.every(([key, value]) => labels[key] === value))
      matchLabels = { ...matchLabels, ...spec?.selector }
  }
  const own = controllerSelector(metadata, owners)
  matchLabels = { ...matchLabels, ...own?.matchLabels }
  const matchExpressions = own?.matchExpressions ?? []
  if (Object.keys(matchLabels).length + matchExpressions.length === 0) return undefined
  return { matchLabels, ...(matchExpressions.length === 0 ? {} : { matchExpressions }) }
}

function controllerSelector(
  { namespace = '', ownerReferences = [] }: DeepReadonly<Pod>['metadata'],
  { replicationControllers, replicaSets, statefulSets }: Omit<OwnerListers, 'services'>,
): DeepReadonly<LabelSelector> | undefined {
  const owner = ownerReferences.find(({ controller }) => controller === true)
  if (owner === undefined) return undefined
  const key = `${namespace}/${owner.name}`
  switch (`${owner.apiVersion} ${owner.kind}`) {
    case 'v1 ReplicationController': {
      const matchLabels = replicationControllers.get(key)?.spec?.selector
      return matchLabels === undefined ? undefined : { matchLabels }
    }
    case 'apps/v1 ReplicaSet':
      return replicaSets.get(key)?.spec?.selector
    case 'apps/v1 StatefulSet':
      return statefulSets.get(key)?.spec?.selector
    default:
      return undefined
  }
}
