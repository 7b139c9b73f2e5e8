/** EndpointSlice, discovery.k8s.io/v1: where a Service's Pods are (https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/). */

import { isIPv4 } from 'node:net'
import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import { type FieldError, type FieldPath, fieldPath } from '../../../../meta/field-path.ts'
import { dnsLabel, dnsSubdomain, labelValue, qualifiedName } from '../../../../meta/names.ts'
import {
  deepEqual,
  duplicate,
  immutableField,
  invalidEach,
  invalidValue,
  judgeAll,
  notSupported,
  required,
  tooMany,
} from '../../../../meta/validation.ts'
import { canonicalIpFault, ipWarnings, validateIp } from '../../../../meta/addresses.ts'
import { validateNonSpecialIp } from '../../../core/v1/service/validate-addresses.ts'
import type { Endpoint, EndpointHints, EndpointPort, EndpointSlice } from '../../../generated/discovery-v1.ts'
import { defineResource } from '../../../resource.ts'
import { ageColumn, nameColumn } from '../../../workload/columns.ts'

const ADDRESS_TYPES = ['FQDN', 'IPv4', 'IPv6']
const PROTOCOLS = ['SCTP', 'TCP', 'UDP']
const MAX_ADDRESSES = 100
const MAX_ENDPOINTS = 1000
const MAX_PORTS = 20_000
const SHOWN = 3

