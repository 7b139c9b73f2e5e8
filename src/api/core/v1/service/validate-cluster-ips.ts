/** The addresses of a Service and their families (https://kubernetes.io/docs/concepts/services-networking/dual-stack/). */

import { isIP } from 'node:net'
import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import { type FieldError, fieldPath, type FieldPath } from '../../../../meta/field-path.ts'
import { deepEqual, duplicate, ENOUGH, invalidValue, notSupported, isRepeated } from '../../../../meta/validation.ts'
import type { Service, ServiceSpec } from '../../../generated/core-v1.ts'
import { validateIp } from '../../../../meta/addresses.ts'
import { HEADLESS, typeOf } from './facts.ts'

type Spec = DeepReadonly<ServiceSpec>

const FAMILIES = ['IPv4', 'IPv6']
const POLICIES = ['PreferDualStack', 'RequireDualStack', 'SingleStack']

export function validateClusterIps(spec: Spec, path: FieldPath): FieldError[] {
  const { clusterIP = '', clusterIPs = [], ipFamilyPolicy } = spec
  const list = path.child('clusterIPs')
  const faults: FieldError[] = []
  if (clusterIP === '' && clusterIPs.length > 0) {
    faults.push(invalidValue(list, clusterIPs, 'must be empty when `clusterIP` is not specified'))
  } else if (clusterIP !== '' && clusterIPs[0] !== clusterIP) {
    faults.push(invalidValue(list, clusterIPs, 'first value must match `clusterIP`'))
  }
  faults.push(...validateFamilies(spec, path.child('ipFamilies')))
  if (ipFamilyPolicy !== undefined && !POLICIES.includes(ipFamilyPolicy)) {
    faults.push(notSupported(path.child('ipFamilyPolicy'), ipFamilyPolicy, POLICIES))
  }
  return [...faults, ...validateAddresses(spec, list)]
}

function validateFamilies({ ipFamilies = [] }: Spec, path: FieldPath): FieldError[] {
  const faults: FieldError[] = []
  for (const [at, family] of ipFamilies.entries()) {
    if (faults.length > ENOUGH) break
    if (!FAMILIES.includes(family)) faults.push(notSupported(path.index(at), family, FAMILIES))
    if (isRepeated(ipFamilies, family, at)) faults.push(duplicate(path.index(at), family))
  }
  return faults
}

function validateAddresses(spec: Spec, path: FieldPath): FieldError[] {
  const { clusterIPs = [], ipFamilies = [] } = spec
  const faults: FieldError[] = []
  for (const [at, address] of clusterIPs.entries()) {
    if (faults.length > ENOUGH) break
    if (at === 0 && address === HEADLESS) {
      if (clusterIPs.length > 1) faults.push(invalidValue(path, clusterIPs, "'None' must be the first and only value"))
      continue
    }
    const wrong = validateIp(address, path.index(at))
    faults.push(...wrong)
    const family = ipFamilies[at]
    if (wrong.length > 0 || family === undefined || !FAMILIES.includes(family)) continue
    if ((isIP(address) === 4) !== (family === 'IPv4')) {
      const words = `expected an ${family} value as indicated by \`ipFamilies[${at}]\``
      faults.push(invalidValue(path.index(at), address, words))
    }
  }
  const [first = '', second] = clusterIPs
  if (second !== undefined && faults.length === 0 && isIP(first) === isIP(second))
    faults.push(invalidValue(path, clusterIPs, 'may specify no more than one IP for each IP family'))
  if (clusterIPs.length > 2) faults.push(invalidValue(path, clusterIPs, 'may only hold up to 2 values'))
  return faults
}

/** What is said of addresses and families before anything else is: nothing is allotted to a Service that asks for what cannot be. */
export function validateFamilyUse({ spec = {} }: DeepReadonly<Service>): FieldError[] {
  if (spec.type === 'ExternalName') return []
  const path = fieldPath('spec')
  const { clusterIP, clusterIPs = [], ipFamilies = [], ipFamilyPolicy: policy } = spec
  const faults = validateClusterIps(spec, path)
  if (faults.length > 0) return faults
  const at = path.child('ipFamilyPolicy')
  const both = (what: string) => `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`
  if (policy === 'SingleStack' && clusterIPs.length === 2) faults.push(invalidValue(at, policy, both('cluster IPs')))
  if (policy === 'SingleStack' && ipFamilies.length === 2) faults.push(invalidValue(at, policy, both('IP families')))
  clusterIPs.forEach((address, n) => {
    // Of a family that was asked for it is told as such.
    if (n < ipFamilies.length || isIP(address) !== 6) return
    faults.push(invalidValue(path.child('clusterIPs').index(n), clusterIPs, 'IPv6 is not configured on this cluster'))
  })
  if (faults.length > 0 || (clusterIP === HEADLESS && Object.keys(spec.selector ?? {}).length === 0)) return faults
  if (policy === 'RequireDualStack')
    faults.push(invalidValue(at, policy, 'this cluster is not configured for dual-stack services'))
  ipFamilies.forEach((family, n) => {
    if (family === 'IPv6')
      faults.push(invalidValue(path.child('ipFamilies').index(n), family, 'not configured on this cluster'))
  })
  return faults
}

/** The first address and family stay; a second may come and go. */
export function validateClusterIpUpdate(
  service: DeepReadonly<Service>,
  old: DeepReadonly<Service>,
  path: FieldPath,
): FieldError[] {
  if (typeOf(service) === 'ExternalName' || typeOf(old) === 'ExternalName') return []
  return [
    ...validateChange(service.spec?.clusterIPs, old.spec?.clusterIPs, path.child('clusterIPs'), 'clusterIP'),
    ...validateChange(service.spec?.ipFamilies, old.spec?.ipFamilies, path.child('ipFamilies'), 'ipFamily'),
  ]
}

function validateChange(
  now: readonly string[] | undefined,
  before: readonly string[] | undefined,
  path: FieldPath,
  what: string,
): FieldError[] {
  const was = before ?? []
  if (was.length === 0 || was[0] === '' || deepEqual(now, before)) return []
  if (now === undefined || now.length === 0) {
    return [invalidValue(path.index(0), now, `primary ${what} can not be unset`)]
  }
  if (now[0] !== was[0]) return [invalidValue(path.index(0), now, 'may not change once set')]
  if (now.length > 1 && was.length > 1 && now[1] !== was[1]) {
    return [invalidValue(path.index(1), now, 'may not change once set')]
  }
  return []
}
