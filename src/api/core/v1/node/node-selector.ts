/** Which nodes a Pod's nodeSelector and node affinity allow (https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type {
  Node,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodSpec,
} from '../../../generated/core-v1.ts'

const NAME_FIELD = 'metadata.name'
const WHOLE_NUMBER = /^-?\d{1,18}$/

/** Whether the node passes both `nodeSelector` and the required node affinity. */
export function matchesRequiredNodeAffinity(
  spec: DeepReadonly<PodSpec> | undefined,
  node: DeepReadonly<Node>,
): boolean {
  const labels = node.metadata.labels ?? {}
  if (!Object.entries(spec?.nodeSelector ?? {}).every(([key, value]) => labels[key] === value)) return false
  const required = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return required === undefined || matchesNodeSelector(required, node)
}

/** Terms are alternatives; a selector without terms matches nothing. */
export function matchesNodeSelector(selector: DeepReadonly<NodeSelector>, node: DeepReadonly<Node>): boolean {
  return selector.nodeSelectorTerms.some((term) => matchesNodeSelectorTerm(term, node))
}

/** All requirements of a term must hold; a term without any matches nothing. */
export function matchesNodeSelectorTerm(term: DeepReadonly<NodeSelectorTerm>, node: DeepReadonly<Node>): boolean {
  const { matchExpressions = [], matchFields = [] } = term
  if (matchExpressions.length === 0 && matchFields.length === 0) return false
  const labels = node.metadata.labels ?? {}
  return (
    matchExpressions.every((requirement) => holds(requirement, labels[requirement.key])) &&
    matchFields.every((requirement) => requirement.key === NAME_FIELD && holds(requirement, node.metadata.name))
  )
}

/**
 * The only nodes a selector can match, where every term names its nodes by `metadata.name In […]` (as DaemonSet Pods
 * do); `undefined` when the selector does not say.
 */
export function nodeNamesOf(selector: DeepReadonly<NodeSelector> | undefined): ReadonlySet<string> | undefined {
  if (selector === undefined || selector.nodeSelectorTerms.length === 0) return undefined
  const names = new Set<string>()
  for (const { matchFields = [] } of selector.nodeSelectorTerms) {
    const byName = matchFields.filter(({ key, operator }) => key === NAME_FIELD && operator === 'In')
    const [first, ...others] = byName.map(({ values = [] }) => values)
    if (first === undefined) return undefined
    for (const name of first) if (others.every((values) => values.includes(name))) names.add(name)
  }
  return names
}

function holds({ operator, values = [] }: DeepReadonly<NodeSelectorRequirement>, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
    case 'Lt':
      return isBeyond(operator, value, values[0])
  }
}

function isBeyond(operator: 'Gt' | 'Lt', value: string | undefined, bound: string | undefined): boolean {
  if (value === undefined || bound === undefined || !WHOLE_NUMBER.test(value) || !WHOLE_NUMBER.test(bound)) return false
  return operator === 'Gt' ? BigInt(value) > BigInt(bound) : BigInt(value) < BigInt(bound)
}
