/**
 * The downward API: what a container may learn of its Pod and its resources
 * (https://kubernetes.io/docs/concepts/workloads/pods/downward-api/).
 */

import type { ResourceFieldSelector } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { goQuote } from '../../meta/go-quote.ts'
import { milliValue, quantityValue } from '../../meta/quantity.ts'
import { type ContainerView, containersOf, namesOf, type PodView, specOf } from '../pods/pod-view.ts'

/** What is known only on the node. */
export interface NodeFacts {
  readonly nodeName: string
  readonly hostIps: readonly string[]
  readonly podIps: readonly string[]
  /** What the node can give, for limits that are not set. */
  readonly allocatable: Readonly<Record<string, string>>
}

/** The value at a field path; throws for paths that the downward API does not have. */
export function fieldValue(pod: PodView, path: string, node: NodeFacts): string {
  const subscript = /^(metadata\.(?:labels|annotations))\['(.*)'\]$/.exec(path)
  if (subscript !== null) {
    const [, map, key = ''] = subscript
    const values = map === 'metadata.labels' ? pod.metadata.labels : pod.metadata.annotations
    return ownValue(values, key)
  }
  const { name, namespace, uid } = namesOf(pod)
  switch (path) {
    case 'metadata.name':
      return name
    case 'metadata.namespace':
      return namespace
    case 'metadata.uid':
      return uid
    case 'metadata.labels':
      return mapText(pod.metadata.labels)
    case 'metadata.annotations':
      return mapText(pod.metadata.annotations)
    case 'spec.nodeName':
      return node.nodeName
    case 'spec.serviceAccountName':
      return specOf(pod).serviceAccountName ?? ''
    case 'status.hostIP':
      return node.hostIps[0] ?? ''
    case 'status.hostIPs':
      return node.hostIps.join(',')
    case 'status.podIP':
      return node.podIps[0] ?? ''
    case 'status.podIPs':
      return node.podIps.join(',')
    default:
      throw new Error(`unsupported fieldPath: ${path}`)
  }
}

const ownValue = (values: Readonly<Record<string, string>> | undefined, key: string) =>
  values !== undefined && Object.hasOwn(values, key) ? (values[key] ?? '') : ''

/** A map as a file shows it: `key="value"` lines by key. */
function mapText(values: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(values ?? {})
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${goQuote(value)}`)
    .join('\n')
}

/** The value of `limits.…` or `requests.…` of a container, in units of the divisor, rounded up. */
export function resourceValue(
  pod: PodView,
  selector: DeepReadonly<ResourceFieldSelector>,
  own: ContainerView | undefined,
  node: NodeFacts,
): string {
  const container =
    selector.containerName === undefined || selector.containerName === '' ? own : named(pod, selector.containerName)
  if (container === undefined) throw new Error(`container ${selector.containerName ?? ''} not found`)
  const [list, ...rest] = selector.resource.split('.')
  const resource = rest.join('.')
  const amount =
    list === 'limits' ? limitOf(pod, container, resource, node) : (container.resources?.requests?.[resource] ?? '0')
  const divisor = selector.divisor === undefined || selector.divisor === '0' ? '1' : selector.divisor
  if (resource === 'cpu') return String(Math.ceil(milliValue(amount) / milliValue(divisor)))
  return String(Math.ceil(quantityValue(amount) / quantityValue(divisor)))
}

/** What is not limited may take what its Pod may, or else what the node can give. Huge pages are never lent. */
function limitOf(pod: PodView, container: ContainerView, resource: string, node: NodeFacts): string {
  const own = container.resources?.limits?.[resource] ?? '0'
  if (resource.startsWith('hugepages-') || milliValue(own) > 0) return own
  const ofPod = specOf(pod).resources?.limits?.[resource] ?? '0'
  return milliValue(ofPod) > 0 ? ofPod : (node.allocatable[resource] ?? '0')
}

const named = (pod: PodView, name: string) => containersOf(pod).find(({ spec }) => spec.name === name)?.spec
