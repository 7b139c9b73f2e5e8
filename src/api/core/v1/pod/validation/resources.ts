/**
 * What containers and Pods may ask for
 * (https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/).
 */

import type { DeepReadonly } from '../../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../../meta/field-path.ts'
import { dnsLabel } from '../../../../../meta/names.ts'
import { cmpQuantity, parseQuantity } from '../../../../../meta/quantity.ts'
import {
  duplicate,
  ENOUGH,
  forbiddenField,
  invalidEach,
  invalidValue,
  judgeAll,
  notFoundValue,
  notSupported,
  required,
} from '../../../../../meta/validation.ts'
import { asGiven } from '../../../../../wire/json/nil.ts'
import type {
  ContainerResizePolicy,
  PodSpec,
  ResourceClaim,
  ResourceRequirements,
} from '../../../../generated/core-v1.ts'
import {
  isHugePages,
  isOvercommittable,
  validateContainerResourceName,
  validateResourceAmount,
  validateResourceName,
} from '../../resource-names.ts'
import { aggregateContainerLimits, aggregateContainerRequests, isPodLevelResource } from '../requests.ts'

type Requirements = DeepReadonly<ResourceRequirements>
type NameRule = (name: string, path: FieldPath) => FieldError[]

/** What a container asks for and is limited to. `claims` are the names of the Pod's resource claims. */
export function validateRequirements(
  requirements: Requirements,
  claims: ReadonlySet<string>,
  path: FieldPath,
): FieldError[] {
  return [
    ...validateAmounts(requirements, path, validateContainerResourceName),
    ...validateClaims(requirements.claims, claims, path.child('claims')),
  ]
}

function validateAmounts({ limits, requests }: Requirements, path: FieldPath, nameRule: NameRule): FieldError[] {
  const faults: FieldError[] = []
  let hasCompute = false
  let hasHugePages = false
  const note = (name: string) => {
    if (name === 'cpu' || name === 'memory') hasCompute = true
    else if (isHugePages(name)) hasHugePages = true
  }
  for (const name in limits) {
    if (faults.length > ENOUGH) break
    const here = path.child('limits').key(name)
    const amount = limits[name] as string
    note(name)
    faults.push(...nameRule(name, here), ...validateResourceAmount(name, amount, here))
    if (isHugePages(name)) faults.push(...wholePages(name, amount, here))
  }
  for (const name in requests) {
    if (faults.length > ENOUGH) break
    const here = path.child('requests').key(name)
    const amount = requests[name] as string
    note(name)
    faults.push(...nameRule(name, here), ...validateResourceAmount(name, amount, here))
    faults.push(...withinLimit(name, amount, limits, path))
  }
  if (hasHugePages && !hasCompute) faults.push(forbiddenField(path, 'HugePages require cpu or memory'))
  return faults
}

function withinLimit(name: string, amount: string, limits: Requirements['limits'], path: FieldPath): FieldError[] {
  const limit = limits !== undefined && Object.hasOwn(limits, name) ? limits[name] : undefined
  if (limit === undefined) {
    if (isOvercommittable(name)) return []
    return [required(path.child('limits'), 'Limit must be set for non overcommitable resources')]
  }
  const order = cmpQuantity(amount, limit)
  if (order !== 0 && !isOvercommittable(name)) {
    return [invalidValue(path.child('requests'), amount, `must be equal to ${name} limit of ${limit}`)]
  }
  if (order <= 0) return []
  return [invalidValue(path.child('requests'), amount, `must be less than or equal to ${name} limit of ${limit}`)]
}

function wholePages(name: string, amount: string, path: FieldPath): FieldError[] {
  const page = parseQuantity(name.slice('hugepages-'.length))
  const value = parseQuantity(amount)
  if (page === undefined || value === undefined || page.nano === 0n || value.nano % page.nano === 0n) return []
  return [invalidValue(path, amount, `${amount} is not positive integer multiple of ${name}`)]
}

function validateClaims(
  claims: readonly ResourceClaim[] | undefined,
  known: ReadonlySet<string>,
  path: FieldPath,
): FieldError[] {
  const faults: FieldError[] = []
  const seen = new Set<string>()
  for (const [at, { name, request }] of (claims ?? []).entries()) {
    if (faults.length > ENOUGH) break
    const here = path.index(at)
    if (name === '') {
      faults.push(required(here))
      continue
    }
    const key = request === undefined ? name : `${name}/${request}`
    if (seen.has(key)) faults.push(duplicate(here, name))
    seen.add(key)
    if (!known.has(name)) faults.push(unknownClaim(name, known, here))
    if (request !== undefined) faults.push(...invalidEach(here.child('request'), request, dnsLabel(request)))
  }
  return faults
}

