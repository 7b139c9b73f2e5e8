/** What a Pod's status may say (https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodStatus). */

import { isIP } from 'node:net'
import { validateIp } from '../../../../../meta/addresses.ts'
import type { DeepReadonly } from '../../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../../meta/field-path.ts'
import { dnsLabel, dnsSubdomain, qualifiedName } from '../../../../../meta/names.ts'
import {
  duplicate,
  forbiddenField,
  invalidEach,
  invalidValue,
  judgeAll,
  required,
} from '../../../../../meta/validation.ts'
import type { Pod, PodExtendedResourceClaimStatus, PodStatus } from '../../../../generated/core-v1.ts'

type Status = DeepReadonly<PodStatus>

const NOT_NEGATIVE = 'must be a non-negative integer'
const SYSTEM_CONDITIONS = new Set(['PodScheduled', 'Ready', 'Initialized'])

/** The faults of a status by itself, whatever it was before; `path` is its own. */
export function validatePodConditions({ conditions }: Status, path: FieldPath): FieldError[] {
  return judgeAll(conditions, ({ type = '', observedGeneration = 0 }, at) => {
    const here = path.child('conditions').index(at)
    const faults: FieldError[] = []
    if (observedGeneration < 0) {
      faults.push(invalidValue(here.child('observedGeneration'), observedGeneration, NOT_NEGATIVE))
    }
    if (SYSTEM_CONDITIONS.has(type)) return faults
    return [...faults, ...invalidEach(here.child('Type'), type, qualifiedName(type))]
  })
}

export function validateObservedGeneration({ observedGeneration = 0 }: Status, path: FieldPath): FieldError[] {
  if (observedGeneration >= 0) return []
  return [invalidValue(path.child('observedGeneration'), observedGeneration, NOT_NEGATIVE)]
}

/** Claims that were made or found for the Pod. */
export function validateClaimStatuses(pod: DeepReadonly<Pod>, path: FieldPath): FieldError[] {
  const claims = new Set(pod.spec?.resourceClaims?.map(({ name }) => name))
  const told = new Set<string>()
  const faults = judgeAll(pod.status?.resourceClaimStatuses, ({ name = '', resourceClaimName }, at) => {
    const here = path.child('resourceClaimStatuses').index(at)
    const own: FieldError[] = []
    if (!claims.has(name)) {
      own.push(invalidValue(here.child('name'), name, 'must match the name of an entry in `spec.resourceClaims`'))
    }
    if (told.has(name)) own.push(duplicate(here.child('name'), name))
    told.add(name)
    if (resourceClaimName !== undefined) {
      own.push(...invalidEach(here.child('resourceClaimName'), resourceClaimName, dnsSubdomain(resourceClaimName)))
    }
    return own
  })
  const extended = pod.status?.extendedResourceClaimStatus
  if (extended === undefined) return faults
  return [...faults, ...validateExtendedClaim(extended, pod, path.child('extendedResourceClaimStatus'))]
}

function validateExtendedClaim(
  { requestMappings = [], resourceClaimName = '' }: DeepReadonly<PodExtendedResourceClaimStatus>,
  { spec }: DeepReadonly<Pod>,
  path: FieldPath,
): FieldError[] {
  const names = new Set([...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].map(({ name }) => name))
  const mappings = path.child('requestMappings')
  const faults: FieldError[] = []
  if (requestMappings.length === 0) faults.push(required(mappings, 'at least one request mapping is required'))
  faults.push(
    ...judgeAll(requestMappings, ({ containerName = '', requestName = '' }, at) => {
      const words = 'must match the name of an entry in spec.initContainers.name or spec.containers.name'
      const known = names.has(containerName)
      return [
        ...(known ? [] : [invalidValue(mappings.index(at).child('containerName'), containerName, words)]),
        ...invalidEach(path.child('requestName'), requestName, dnsLabel(requestName)),
      ]
    }),
  )
  const here = path.child('resourceClaimName')
  if (resourceClaimName === '') return [...faults, required(here)]
  return [...faults, ...invalidEach(here, resourceClaimName, dnsSubdomain(resourceClaimName))]
}

const ONE_EACH = 'may specify no more than one IP for each IP family'

/** The addresses of the Pod and of its node: one of each family at most. */
export function validateAddresses(status: Status, path: FieldPath): FieldError[] {
  const { podIP = '', podIPs = [], hostIP = '', hostIPs = [] } = status
  // One address alone is a list of one.
  const ips = podIPs.length === 0 && podIP !== '' ? [podIP] : podIPs.map(({ ip }) => ip)
  const faults = validateIps(ips, path.child('podIPs'))
  const first = hostIPs[0]?.ip ?? ''
  const here = path.child('hostIPs')
  if (hostIPs.length > 0 && first !== hostIP) {
    faults.push(invalidValue(here.index(0).child('ip'), first, 'must be equal to `hostIP`'))
  }
  return [
    ...faults,
    ...validateIps(
      hostIPs.map(({ ip }) => ip),
      here,
    ),
  ]
}

function validateIps(addresses: readonly (string | undefined)[], path: FieldPath): FieldError[] {
  const faults = judgeAll(addresses, (address = '', at) => validateIp(address, path.index(at)))
  if (faults.length > 0 || addresses.length < 2) return faults
  const families = new Set(addresses.map((address = '') => isIP(address)))
  if (addresses.length === 2 && families.size === 2) return []
  return [
    invalidValue(
      path,
      addresses.map((address) => ({ IP: address })),
      ONE_EACH,
    ),
  ]
}

/** Containers put into a running Pod have no resources of their own. */
export function validateNoAllocated({ ephemeralContainerStatuses }: Status, path: FieldPath): FieldError[] {
  return judgeAll(ephemeralContainerStatuses, ({ allocatedResourcesStatus = [] }, at) => {
    if (allocatedResourcesStatus.length === 0) return []
    const here = path.child('ephemeralContainerStatuses').index(at).child('allocatedResourcesStatus')
    return [forbiddenField(here, 'must not be specified in container status')]
  })
}
