/** Whether a request is one that a policy or binding is about (https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-rules). */

import type { MatchResources, NamedRuleWithOperations } from '../../../api/generated/admissionregistration-v1.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { notFound } from '../../../meta/errors.ts'
import { type Selector, selectorOf } from '../../../meta/label-selector.ts'
import type { ResourceTable, ServedResource } from '../../registry/served-resource.ts'
import type { WatchCache } from '../../watchcache/watch-cache.ts'
import type { AdmissionRequest } from '../admission.ts'

type Rule = DeepReadonly<NamedRuleWithOperations>
type Match = DeepReadonly<MatchResources>

export interface Matching {
  readonly namespaces: WatchCache
  readonly resources: ResourceTable
}

const NAMESPACES = 'v1/namespaces'

/** The resource as the request names it. */
export const requestedResource = ({ requested, resource }: AdmissionRequest): ServedResource => requested ?? resource

/** The namespace as rules and expressions know it: a Namespace is in itself. */
export const requestedNamespace = ({ resource, operation, namespace, name }: AdmissionRequest): string =>
  resource.key === NAMESPACES && operation !== 'CREATE' ? name : namespace

/**
 * The resource that the request matches as: the one it names, or another version of it; `undefined` where it does not
 * match. Throws `NotFound` where the namespace that a selector asks for is not there.
 */
export function matchedResource(
  match: Match,
  request: AdmissionRequest,
  matching: Matching,
): ServedResource | undefined {
  const { namespaceSelector, objectSelector, resourceRules = [], excludeResourceRules = [] } = match
  const labels = namespaceLabels(selectorOf(namespaceSelector), request, matching.namespaces)
  if (labels === false) return undefined
  if (!isObjectSelected(selectorOf(objectSelector), request)) return undefined
  const policy = { matchPolicy: match.matchPolicy, resources: matching.resources }
  if (ruledResource(excludeResourceRules, request, policy) !== undefined) return undefined
  const requested = requestedResource(request)
  const found = resourceRules.length === 0 ? requested : ruledResource(resourceRules, request, policy)
  if (found !== undefined && labels === 'unknown') {
    throw notFound({ resource: 'namespaces', name: request.namespace })
  }
  return found
}

/** Whether a request may match at all, whatever its object and name are. */
export function mayMatch(match: Match, request: AdmissionRequest, resources: ResourceTable): boolean {
  const nameless = (match.resourceRules ?? []).map((rule) => ({ ...rule, resourceNames: [] }))
  if (nameless.length === 0) return true
  return ruledResource(nameless, request, { matchPolicy: match.matchPolicy, resources }) !== undefined
}

/** Whether the namespace is selected; `unknown` where there is no such namespace. */
function namespaceLabels(selector: Selector, request: AdmissionRequest, namespaces: WatchCache): boolean | 'unknown' {
  if (selector.isEmpty) return true
  const { resource, operation, object, namespace, name, subresource } = request
  if (resource.key !== NAMESPACES && namespace === '') return true
  const isWritten = operation === 'CREATE' || operation === 'UPDATE'
  if (resource.key === NAMESPACES && subresource === '' && isWritten) return selector.matches(object?.metadata.labels)
  const found = namespaces.get('', resource.key === NAMESPACES ? name : namespace)
  return found === undefined ? 'unknown' : selector.matches(found.object.metadata.labels)
}

function isObjectSelected(selector: Selector, { object, old }: AdmissionRequest): boolean {
  if (selector.isEmpty) return true
  return [object, old].some((one) => one !== undefined && selector.matches(one.metadata?.labels))
}

interface RulePolicy {
  readonly matchPolicy: Match['matchPolicy']
  readonly resources: ResourceTable
}

/** The resource that any of the rules is about, as which the request is known. */
function ruledResource(
  rules: readonly Rule[],
  request: AdmissionRequest,
  { matchPolicy, resources }: RulePolicy,
): ServedResource | undefined {
  if (rules.length === 0) return undefined
  const requested = requestedResource(request)
  if (rules.some((rule) => covers(rule, request, requested))) return requested
  if (matchPolicy !== 'Equivalent') return undefined
  const others = equivalents(requested, request.subresource, resources)
  for (const rule of rules) {
    const found = others.find((other) => covers(rule, request, other))
    if (found !== undefined) return found
  }
  return undefined
}

/** Other versions of the same objects. */
function equivalents(resource: ServedResource, subresource: string, resources: ResourceTable): ServedResource[] {
  return [...resources.all()].filter(
    (other) =>
      other.prefix === resource.prefix &&
      other.key !== resource.key &&
      (subresource === '' || other.subresources.has(subresource)),
  )
}

function covers(rule: Rule, request: AdmissionRequest, resource: ServedResource): boolean {
  const { operations, apiGroups, apiVersions, resourceNames = [] } = rule
  return (
    isInScope(rule, request, resource) &&
    has(operations, request.operation) &&
    has(apiGroups, resource.group) &&
    has(apiVersions, resource.version) &&
    namesResource(rule.resources ?? [], resource.resource, request.subresource) &&
    (resourceNames.length === 0 || resourceNames.includes(request.name))
  )
}

function isInScope({ scope = '*' }: Rule, { namespace }: AdmissionRequest, resource: ServedResource): boolean {
  if (scope === '*') return true
  const isCluster = resource.key === NAMESPACES || namespace === ''
  return (scope === 'Cluster') === isCluster
}

const has = (list: readonly string[] | undefined, value: string) =>
  list !== undefined && (list.includes('*') || list.includes(value))

function namesResource(resources: readonly string[], resource: string, subresource: string): boolean {
  return resources.some((text) => {
    const slash = text.indexOf('/')
    const [wanted, part] = slash < 0 ? [text, ''] : [text.slice(0, slash), text.slice(slash + 1)]
    return (wanted === '*' || wanted === resource) && (part === '*' || part === subresource)
  })
}