function unknownClaim(name: string, known: ReadonlySet<string>, path: FieldPath): FieldError {
  const rest = known.size === 0 ? ' which is empty' : `: ${[...known].sort().join(', ')}`
  const fault = notFoundValue(path, name)
  return { ...fault, message: `${fault.message}: must be one of the names in pod.spec.resourceClaims${rest}` }
}

/** Overhead: amounts as a container's limits. */
export function validateOverhead(overhead: Readonly<Record<string, string>>, path: FieldPath): FieldError[] {
  return validateAmounts({ limits: overhead }, path, validateContainerResourceName)
}

/** What the Pod as a whole asks for: enough for its containers. */
export function validatePodLevelResources(spec: DeepReadonly<PodSpec>, path: FieldPath): FieldError[] {
  const resources = spec.resources
  if (resources === undefined) return []
  const faults: FieldError[] = []
  if (asGiven(resources, 'claims') !== undefined) {
    faults.push(forbiddenField(path.child('claims'), 'claims may not be set for Resources at pod-level'))
  }
  const known = new Set((spec.resourceClaims ?? []).map(({ name }) => name))
  faults.push(
    ...validateAmounts(resources, path, podLevelName),
    ...validateClaims(resources.claims, known, path.child('claims')),
  )
  const needed = aggregateContainerRequests(spec)
  for (const [name, amount] of Object.entries(resources.requests ?? {})) {
    const needs = needed[name]
    if (needs !== undefined && cmpQuantity(needs, amount) > 0) {
      const words = `must be greater than or equal to aggregate container requests of ${needs}`
      faults.push(invalidValue(path.child('requests').key(name), amount, words))
    }
  }
  return [...faults, ...limitsWithinPod(spec, path)]
}

/** No container may be allowed more than the Pod as a whole is, nor all together more huge pages. */
function limitsWithinPod(spec: DeepReadonly<PodSpec>, path: FieldPath): FieldError[] {
  const limits = spec.resources?.limits ?? {}
  const all = Object.entries(aggregateContainerLimits(spec)).flatMap(([name, needed]) => {
    const limit = name.startsWith('hugepages-') ? limits[name] : undefined
    if (limit === undefined || cmpQuantity(needed, limit) <= 0) return []
    const words = `must be greater than or equal to aggregate container limits of ${needed}`
    return [invalidValue(path.child('limits').key(name), limit, words)]
  })
  const each = judgeAll(spec.containers, (container, at) =>
    Object.entries(container.resources?.limits ?? {}).flatMap(([name, own]) => {
      const limit = limits[name]
      if (limit === undefined || cmpQuantity(own, limit) <= 0) return []
      const here = path.child('containers').index(at).key(name).child('limits')
      return [invalidValue(here, own, `must be less than or equal to pod limits of ${limit}`)]
    }),
  )
  return [...all, ...each]
}

function podLevelName(name: string, path: FieldPath): FieldError[] {
  const faults = validateResourceName(name, path)
  if (faults.length > 0) return faults
  return isPodLevelResource(name) ? [] : [notSupported(path, name, ['cpu', 'hugepages-', 'memory'])]
}

const RESIZABLE = ['cpu', 'memory']
const RESIZE_POLICIES = ['NotRequired', 'RestartContainer']

/** Whether a container must restart when its resources change. */
export function validateResizePolicy(
  policies: readonly ContainerResizePolicy[] | undefined,
  path: FieldPath,
  podRestartPolicy: string | undefined,
): FieldError[] {
  const faults: FieldError[] = []
  const seen = new Set<string>()
  for (const [at, { resourceName, restartPolicy }] of (policies ?? []).entries()) {
    if (faults.length > ENOUGH) break
    if (seen.has(resourceName)) faults.push(duplicate(path.index(at), resourceName))
    seen.add(resourceName)
    if (resourceName === '') faults.push(required(path))
    else if (!RESIZABLE.includes(resourceName)) faults.push(notSupported(path, resourceName, RESIZABLE))
    if (restartPolicy === '') faults.push(required(path))
    else if (!RESIZE_POLICIES.includes(restartPolicy)) faults.push(notSupported(path, restartPolicy, RESIZE_POLICIES))
    if (podRestartPolicy === 'Never' && restartPolicy !== 'NotRequired') {
      faults.push(invalidValue(path, restartPolicy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'"))
    }
  }
  return faults
}
