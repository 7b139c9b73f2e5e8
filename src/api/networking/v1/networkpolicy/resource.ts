/** NetworkPolicy, networking.k8s.io/v1: which traffic Pods may have (https://kubernetes.io/docs/concepts/services-networking/network-policies/). */

import { cidrWarnings, prefixOf, readCidr, validateCidr } from '../../../../meta/addresses.ts'
import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import { type FieldError, type FieldPath, fieldPath } from '../../../../meta/field-path.ts'
import { portName, portNumber } from '../../../../meta/names.ts'
import {
  forbiddenField,
  invalidEach,
  invalidValue,
  judgeAll,
  notSupported,
  required,
} from '../../../../meta/validation.ts'
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

const NO_RANGES: ReadonlySet<string> = new Set()
const PROTOCOLS = ['TCP', 'UDP', 'SCTP']

export const networkPolicies = defineResource<NetworkPolicy>('networking.k8s.io/v1/networkpolicies', {
  countsLeftOut: true,
  setDefaults: ({ spec }) => {
    if (spec !== undefined) defaultPolicy(spec)
  },
  validate: ({ spec }, root) => validatePolicy(spec, root.child('spec')),
  validateUpdate: ({ spec }, old, root) =>
    validatePolicy(spec, root.child('spec'), new Set(rangesOf(old.spec).map(([, text]) => text))),
  warnings: ({ spec }) => rangesOf(spec).flatMap(([path, text]) => cidrWarnings(text, path)),
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

/** Every range of a policy, and where it stands. */
function rangesOf(spec: DeepReadonly<NetworkPolicySpec> | undefined): (readonly [FieldPath, string])[] {
  const { ingress = [], egress = [] } = spec ?? {}
  const of = (peers: readonly DeepReadonly<NetworkPolicyPeer>[] | undefined, path: FieldPath) =>
    (peers ?? []).flatMap(({ ipBlock }, at) => {
      const block = path.index(at).child('ipBlock')
      const except = (ipBlock?.except ?? []).map((text, place) => [block.child('except').index(place), text] as const)
      return ipBlock === undefined ? [] : [[block.child('cidr'), ipBlock.cidr ?? ''] as const, ...except]
    })
  const root = fieldPath('spec')
  return [
    ...ingress.flatMap(({ from }, at) => of(from, root.child('ingress').index(at).child('from'))),
    ...egress.flatMap(({ to }, at) => of(to, root.child('egress').index(at).child('to'))),
  ]
}

function validatePolicy(
  spec: DeepReadonly<NetworkPolicySpec> | undefined,
  path: FieldPath,
  before: ReadonlySet<string> = NO_RANGES,
): FieldError[] {
  const faults = validateLabelSelector(spec?.podSelector, path.child('podSelector'))
  for (const [position, { ports = [], from = [] }] of (spec?.ingress ?? []).entries()) {
    const rule = path.child('ingress').index(position)
    faults.push(
      ...judgeAll(ports, (port, index) => validatePort(port, rule.child('ports').index(index))),
      ...judgeAll(from, (peer, index) => validatePeer(peer, rule.child('from').index(index), before)),
    )
  }
  for (const [position, { ports = [], to = [] }] of (spec?.egress ?? []).entries()) {
    const rule = path.child('egress').index(position)
    faults.push(
      ...judgeAll(ports, (port, index) => validatePort(port, rule.child('ports').index(index))),
      ...judgeAll(to, (peer, index) => validatePeer(peer, rule.child('to').index(index), before)),
    )
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
  before: ReadonlySet<string>,
): FieldError[] {
  const faults = [
    ...validateLabelSelector(podSelector, path.child('podSelector')),
    ...validateLabelSelector(namespaceSelector, path.child('namespaceSelector')),
    ...(ipBlock === undefined ? [] : validateBlock(ipBlock, path.child('ipBlock'), before)),
  ]
  const others = podSelector !== undefined || namespaceSelector !== undefined
  if (ipBlock === undefined && !others) faults.push(required(path, 'must specify a peer'))
  if (ipBlock !== undefined && others)
    faults.push(forbiddenField(path, 'may not specify both ipBlock and another peer'))
  return faults
}

/** `before`: ranges that the policy had already. */
function validateBlock(
  { cidr = '', except = [] }: DeepReadonly<IPBlock>,
  path: FieldPath,
  before: ReadonlySet<string>,
): FieldError[] {
  const at = path.child('cidr')
  if (cidr === '') return [required(at)]
  const block = readCidr(cidr)
  const faults = before.has(cidr) ? [] : validateCidr(cidr, at, block)
  if (block === undefined) return faults
  const inside = judgeAll(except, (text, position) => {
    const place = path.child('except').index(position)
    const inner = readCidr(text)
    const own = before.has(text) ? [] : validateCidr(text, place, inner)
    if (inner === undefined) return own
    const isInside =
      inner.address.family === block.address.family &&
      inner.bits > block.bits &&
      prefixOf(inner, block.bits) === prefixOf(block, block.bits)
    return isInside ? own : [...own, invalidValue(place, text, 'must be a strict subset of `cidr`')]
  })
  return [...faults, ...inside]
}
