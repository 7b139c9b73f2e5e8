/**
 * What one object counts against quotas (https://kubernetes.io/docs/concepts/policy/resource-quotas/). The API server
 * asks before it lets an object in; the controller asks for all of a namespace to count anew.
 */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import { fromTime } from '../../../../base/clock.ts'
import { addQuantity, formatQuantity } from '../../../../meta/quantity.ts'
import type { KubeObject } from '../../../../meta/types.ts'
import type {
  PersistentVolumeClaim,
  Pod,
  ResourceQuota,
  ResourceQuotaSpec,
  Service,
} from '../../../generated/core-v1.ts'
import { podLimits, podRequests, qosClassOf } from '../pod/requests.ts'

/** Amounts by the names quotas use, e.g. `{ pods: '1', 'requests.cpu': '100m' }`. */
export type Usage = Record<string, string>

export interface Counted {
  readonly group: string
  readonly resource: string
  readonly object: DeepReadonly<KubeObject>
}

/** The plain names of resources that quotas count besides `count/…`. */
const PLAIN_COUNTS: ReadonlySet<string> = new Set([
  'pods',
  'services',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
])
const COMPUTE: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage'])

/** What the object counts, at `now` (milliseconds since the epoch), under every name a quota could ask for. */
export function usageOf({ group, resource, object }: Counted, now: number): Usage {
  const usage: Usage = { [`count/${group === '' ? resource : `${resource}.${group}`}`]: '1' }
  if (group !== '') return usage
  if (resource === 'pods') return podUsage(object as DeepReadonly<Pod>, usage, now)
  if (PLAIN_COUNTS.has(resource)) usage[resource] = '1'
  if (resource === 'services') serviceUsage(object as DeepReadonly<Service>, usage)
  if (resource === 'persistentvolumeclaims') claimUsage(object as DeepReadonly<PersistentVolumeClaim>, usage)
  return usage
}

/** A finished Pod, or one whose time to stop is over, counts only as an object. */
function countsCompute(pod: DeepReadonly<Pod>, now: number): boolean {
  const { phase } = pod.status ?? {}
  if (phase === 'Succeeded' || phase === 'Failed') return false
  const deadline = fromTime(pod.metadata.deletionTimestamp)
  return deadline === undefined || deadline >= now
}

function podUsage(pod: DeepReadonly<Pod>, usage: Usage, now: number): Usage {
  if (!countsCompute(pod, now)) return usage
  usage['pods'] = '1'
  for (const [name, amount] of Object.entries(podRequests(pod))) {
    if (COMPUTE.has(name)) usage[name] = amount
    usage[`requests.${name}`] = amount
  }
  for (const [name, amount] of Object.entries(podLimits(pod))) if (COMPUTE.has(name)) usage[`limits.${name}`] = amount
  return usage
}

function serviceUsage({ spec }: DeepReadonly<Service>, usage: Usage): void {
  const ports = spec?.ports ?? []
  if (spec?.type === 'NodePort') usage['services.nodeports'] = String(ports.length)
  if (spec?.type !== 'LoadBalancer') return
  usage['services.loadbalancers'] = '1'
  const allocates = spec.allocateLoadBalancerNodePorts !== false
  usage['services.nodeports'] = String(
    allocates ? ports.length : ports.filter(({ nodePort }) => (nodePort ?? 0) !== 0).length,
  )
}

function claimUsage({ spec }: DeepReadonly<PersistentVolumeClaim>, usage: Usage): void {
  const storage = spec?.resources?.requests?.['storage']
  if (storage !== undefined) usage['requests.storage'] = storage
  const storageClass = spec?.storageClassName ?? ''
  if (storageClass === '') return
  const prefix = `${storageClass}.storageclass.storage.k8s.io/`
  usage[`${prefix}persistentvolumeclaims`] = '1'
  if (storage !== undefined) usage[`${prefix}requests.storage`] = storage
}

