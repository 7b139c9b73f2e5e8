/** What a node may change of itself: neither taints nor the labels that only administrators give. */

import type { Node } from '../../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { goQuote } from '../../../meta/go-quote.ts'
import { deepEqual } from '../../../meta/validation.ts'
import { type AdmissionRequest, ownName } from '../admission.ts'

/** Labels that only administrators give. */
const RESTRICTED_LABELS = 'node-restriction.kubernetes.io/'
/** Of Kubernetes's own labels a node gives itself these. */
const KUBERNETES_LABEL = /^(.*\.)?(kubernetes|k8s)\.io\/$/
const KUBELET_PREFIX = /^(.*\.)?(kubelet|node)\.kubernetes\.io\/$/
const KUBELET_LABELS: ReadonlySet<string> = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/instance-type',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
])

/** Why `node` may not write a Node so; undefined where it may. */
export function nodeWhy(request: AdmissionRequest, node: string): string | undefined {
  const name = ownName(request)
  if (name !== node) return `node ${goQuote(node)} is not allowed to modify node ${goQuote(name)}`
  const { object, old, operation } = request
  if (object === undefined) return undefined
  const before = old as DeepReadonly<Node> | undefined
  const labels = restrictedLabels(object.metadata.labels, before?.metadata.labels)
  if (operation === 'CREATE') {
    return labels.length === 0
      ? undefined
      : `node ${goQuote(node)} is not allowed to set the following labels: ${labels.join(', ')}`
  }
  if (before === undefined) return undefined
  if (!deepEqual((object as Node).spec?.taints, before.spec?.taints)) {
    return `node ${goQuote(node)} is not allowed to modify taints`
  }
  if (!deepEqual(object.metadata.ownerReferences, before.metadata.ownerReferences)) {
    return `node ${goQuote(node)} is not allowed to modify ownerReferences`
  }
  if (labels.length === 0) return undefined
  return `is not allowed to modify labels: ${labels.join(', ')}`
}

type Labels = Readonly<Record<string, string>> | undefined

/** The labels of administrators that differ, sorted. */
function restrictedLabels(now: Labels, before: Labels): string[] {
  const keys = new Set([...Object.keys(now ?? {}), ...Object.keys(before ?? {})])
  return [...keys]
    .filter((key) => {
      const prefix = key.includes('/') ? key.slice(0, key.indexOf('/') + 1) : ''
      const isRestricted = prefix === RESTRICTED_LABELS || prefix.endsWith(`.${RESTRICTED_LABELS}`)
      const isForbidden =
        isRestricted || (KUBERNETES_LABEL.test(prefix) && !KUBELET_LABELS.has(key) && !KUBELET_PREFIX.test(prefix))
      return isForbidden && now?.[key] !== before?.[key]
    })
    .sort()
}
