/** ResourceQuota, v1: what a namespace may use in all (https://kubernetes.io/docs/concepts/policy/resource-quotas/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { qualifiedName } from '../../../../meta/names.ts'
import { deepEqual, ENOUGH, IMMUTABLE, invalidEach, invalidValue, required } from '../../../../meta/validation.ts'
import { ageColumn, nameColumn, textColumn } from '../../../columns.ts'
import type { ResourceQuota, ScopedResourceSelectorRequirement } from '../../../generated/core-v1.ts'
import { defineResource } from '../../../resource.ts'
import { dropStatus, keepStatus } from '../../../strategy.ts'
import { roundToMilli } from '../round-amounts.ts'
import { isQuotaResource, validateResourceAmount } from '../resource-names.ts'

type Shared = DeepReadonly<ResourceQuota>

const SCOPES = [
  'BestEffort',
  'CrossNamespacePodAffinity',
  'NotBestEffort',
  'NotTerminating',
  'PriorityClass',
  'Terminating',
  'VolumeAttributesClass',
]
const OPERATORS = ['DoesNotExist', 'Exists', 'In', 'NotIn']

export const resourceQuotas = defineResource<ResourceQuota>('v1/resourcequotas', {
  countsGeneration: false,
  setDefaults({ spec, status }) {
    for (const amounts of [spec?.hard, status?.hard, status?.used]) roundToMilli(amounts)
  },
  prepareForCreate: dropStatus,
  prepareForUpdate: keepStatus,
  validate: validateQuota,
  validateUpdate(quota, old, root) {
    const faults = validateQuota(quota, root)
    const sorted = (scopes: readonly string[] | undefined) => [...(scopes ?? [])].sort()
    if (!deepEqual(sorted(quota.spec?.scopes), sorted(old.spec?.scopes))) {
      faults.push(invalidValue(root.child('spec', 'scopes'), quota.spec?.scopes ?? [], IMMUTABLE))
    }
    return faults
  },
  validateStatusUpdate: ({ status }, _old, root) => [
    ...validateAmounts(status?.hard, root.child('status', 'hard')),
    ...validateAmounts(status?.used, root.child('status', 'used')),
  ],
  columns: [
    nameColumn(),
    textColumn<ResourceQuota>('Request', (quota) => usageText(quota, (name) => !name.startsWith('limits'))),
    textColumn<ResourceQuota>('Limit', (quota) => usageText(quota, (name) => name.startsWith('limits'))),
    ageColumn(),
  ],
})

/** `pods: 1/4, requests.cpu: 100m/1` */
function usageText({ status }: Shared, counts: (name: string) => boolean): string {
  return Object.keys(status?.hard ?? {})
    .filter(counts)
    .sort()
    .map((name) => `${name}: ${status?.used?.[name] ?? '0'}/${status?.hard?.[name]}`)
    .join(', ')
}

function validateQuota({ spec }: Shared, root: FieldPath): FieldError[] {
  const path = root.child('spec')
  return [...validateAmounts(spec?.hard, path.child('hard')), ...validateScopes(spec, path)]
}

function validateAmounts(amounts: Readonly<Record<string, string>> | undefined, path: FieldPath): FieldError[] {
  return Object.entries(amounts ?? {}).flatMap(([name, amount]) => {
    const here = path.key(name)
    const faults = invalidEach(here, name, qualifiedName(name))
    if (!name.includes('/') && !isQuotaResource(name)) {
      if (faults.length === 0)
        faults.push(invalidValue(here, name, 'must be a standard resource type or fully qualified'))
      faults.push(invalidValue(here, name, 'must be a standard resource for quota'))
    }
    return [...faults, ...validateResourceAmount(name, amount, here)]
  })
}

/** Scopes that leave nothing over. */
const CONFLICTS = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const

function validateScopes(spec: Shared['spec'], path: FieldPath): FieldError[] {
  const scopes: readonly string[] = spec?.scopes ?? []
  const faults: FieldError[] = []
  const here = path.child('scopes')
  // Each says the whole list: what is the same is written once.
  const unsupported = once(() => invalidValue(here, scopes, 'unsupported scope'))
  const notInScope = once(() => invalidValue(here, scopes, NOT_IN_SCOPE))
  for (const scope of scopes.slice(0, ENOUGH)) {
    if (faults.length > ENOUGH) break
    if (!SCOPES.includes(scope)) faults.push(unsupported())
    faults.push(...outOfScope(scope, spec).map(notInScope))
  }
  if (CONFLICTS.some(([a, b]) => scopes.includes(a) && scopes.includes(b))) {
    faults.push(invalidValue(here, scopes, 'conflicting scopes'))
  }
  const list = path.child('scopeSelector', 'matchExpressions')
  const notSelected = once(() => invalidValue(list, spec?.scopeSelector, NOT_IN_SCOPE))
  for (const requirement of spec?.scopeSelector?.matchExpressions ?? []) {
    if (faults.length > ENOUGH) break
    // Kubernetes does not say which.
    faults.push(...validateScopeRequirement(requirement, spec, list, notSelected))
  }
  return faults
}

/** The same fault whenever it is asked for. */
function once(make: () => FieldError): () => FieldError {
  let made: FieldError | undefined
  return () => (made ??= make())
}

const NOT_IN_SCOPE = 'unsupported scope applied to resource'

const COMPUTE = ['cpu', 'limits.cpu', 'limits.memory', 'memory', 'requests.cpu', 'requests.memory']
const OF_PODS: ReadonlySet<string> = new Set([...COMPUTE, 'pods'])

/** What a scope counts, of the resources that Kubernetes knows; absent: any of them. */
const COUNTED: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['BestEffort', new Set(['pods'])],
  ['VolumeAttributesClass', new Set(['persistentvolumeclaims', 'requests.storage'])],
  ...['CrossNamespacePodAffinity', 'NotBestEffort', 'NotTerminating', 'PriorityClass', 'Terminating'].map(
    (scope) => [scope, OF_PODS] as const,
  ),
])

/** What the quota limits although nothing of it has the scope. */
function outOfScope(scope: string, spec: Shared['spec']): string[] {
  const counted = COUNTED.get(scope)
  return Object.keys(counted === undefined ? {} : (spec?.hard ?? {}))
    .filter((name) => isQuotaResource(name) && !name.includes('/') && counted?.has(name) === false)
    .sort()
}

function validateScopeRequirement(
  requirement: DeepReadonly<ScopedResourceSelectorRequirement>,
  spec: Shared['spec'],
  path: FieldPath,
  notInScope: () => FieldError,
): FieldError[] {
  const { scopeName, operator, values = [] } = requirement
  const faults: FieldError[] = []
  if (!SCOPES.includes(scopeName)) faults.push(invalidValue(path.child('scopeName'), scopeName, 'unsupported scope'))
  faults.push(...outOfScope(scopeName, spec).map(notInScope))
  const isValued = scopeName === 'PriorityClass' || scopeName === 'VolumeAttributesClass'
  if (SCOPES.includes(scopeName) && !isValued && operator !== 'Exists') {
    const words =
      "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
    faults.push(invalidValue(path.child('operator'), operator, words))
  }
  const isSet = operator === 'In' || operator === 'NotIn'
  if (isSet && values.length === 0) {
    const words = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
    faults.push(required(path.child('values'), words))
  }
  if (!OPERATORS.includes(operator)) {
    faults.push(invalidValue(path.child('operator'), operator, 'not a valid selector operator'))
  } else if (!isSet && values.length > 0) {
    const words = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
    faults.push(invalidValue(path.child('values'), values, words))
  }
  return faults
}
