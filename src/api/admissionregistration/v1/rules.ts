/** Which requests a webhook or policy is about (https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-rules). */

import { atOnce } from '../../../base/async/steps.ts'
import { BOOL } from '../../../meta/cel/types.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../meta/field-path.ts'
import { pathSegmentName, qualifiedName } from '../../../meta/names.ts'
import {
  duplicate,
  forbiddenField,
  invalidEach,
  invalidValue,
  isRepeated,
  judgeAll,
  notSupported,
  required,
  tooMany,
} from '../../../meta/validation.ts'
import { validateLabelSelector } from '../../../meta/validate-label-selector.ts'
import type {
  MatchCondition,
  MatchResources,
  NamedRuleWithOperations,
  ParamRef,
  RuleWithOperations,
} from '../../generated/admissionregistration-v1.ts'
import { judgeExpression } from './expressions.ts'

export const FAILURE_POLICIES = ['Fail', 'Ignore']
export const MATCH_POLICIES = ['Equivalent', 'Exact']
const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE']
const SCOPES = ['*', 'Cluster', 'Namespaced']
const MAX_CONDITIONS = 64

type Rule = DeepReadonly<RuleWithOperations>

/** A rule is about everything in whatever scope unless it says so. */
export function defaultRules(rules: RuleWithOperations[] | undefined): void {
  for (const rule of rules ?? []) rule.scope ??= '*'
}

export function defaultMatchResources(match: MatchResources): void {
  match.matchPolicy ??= 'Equivalent'
  match.namespaceSelector ??= {}
  match.objectSelector ??= {}
  defaultRules(match.resourceRules)
  defaultRules(match.excludeResourceRules)
}

/** Every fault of one rule. */
export function validateRule(rule: Rule, path: FieldPath): FieldError[] {
  const { operations = [], apiGroups = [], apiVersions = [], resources = [], scope } = rule
  const faults = [
    ...wildList(operations, path.child('operations')),
    ...wildList(apiGroups, path.child('apiGroups')),
    ...wildList(apiVersions, path.child('apiVersions')),
  ]
  apiVersions.forEach((version, at) => {
    if (version === '') faults.push(required(path.child('apiVersions').index(at)))
  })
  operations.forEach((operation, at) => {
    if (!OPERATIONS.includes(operation)) {
      faults.push(notSupported(path.child('operations').index(at), operation, OPERATIONS))
    }
  })
  if (resources.length === 0) faults.push(required(path.child('resources')))
  else faults.push(...resourceFaults(resources, path.child('resources')))
  if (scope !== undefined && !SCOPES.includes(scope)) faults.push(notSupported(path.child('scope'), scope, SCOPES))
  return faults
}

/** A rule that may be about objects of some names only. */
function validateNamedRule(rule: DeepReadonly<NamedRuleWithOperations>, path: FieldPath): FieldError[] {
  const { resourceNames = [] } = rule
  const names = judgeAll(resourceNames, (name, at) => {
    const each = path.child('resourceNames').index(at)
    const faults = invalidEach(each, name, pathSegmentName(name))
    return isRepeated(resourceNames, name, at) ? [...faults, duplicate(each, name)] : faults
  })
  return [...names, ...validateRule(rule, path)]
}

function wildList(texts: readonly string[], path: FieldPath): FieldError[] {
  if (texts.length === 0) return [required(path)]
  const isMixed = texts.length > 1 && texts.includes('*')
  return isMixed ? [invalidValue(path, texts, "if '*' is present, must not specify other " + listName(path))] : []
}

const listName = (path: FieldPath) =>
  path.toString().endsWith('operations')
    ? 'operations'
    : path.toString().endsWith('apiGroups')
      ? 'API groups'
      : 'API versions'

