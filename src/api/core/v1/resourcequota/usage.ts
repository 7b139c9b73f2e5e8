/**
 * What one object counts against quotas (https://kubernetes.io/docs/concepts/policy/resource-quotas/). The API server
 * asks before it lets an object in; the controller asks for all of a namespace to count anew.
 */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import { fromTime } from '../../../../base/clock.ts'
import { addQuantity, formatQuantity, type QuantityValue } from '../../../../meta/quantity.ts'
import type { KubeObject } from '../../../../meta/types.ts'
import type {
  PersistentVolumeClaim,
  Pod,
  ResourceQuota,
  ResourceQuotaSpec,
  Service,
} from '../../../generated/core-v1.ts'
import type { ResourceClaim } from '../../../generated/resource-v1.ts'
import { AS_RESOURCE, type DeviceFacts, deviceUsage, NO_DEVICES, podServedBy } from './device-usage.ts'
import { isExtendedResource, isHugePages } from '../resource-names.ts'
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
export function usageOf({ group, resource, object }: Counted, now: number, devices: DeviceFacts = NO_DEVICES): Usage {
  const usage: Usage = { [`count/${group === '' ? resource : `${resource}.${group}`}`]: '1' }
  if (group === 'resource.k8s.io' && resource === 'resourceclaims') {
    const claim = object as DeepReadonly<ResourceClaim>
    const pod = podServedBy(claim, devices)
    return { ...usage, ...deviceUsage(claim, devices, pod === undefined ? {} : podUsage(pod, {}, now)) }
  }
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
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata
  const deadline = fromTime(deletionTimestamp)
  if (deadline === undefined || deletionGracePeriodSeconds === undefined) return true
  return now <= deadline + deletionGracePeriodSeconds * 1_000
}

function podUsage(pod: DeepReadonly<Pod>, usage: Usage, now: number): Usage {
  if (!countsCompute(pod, now)) return usage
  usage['pods'] = '1'
  for (const [name, amount] of Object.entries(podRequests(pod))) {
    const isPlain = COMPUTE.has(name) || isHugePages(name)
    if (isPlain) usage[name] = amount
    if (isPlain || isExtendedResource(name) || name.startsWith(AS_RESOURCE)) usage[`requests.${name}`] = amount
  }
  for (const [name, amount] of Object.entries(podLimits(pod))) if (COMPUTE.has(name)) usage[`limits.${name}`] = amount
  return usage
}

/** The kinds of Services are told even when there are none, so that a Service that stops being one gives back. */
function serviceUsage({ spec }: DeepReadonly<Service>, usage: Usage): void {
  const ports = spec?.ports ?? []
  const isBalanced = spec?.type === 'LoadBalancer'
  const allocates = isBalanced && spec.allocateLoadBalancerNodePorts !== false
  const hasAll = spec?.type === 'NodePort' || allocates
  const own = isBalanced ? ports.filter(({ nodePort }) => (nodePort ?? 0) !== 0).length : 0
  usage['services.nodeports'] = String(hasAll ? ports.length : own)
  usage['services.loadbalancers'] = isBalanced ? '1' : '0'
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
      const amounts = usages.flatMap((usage) => usage[name] ?? [])
      const total = amounts.reduce<QuantityValue | string>((sum, amount) => addQuantity(sum, amount), '0')
      return [name, typeof total === 'string' ? total : formatQuantity(total)]
    }),
  )
}

/** What a quota makes every container state. */
const MUST_STATE: ReadonlySet<string> = new Set([
  'cpu',
  'memory',
  'requests.cpu',
  'requests.memory',
  'limits.cpu',
  'limits.memory',
])

/**
 * What a Pod leaves open that a quota must know, as Kubernetes tells it: `requests.cpu for: a,b; limits.memory for: a`.
 * Empty: nothing.
 */
export function missingForQuota(pod: DeepReadonly<Pod>, hard: Readonly<Record<string, string>>): string {
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])]
  const texts: string[] = []
  for (const name of Object.keys(hard).sort()) {
    if (!MUST_STATE.has(name)) continue
    const part = name.startsWith('limits.') ? 'limits' : 'requests'
    const amount = name.slice(name.indexOf('.') + 1)
    if (pod.spec?.resources?.[part]?.[amount] !== undefined) continue
    const without = containers.filter(({ resources }) => resources?.[part]?.[amount] === undefined)
    if (without.length === 0) continue
    const names = [...new Set(without.map((container) => container.name))].sort()
    texts.push(`${name} for: ${names.join(',')}`)
  }
  return texts.join('; ')
}

/** Whether the quota's scopes pick the object. Only Pods, and claims by their attributes class, have scopes. */
export function quotaPicks(quota: DeepReadonly<ResourceQuota>, { group, resource, object }: Counted): boolean {
  const requirements = requirementsOf(quota.spec)
  if (requirements.length === 0) return true
  if (group !== '') return false
  if (resource === 'persistentvolumeclaims') {
    return requirements.every((requirement) => claimPicks(requirement, object as DeepReadonly<PersistentVolumeClaim>))
  }
  if (resource !== 'pods') return false
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

/** Whether a Pod has a time to end by. */
export const isTerminating = ({ spec }: DeepReadonly<Pod>): boolean => (spec?.activeDeadlineSeconds ?? -1) >= 0

function scopePicks({ scopeName, operator, values }: ScopeRequirement, pod: DeepReadonly<Pod>): boolean {
  const isBestEffort = qosClassOf(pod) === 'BestEffort'
  switch (scopeName) {
    case 'Terminating':
      return isTerminating(pod)
    case 'NotTerminating':
      return !isTerminating(pod)
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

/** A claim is in the scope of the class it asks for, and of the one it still has. */
function claimPicks(
  { scopeName, operator, values }: ScopeRequirement,
  { spec, status }: DeepReadonly<PersistentVolumeClaim>,
): boolean {
  if (scopeName !== 'VolumeAttributesClass') return false
  const names = [
    spec?.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ].filter((name) => name !== undefined && name !== '')
  if (names.length === 0) return valuePicks('', operator, values)
  return names.some((name) => valuePicks(name ?? '', operator, values))
}

function valuePicks(value: string, operator: string, values: readonly string[]): boolean {
  switch (operator) {
    case 'In':
      return values.includes(value)
    case 'NotIn':
      return !values.includes(value)
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
