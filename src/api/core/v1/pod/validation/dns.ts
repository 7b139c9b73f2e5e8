/** Names and addresses of a Pod (https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/). */

import { validateIp } from '../../../../../meta/addresses.ts'
import type { DeepReadonly } from '../../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../../meta/field-path.ts'
import { dnsSubdomain, MAX_SUBDOMAIN, maxLength, patternFault } from '../../../../../meta/names.ts'
import {
  ENOUGH,
  forbiddenField,
  invalidEach,
  invalidValue,
  judgeAll,
  notSupported,
  required,
  tooLong,
} from '../../../../../meta/validation.ts'
import type { HostAlias, PodDNSConfig, PodSpec } from '../../../../generated/core-v1.ts'

const POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']
const MAX_NAMESERVERS = 3
const MAX_SEARCHES = 32
const MAX_SEARCH_CHARACTERS = 2048

export function validateDnsPolicy(policy: string | undefined, path: FieldPath): FieldError[] {
  if (policy === undefined || policy === '') return [required(path)]
  return POLICIES.includes(policy) ? [] : [notSupported(path, policy, POLICIES)]
}

export function validateDnsConfig(
  config: DeepReadonly<PodDNSConfig> | undefined,
  policy: string | undefined,
  path: FieldPath,
): FieldError[] {
  if (policy === 'None') {
    if (config === undefined) return [required(path, 'must provide `dnsConfig` when `dnsPolicy` is None')]
    if ((config.nameservers?.length ?? 0) === 0) {
      const words = 'must provide at least one DNS nameserver when `dnsPolicy` is None'
      return [required(path.child('nameservers'), words)]
    }
  }
  if (config === undefined) return []
  const options = path.child('options')
  return [
    ...validateNameservers(config.nameservers ?? [], path.child('nameservers')),
    ...validateSearches(config.searches ?? [], path.child('searches')),
    ...judgeAll(config.options, ({ name = '' }, at) =>
      name === '' ? [required(options.index(at), 'must not be empty')] : [],
    ),
  ]
}

function validateNameservers(servers: readonly string[], path: FieldPath): FieldError[] {
  const faults: FieldError[] = []
  if (servers.length > MAX_NAMESERVERS) {
    faults.push(invalidValue(path, servers, `must not have more than ${MAX_NAMESERVERS} nameservers`))
  }
  return [...faults, ...servers.flatMap((server, at) => validateIp(server, path.index(at)))]
}

const SEARCH_FMT = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*'
const SEARCH = new RegExp(`^${SEARCH_FMT}$`)
const SEARCH_FAULT = patternFault(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
  SEARCH_FMT,
  'example.com',
)

function validateSearches(searches: readonly string[], path: FieldPath): FieldError[] {
  const faults: FieldError[] = []
  if (searches.length > MAX_SEARCHES) {
    faults.push(invalidValue(path, searches, `must not have more than ${MAX_SEARCHES} search paths`))
  }
  if (searches.join(' ').length > MAX_SEARCH_CHARACTERS) {
    const words = `must not have more than ${MAX_SEARCH_CHARACTERS} characters (including spaces) in the search list`
    faults.push(invalidValue(path, searches, words))
  }
  for (const [at, search] of searches.entries()) {
    if (faults.length > ENOUGH) break
    // A lone dot and a trailing dot are fine.
    const name = search === '.' ? '' : search.replace(/\.$/, '')
    if (search === '.') continue
    if (name.length > MAX_SUBDOMAIN) faults.push(invalidValue(path.index(at), name, maxLength(MAX_SUBDOMAIN)))
    if (!SEARCH.test(name)) faults.push(invalidValue(path.index(at), name, SEARCH_FAULT))
  }
  return faults
}

export function validateHostAliases(
  aliases: readonly DeepReadonly<HostAlias>[] | undefined,
  path: FieldPath,
): FieldError[] {
  return judgeAll(aliases, ({ ip, hostnames }, at) => {
    const here = path.index(at)
    return [
      ...validateIp(ip, here.child('ip')),
      ...judgeAll(hostnames, (name, index) =>
        invalidEach(here.child('hostnames').index(index), name, dnsSubdomain(name)),
      ),
    ]
  })
}

/** A hostname that is not the Pod's name. */
export function validateHostnameOverride(spec: DeepReadonly<PodSpec>, path: FieldPath): FieldError[] {
  const name = spec.hostnameOverride
  if (name === undefined) return []
  const faults: FieldError[] = []
  if (spec.setHostnameAsFQDN === true) {
    faults.push(forbiddenField(path, 'may not be specified when setHostnameAsFQDN is true'))
  }
  if (spec.hostNetwork === true) {
    faults.push(forbiddenField(path, 'may not be specified when hostNetwork is true'))
  }
  if (name.length > 64) faults.push(tooLong(path, 64))
  return [...faults, ...invalidEach(path, name, dnsSubdomain(name))]
}
