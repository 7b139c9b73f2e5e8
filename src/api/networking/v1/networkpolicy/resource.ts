/** NetworkPolicy, networking.k8s.io/v1: which traffic Pods may have (https://kubernetes.io/docs/concepts/services-networking/network-policies/). */

import { isIP } from 'node:net'
import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { portName, portNumber } from '../../../../meta/names.ts'
import { forbiddenField, invalidEach, invalidValue, notSupported, required } from '../../../../meta/validation.ts'
import type {
  IPBlock,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicySpec,
} from '../../../generated/networking-v1.ts'
import { defineResource } from '../../../resource.ts'
import { ageColumn, nameColumn, selectorText } from '../../../workload/columns.ts'
import { validateLabelSelector } from '../../../workload/validate-selector.ts'

const PROTOCOLS = ['TCP', 'UDP', 'SCTP']

export const networkPolicies = defineResource<NetworkPolicy>('networking.k8s.io/v1/networkpolicies', {
  setDefaults: ({ spec }) => {
    if (spec !== undefined) defaultPolicy(spec)
  },
  validate: ({ spec }, root) => validatePolicy(spec, root.child('spec')),
  validateUpdate: ({ spec }, _old, root) => validatePolicy(spec, root.child('spec')),
  columns: [
    nameColumn(),
    { name: 'Pod-Selector', type: 'string', cell: ({ spec }) => selectorText(spec?.podSelector) },
    ageColumn(),
  ],
})

function defaultPolicy(spec: NetworkPolicySpec): void {
  for (const { ports = [] } of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
    for (const port of ports) port.protocol ??= 'TCP'
  }
  if ((spec.policyTypes ?? []).length === 0)
    spec.policyTypes = (spec.egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress']
}

function validatePolicy(spec: DeepReadonly<NetworkPolicySpec> | undefined, path: FieldPath): FieldError[] {
  const faults = validateLabelSelector(spec?.podSelector, path.child('podSelector'))
  for (const [position, { ports = [], from = [] }] of (spec?.ingress ?? []).entries()) {
    const rule = path.child('ingress').index(position)
    ports.forEach((port, index) => faults.push(...validatePort(port, rule.child('ports').index(index))))
    from.forEach((peer, index) => faults.push(...validatePeer(peer, rule.child('from').index(index))))
  }
  for (const [position, { ports = [], to = [] }] of (spec?.egress ?? []).entries()) {
    const rule = path.child('egress').index(position)
    ports.forEach((port, index) => faults.push(...validatePort(port, rule.child('ports').index(index))))
    to.forEach((peer, index) => faults.push(...validatePeer(peer, rule.child('to').index(index))))
  }
  const types = spec?.policyTypes ?? []
  if (types.length > 2)
    return [...faults, invalidValue(path.child('policyTypes'), types, 'may not specify more than two policyTypes')]
  for (const [position, type] of types.entries()) {
    if (type !== 'Ingress' && type !== 'Egress') {
      faults.push(notSupported(path.child('policyTypes').index(position), type, ['Ingress', 'Egress']))
    }
  }
  return faults
}

function validatePort({ protocol, port, endPort }: DeepReadonly<NetworkPolicyPort>, path: FieldPath): FieldError[] {
  const faults: FieldError[] = []
  if (protocol !== undefined && !PROTOCOLS.includes(protocol))
    faults.push(notSupported(path.child('protocol'), protocol, PROTOCOLS))
  const at = path.child('endPort')
  if (typeof port === 'number') {
    faults.push(...invalidEach(path.child('port'), port, portNumber(port)))
    if (endPort !== undefined && endPort < port)
      faults.push(invalidValue(at, port, 'must be greater than or equal to `port`'))
    if (endPort !== undefined) faults.push(...invalidEach(at, endPort, portNumber(endPort)))
  } else if (typeof port === 'string') {
    if (endPort !== undefined) faults.push(invalidValue(at, endPort, 'may not be specified when `port` is non-numeric'))
    faults.push(...invalidEach(path.child('port'), port, portName(port)))
  } else if (endPort !== undefined) {
    faults.push(invalidValue(at, endPort, 'may not be specified when `port` is not specified'))
  }
  return faults
}

function validatePeer(
  { podSelector, namespaceSelector, ipBlock }: DeepReadonly<NetworkPolicyPeer>,
  path: FieldPath,
): FieldError[] {
  const faults = [
    ...validateLabelSelector(podSelector, path.child('podSelector')),
    ...validateLabelSelector(namespaceSelector, path.child('namespaceSelector')),
    ...(ipBlock === undefined ? [] : validateBlock(ipBlock, path.child('ipBlock'))),
  ]
  const others = podSelector !== undefined || namespaceSelector !== undefined
  if (ipBlock === undefined && !others) faults.push(required(path, 'must specify a peer'))
  if (ipBlock !== undefined && others)
    faults.push(forbiddenField(path, 'may not specify both ipBlock and another peer'))
  return faults
}

function validateBlock({ cidr = '', except = [] }: DeepReadonly<IPBlock>, path: FieldPath): FieldError[] {
  if (cidr === '') return [required(path.child('cidr'))]
  const block = parseCidr(cidr)
  const form = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'
  if (block === undefined) return [invalidValue(path.child('cidr'), cidr, form)]
  return except.flatMap((text, position) => {
    const at = path.child('except').index(position)
    const inner = parseCidr(text)
    if (inner === undefined) return [invalidValue(at, text, form)]
    const isInside =
      inner.family === block.family &&
      inner.bits > block.bits &&
      inner.value >> inner.rest(block.bits) === block.value >> block.rest(block.bits)
    return isInside ? [] : [invalidValue(at, text, 'must be a strict subset of `cidr`')]
  })
}

interface Cidr {
  readonly family: number
  readonly value: bigint
  readonly bits: number
  /** How many bits are left beyond a prefix. */
  rest(bits: number): bigint
}

function parseCidr(text: string): Cidr | undefined {
  const [address = '', length = '', extra] = text.split('/')
  const family = isIP(address)
  const width = family === 4 ? 32 : 128
  if (family === 0 || extra !== undefined || !/^\d{1,3}$/.test(length) || Number(length) > width) return undefined
  return { family, value: addressValue(address, family), bits: Number(length), rest: (bits) => BigInt(width - bits) }
}

function addressValue(address: string, family: number): bigint {
  if (family === 4) return address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n)
  const [head = '', tail] = address.split('::')
  const groups = (part: string) => (part === '' ? [] : part.split(':'))
  const [first, last] = [groups(head), groups(tail ?? '')]
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - first.length - last.length }, () => '0')
  return [...first, ...zeros, ...last].reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n)
}