function resourceFaults(resources: readonly string[], path: FieldPath): FieldError[] {
  const faults: FieldError[] = []
  const wildSubresources = new Set<string>()
  const wildResources = new Set<string>()
  resources.forEach((text, at) => {
    const each = path.index(at)
    if (text === '') {
      faults.push(required(each))
      return
    }
    if (text === '*' && resources.length > 1 && !resources.every((other) => other === '*' || other.includes('/'))) {
      faults.push(
        invalidValue(path, resources, "if '*' is present, must not specify other resources without subresources"),
      )
    }
    if (text === '*/*' && resources.length > 1) {
      faults.push(invalidValue(path, resources, "if '*/*' is present, must not specify other resources"))
    }
    const [resource = '', subresource] = text.split('/', 2)
    if (subresource === undefined) return
    if (wildSubresources.has(resource)) {
      faults.push(invalidValue(each, text, `if '${resource}/*' is present, must not specify ${text}`))
    }
    if (wildResources.has(subresource)) {
      faults.push(invalidValue(each, text, `if '*/${subresource}' is present, must not specify ${text}`))
    }
    if (subresource === '*') wildSubresources.add(resource)
    if (resource === '*') wildResources.add(subresource)
  })
  return faults
}

/** Every fault of what a policy is matched by. */
export function validateMatchResources(match: DeepReadonly<MatchResources>, path: FieldPath): FieldError[] {
  const { matchPolicy, namespaceSelector, objectSelector, resourceRules = [], excludeResourceRules = [] } = match
  const faults: FieldError[] = []
  if (matchPolicy === undefined) faults.push(required(path.child('matchPolicy')))
  else if (!MATCH_POLICIES.includes(matchPolicy)) {
    faults.push(notSupported(path.child('matchPolicy'), matchPolicy, MATCH_POLICIES))
  }
  if (namespaceSelector === undefined) faults.push(required(path.child('namespaceSelector')))
  else faults.push(...validateLabelSelector(namespaceSelector, path.child('namespaceSelector')))
  if (objectSelector === undefined) faults.push(required(path.child('objectSelector')))
  else faults.push(...validateLabelSelector(objectSelector, path.child('objectSelector')))
  for (const [name, rules] of Object.entries({ resourceRules, excludeResourceRules })) {
    rules.forEach((rule, at) => faults.push(...validateNamedRule(rule, path.child(name).index(at))))
  }
  return faults
}

/** Every fault of the expressions a request must satisfy besides; `params` where they may name parameters. */
export function validateMatchConditions(
  conditions: readonly DeepReadonly<MatchCondition>[] | undefined,
  path: FieldPath,
  { params }: { readonly params: boolean } = { params: false },
): FieldError[] {
  const all = conditions ?? []
  const names = all.map(({ name = '' }) => name)
  const excess = all.length > MAX_CONDITIONS ? [tooMany(path, all.length, MAX_CONDITIONS)] : []
  const faults = judgeAll(all, ({ name = '', expression = '' }, at) => {
    const each = path.index(at)
    const text = expression.trim()
    const faults: FieldError[] = []
    if (text === '') faults.push(required(each.child('expression')))
    else {
      const written = { expression: text, environment: { params }, results: [BOOL] }
      faults.push(...atOnce(judgeExpression(written, each.child('expression'))).faults)
    }
    if (name === '') faults.push(required(each.child('name')))
    else faults.push(...invalidEach(each.child('name'), name, qualifiedName(name)))
    if (name !== '' && isRepeated(names, name, at)) {
      faults.push(duplicate(each.child('name'), name))
    }
    return faults
  })
  return [...excess, ...faults]
}

/** Every fault of what a binding gives its policy to read. */
export function validateParamRef(ref: DeepReadonly<ParamRef> | undefined, path: FieldPath): FieldError[] {
  if (ref === undefined) return []
  const { name = '', selector, parameterNotFoundAction: action } = ref
  const faults: FieldError[] = []
  const both = name !== '' && selector !== undefined
  const exclusive = 'name and selector are mutually exclusive'
  faults.push(...invalidEach(path.child('name'), name, pathSegmentName(name)))
  if (both) faults.push(forbiddenField(path.child('name'), exclusive))
  if (selector !== undefined) faults.push(...validateLabelSelector(selector, path.child('selector')))
  if (both) faults.push(forbiddenField(path.child('selector'), exclusive))
  if (name === '' && selector === undefined) faults.push(required(path, 'one of name or selector must be specified'))
  const stated: string = action ?? ''
  const at = path.child('parameterNotFoundAction')
  if (stated === '') faults.push(required(at))
  else if (stated !== 'Allow' && stated !== 'Deny') faults.push(notSupported(at, stated, ['Deny', 'Allow']))
  return faults
}