export const endpointSlices = defineResource<EndpointSlice>('discovery.k8s.io/v1/endpointslices', {
  setDefaults: (draft) => {
    for (const port of draft.ports ?? []) {
      port.name ??= ''
      port.protocol ??= 'TCP'
    }
  },
  countsGeneration: true,
  countsLabelsAndDropped: true,
  // Of an older version: nobody writes it in this one.
  dropDisabledFields: ({ endpoints = [] }, old) => {
    const isOld = old?.endpoints?.some(({ deprecatedTopology }) => deprecatedTopology !== undefined)
    if (isOld !== true) for (const endpoint of endpoints) delete endpoint.deprecatedTopology
  },
  validate: (object, root) => validateSlice(object, root),
  warnings: ({ addressType, endpoints = [] }, old) => [
    ...(old === undefined && addressType === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated'] : []),
    ...endpoints.flatMap(({ addresses = [] }, at) => {
      const place = fieldPath('endpoints').index(at).child('addresses')
      return addresses.flatMap((address, index) => ipWarnings(address, place.index(index)))
    }),
  ],
  validateUpdate: (object, old, root) => [
    ...validateSlice(object, root, old),
    ...immutableField(object.addressType, old.addressType, root.child('addressType')),
  ],
  columns: [
    nameColumn(),
    { name: 'AddressType', type: 'string', cell: ({ addressType }) => addressType },
    {
      name: 'Ports',
      type: 'string',
      cell: ({ ports }) =>
        shown(
          (ports ?? []).map(({ port, name }) => String(port ?? name ?? '*')),
          '<unset>',
        ),
    },
    {
      name: 'Endpoints',
      type: 'string',
      cell: ({ endpoints }) =>
        shown(
          (endpoints ?? []).flatMap(({ addresses }) => addresses),
          '<unset>',
        ),
    },
    ageColumn(),
  ],
})

function shown(texts: readonly string[], none: string): string {
  if (texts.length === 0) return none
  return texts.length > SHOWN ? `${texts.slice(0, SHOWN).join()} + ${texts.length - SHOWN} more...` : texts.join()
}

/** Endpoints that an update leaves as they are may be what older servers took. */
function validateSlice(
  slice: DeepReadonly<EndpointSlice>,
  root: FieldPath,
  old?: DeepReadonly<EndpointSlice>,
): FieldError[] {
  const { addressType, endpoints = [], ports = [] } = slice
  const faults: FieldError[] = []
  if (!addressType) faults.push(required(root.child('addressType')))
  else if (!ADDRESS_TYPES.includes(addressType))
    faults.push(notSupported(root.child('addressType'), addressType, ADDRESS_TYPES))
  if (ports.length > MAX_PORTS) faults.push(tooMany(root.child('ports'), ports.length, MAX_PORTS))
  else faults.push(...validatePorts(ports, root.child('ports')))
  if (old !== undefined && deepEqual(old.endpoints ?? [], endpoints)) return faults
  if (endpoints.length > MAX_ENDPOINTS) faults.push(tooMany(root.child('endpoints'), endpoints.length, MAX_ENDPOINTS))
  else
    endpoints.forEach((endpoint, position) =>
      faults.push(...validateEndpoint(endpoint, addressType, root.child('endpoints').index(position))),
    )
  return faults
}

/** Faults of one address; of types that nobody knows none. */
function validateAddress(address: string, type: string, path: FieldPath, at: number): FieldError[] {
  const here = path.index(at)
  if (type === 'FQDN') return validateFullName(address, here)
  if (type !== 'IPv4' && type !== 'IPv6') return []
  const canonical = type === 'IPv6' ? canonicalIpFault(address) : undefined
  const faults = canonical === undefined ? validateIp(address, here) : [invalidValue(here, address, canonical)]
  if (faults.length > 0) return faults
  if (isIPv4(address) !== (type === 'IPv4')) faults.push(invalidValue(path, address, `must be an ${type} address`))
  return [...faults, ...validateNonSpecialIp(address, here)]
}

function validateFullName(address: string, path: FieldPath): FieldError[] {
  if (address === '') return [required(path)]
  const name = address.replace(/\.$/, '')
  const wrong = dnsSubdomain(name)
  if (wrong.length > 0) return [invalidValue(path, name, wrong.join())]
  const labels = name.split('.')
  if (labels.length < 2) {
    return [invalidValue(path, name, 'should be a domain with at least two segments separated by dots')]
  }
  const label = labels.find((one) => dnsLabel(one).length > 0)
  return label === undefined ? [] : [invalidValue(path, label, dnsLabel(label).join())]
}

function validateEndpoint(
  { addresses = [], hostname, nodeName, hints }: DeepReadonly<Endpoint>,
  type: string,
  path: FieldPath,
): FieldError[] {
  const at = path.child('addresses')
  const faults: FieldError[] = []
  if (addresses.length === 0) faults.push(required(at, 'must contain at least 1 address'))
  if (addresses.length > MAX_ADDRESSES) faults.push(tooMany(at, addresses.length, MAX_ADDRESSES))
  faults.push(...judgeAll(addresses, (address, position) => validateAddress(address, type, at, position)))
  if (nodeName !== undefined) faults.push(...invalidEach(path.child('nodeName'), nodeName, dnsSubdomain(nodeName)))
  if (hostname !== undefined) faults.push(...invalidEach(path.child('hostname'), hostname, dnsLabel(hostname)))
  return hints === undefined ? faults : [...faults, ...validateHints(hints, path.child('hints'))]
}

const MAX_HINTS = 8

/** The zones and nodes whose clients should use an endpoint. */
function validateHints({ forZones = [], forNodes = [] }: DeepReadonly<EndpointHints>, path: FieldPath): FieldError[] {
  const faults: FieldError[] = []
  const zones = new Set<string>()
  for (const [field, list] of Object.entries({ forZones, forNodes })) {
    const at = path.child(field)
    if (list.length > MAX_HINTS) {
      faults.push(tooMany(at, list.length, MAX_HINTS))
      continue
    }
    zones.clear()
    list.forEach(({ name = '' }, n) => {
      const here = at.index(n).child('name')
      if (zones.has(name)) faults.push(duplicate(here, name))
      zones.add(name)
      faults.push(...invalidEach(here, name, field === 'forZones' ? labelValue(name) : dnsSubdomain(name)))
    })
  }
  return faults
}

function validatePorts(ports: DeepReadonly<EndpointPort[]>, path: FieldPath): FieldError[] {
  const names = new Set<string>()
  return ports.flatMap(({ name = '', protocol, appProtocol }, position) => {
    const at = path.index(position)
    const faults = name === '' ? [] : invalidEach(at.child('name'), name, dnsLabel(name))
    if (names.has(name)) faults.push(duplicate(at.child('name'), name))
    names.add(name)
    if (protocol === undefined) faults.push(required(at.child('protocol')))
    else if (!PROTOCOLS.includes(protocol)) faults.push(notSupported(at.child('protocol'), protocol, PROTOCOLS))
    if (appProtocol !== undefined)
      faults.push(...invalidEach(at.child('appProtocol'), appProtocol, qualifiedName(appProtocol)))
    return faults
  })
}
