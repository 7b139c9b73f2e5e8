/**
 * What a node's state and place mean for it and its Pods: a new node takes no Pods until it is ready, and a bound Pod
 * learns the zone it is in (https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#taintnodesbycondition).
 */

import type { Binding, Node, Pod } from '../../api/generated/core-v1.ts'
import type { WatchCache } from '../watchcache/watch-cache.ts'
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts'
import { creates, isResource } from './refuse.ts'

const NOT_READY = 'node.kubernetes.io/not-ready'
const TOPOLOGY_LABELS = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region']

export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  mutate(request) {
    if (!creates(request, 'nodes')) return
    const node = request.object as Node
    const taints = node.spec?.taints ?? []
    if (taints.some(({ key, effect }) => key === NOT_READY && effect === 'NoSchedule')) return
    node.spec = { ...node.spec, taints: [...taints, { key: NOT_READY, effect: 'NoSchedule' }] }
  },
}

/** The labels go on the Binding, which hands them on to the Pod; a Pod that is made with a node has them at once. */
export function podTopologyLabels(nodes: WatchCache): AdmissionPlugin {
  return {
    name: 'PodTopologyLabels',
    mutate(request) {
      const nodeName = nodeNameOf(request)
      if (nodeName === '' || request.object === undefined) return
      const labels = nodes.get('', nodeName)?.object.metadata.labels ?? {}
      const { metadata } = request.object
      for (const label of TOPOLOGY_LABELS) {
        const value = labels[label]
        if (value !== undefined) metadata.labels = { ...metadata.labels, [label]: value }
      }
    },
  }
}

function nodeNameOf(request: AdmissionRequest): string {
  const { operation, subresource, object } = request
  if (operation !== 'CREATE' || !isResource(request, 'pods')) return ''
  if (subresource === 'binding') return (object as Binding).target?.name ?? ''
  return subresource === '' ? ((object as Pod).spec?.nodeName ?? '') : ''
}