/** Only what the quota limits. */
export function limitedUsage(usage: Usage, hard: Readonly<Record<string, string>>): Usage {
  return Object.fromEntries(Object.entries(usage).filter(([name]) => Object.hasOwn(hard, name)))
}

/** Sums of amounts by name, where every name of the quota appears. */
export function totalUsage(usages: readonly Usage[], hard: Readonly<Record<string, string>>): Usage {
  return Object.fromEntries(
    Object.keys(hard).map((name) => {
      const total = usages.reduce<string>((sum, usage) => {
        const amount = usage[name]
        return amount === undefined ? sum : formatQuantity(addQuantity(sum, amount))
      }, '0')
      return [name, total]
    }),
  )
}

/** What a Pod must state when a quota limits it: requests or limits of compute resources. */
export function missingForQuota(pod: DeepReadonly<Pod>, hard: Readonly<Record<string, string>>): string[] {
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])]
  const missing = new Set<string>()
  for (const name of Object.keys(hard)) {
    const [kind, resource] = COMPUTE.has(name)
      ? ['requests', name]
      : [name.slice(0, name.indexOf('.')), name.slice(name.indexOf('.') + 1)]
    if (!COMPUTE.has(resource ?? '') || (kind !== 'requests' && kind !== 'limits')) continue
    const atPodLevel = pod.spec?.resources?.[kind]?.[resource ?? '']
    if (atPodLevel !== undefined) continue
    for (const container of containers)
      if (container.resources?.[kind]?.[resource ?? ''] === undefined) missing.add(name)
  }
  return [...missing].sort()
}

/** Whether the quota's scopes pick the object. Only Pods (and claims, by attributes class) have scopes. */
export function quotaPicks(quota: DeepReadonly<ResourceQuota>, { group, resource, object }: Counted): boolean {
  const requirements = requirementsOf(quota.spec)
  if (requirements.length === 0) return true
  if (group !== '' || resource !== 'pods') return false
  return requirements.every((requirement) => scopePicks(requirement, object as DeepReadonly<Pod>))
}

interface ScopeRequirement {
  readonly scopeName: string
  readonly operator: string
  readonly values: readonly string[]
}

function requirementsOf(spec: DeepReadonly<ResourceQuotaSpec> | undefined): ScopeRequirement[] {
  const plain = (spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists', values: [] }))
  const selected = (spec?.scopeSelector?.matchExpressions ?? []).map(({ scopeName, operator, values = [] }) => ({
    scopeName,
    operator,
    values,
  }))
  return [...plain, ...selected]
}

function scopePicks({ scopeName, operator, values }: ScopeRequirement, pod: DeepReadonly<Pod>): boolean {
  const isTerminating = pod.spec?.activeDeadlineSeconds !== undefined
  const isBestEffort = qosClassOf(pod) === 'BestEffort'
  switch (scopeName) {
    case 'Terminating':
      return isTerminating
    case 'NotTerminating':
      return !isTerminating
    case 'BestEffort':
      return isBestEffort
    case 'NotBestEffort':
      return !isBestEffort
    case 'PriorityClass':
      return valuePicks(pod.spec?.priorityClassName ?? '', operator, values)
    case 'CrossNamespacePodAffinity':
      return crossesNamespaces(pod)
    default:
      return false
  }
}

function valuePicks(value: string, operator: string, values: readonly string[]): boolean {
  switch (operator) {
    case 'In':
      return values.includes(value)
    case 'NotIn':
      return value !== '' && !values.includes(value)
    case 'Exists':
      return value !== ''
    case 'DoesNotExist':
      return value === ''
    default:
      return false
  }
}

function crossesNamespaces({ spec }: DeepReadonly<Pod>): boolean {
  const { podAffinity, podAntiAffinity } = spec?.affinity ?? {}
  const terms = [podAffinity, podAntiAffinity].flatMap((affinity) => [
    ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }) => podAffinityTerm),
  ])
  return terms.some(
    ({ namespaces = [], namespaceSelector }) => namespaces.length > 0 || namespaceSelector !== undefined,
  )
}
