/**
 * A Pod cannot be resized beyond what its node has
 * (https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#podresizevalidator).
 */

import { podRequests } from '../../api/core/v1/pod/facts.ts'
import type { Node, Pod } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { ApiError } from '../../meta/errors.ts'
import { cmpQuantity, milliValue, quantityValue } from '../../meta/quantity.ts'
import type { WatchCache } from '../watchcache/watch-cache.ts'
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts'
import { isResource, refusal } from './refuse.ts'

export function podResizeValidator(nodes: WatchCache): AdmissionPlugin {
  return {
    name: 'PodResizeValidator',
    validate(request) {
      const { operation, subresource } = request
      if (operation !== 'UPDATE' || subresource !== 'resize' || !isResource(request, 'pods')) return
      const pod = request.object as Pod
      const nodeName = pod.spec?.nodeName ?? ''
      if (nodeName === '' || request.old?.metadata.generation === pod.metadata.generation) return
      const node = nodes.get('', nodeName)?.object as DeepReadonly<Node> | undefined
      if (node === undefined) throw refusal(request, `node "${nodeName}" not found`)
      const system = node.metadata.labels?.['kubernetes.io/os'] ?? 'linux'
      if (system !== 'linux') {
        const why = `pod resize is only supported on linux nodes, node "${nodeName}" is "${system}"`
        throw withCause(request, why, 'UnsupportedPlatform')
      }
      const lacks = tooMuch(pod, node)
      if (lacks.length === 0) return
      throw withCause(request, `node didn't have enough allocatable resources: ${lacks.join('; ')}`, 'NodeCapacity')
    },
  }
}

function tooMuch(pod: Pod, { status }: DeepReadonly<Node>): string[] {
  const requests = podRequests(pod)
  return (
    [
      ['cpu', milliValue],
      ['memory', quantityValue],
    ] as const
  ).flatMap(([resource, amount]) => {
    const requested = requests[resource] ?? '0'
    const allocatable = status?.allocatable?.[resource] ?? '0'
    if (cmpQuantity(requested, allocatable) <= 0) return []
    return [`${resource}, requested: ${amount(requested)}, allocatable: ${amount(allocatable)}`]
  })
}

function withCause(request: AdmissionRequest, why: string, reason: string): ApiError {
  const { status } = refusal(request, why)
  return new ApiError({ ...status, details: { ...status.details, causes: [{ reason }] } })
}
