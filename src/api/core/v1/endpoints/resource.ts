/** Endpoints, v1: where a Service's requests go; EndpointSlices say it today (https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoints-v1/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import { type FieldError, type FieldPath, fieldPath } from '../../../../meta/field-path.ts'
import { dnsLabel, dnsSubdomain, portNumber, qualifiedName } from '../../../../meta/names.ts'
import { ENOUGH, invalidEach, judgeAll, notSupported, required } from '../../../../meta/validation.ts'
import { ageColumn, nameColumn, textColumn } from '../../../columns.ts'
import type { EndpointAddress, EndpointPort, Endpoints, EndpointSubset } from '../../../generated/core-v1.ts'
import { defineResource } from '../../../resource.ts'
import { ipWarnings, validateIp } from '../../../../meta/addresses.ts'
import { validateNonSpecialIp } from '../service/validate-addresses.ts'

type Shared = DeepReadonly<Endpoints>

const DEPRECATED = 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice'
const PROTOCOLS = ['SCTP', 'TCP', 'UDP']
const SHOWN = 3

export const endpoints = defineResource<Endpoints>('v1/endpoints', {
  allowCreateOnUpdate: true,
  deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  setDefaults({ subsets }) {
    for (const { ports } of subsets ?? []) for (const port of ports ?? []) port.protocol ??= 'TCP'
  },
  validate: validateEndpoints,
  warnings: (endpoints) => [DEPRECATED, ...addressWarnings(endpoints)],
  columns: [nameColumn(), textColumn<Endpoints>('Endpoints', endpointsText), ageColumn()],
})

/** `10.0.0.1:80,10.0.0.2:80 + 3 more...` */
function endpointsText({ subsets }: Shared): string {
  if (subsets === undefined || subsets.length === 0) return '<none>'
  const all = subsets.flatMap(({ addresses, ports }) => {
    const ips = (addresses ?? []).map(({ ip }) => ip)
    if (ports === undefined || ports.length === 0) return ips
    return ports.flatMap(({ port }) => ips.map((ip) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)))
  })
  const text = all.slice(0, SHOWN).join(',')
  return all.length > SHOWN ? `${text} + ${all.length - SHOWN} more...` : text
}

function addressWarnings({ subsets = [] }: Shared): string[] {
  return subsets.flatMap((subset, at) =>
    (['addresses', 'notReadyAddresses'] as const).flatMap((list) => {
      const place = fieldPath('subsets').index(at).child(list)
      return (subset[list] ?? []).flatMap(({ ip = '' }, index) => ipWarnings(ip, place.index(index).child('ip')))
    }),
  )
}

function validateEndpoints({ subsets }: Shared, root: FieldPath): FieldError[] {
  return judgeAll(subsets, (subset, at) => validateSubset(subset, root.child('subsets').index(at)))
}

function validateSubset(subset: DeepReadonly<EndpointSubset>, path: FieldPath): FieldError[] {
  const { addresses = [], notReadyAddresses = [], ports = [] } = subset
  const faults: FieldError[] = []
  if (addresses.length === 0 && notReadyAddresses.length === 0) {
    faults.push(required(path, 'must specify `addresses` or `notReadyAddresses`'))
  }
  for (const list of ['addresses', 'notReadyAddresses'] as const) {
    for (const [at, address] of (subset[list] ?? []).entries()) {
      if (faults.length > ENOUGH) break
      faults.push(...validateAddress(address, path.child(list).index(at)))
    }
  }
  for (const [at, port] of ports.entries()) {
    if (faults.length > ENOUGH) break
    faults.push(...validatePort(port, path.child('ports').index(at), ports.length > 1))
  }
  return faults
}

function validateAddress(address: DeepReadonly<EndpointAddress>, path: FieldPath): FieldError[] {
  const { ip, hostname = '', nodeName } = address
  const faults = validateIp(ip, path.child('ip'))
  if (hostname !== '') faults.push(...invalidEach(path.child('hostname'), hostname, dnsLabel(hostname)))
  if (nodeName !== undefined) faults.push(...invalidEach(path.child('nodeName'), nodeName, dnsSubdomain(nodeName)))
  return [...faults, ...validateNonSpecialIp(ip, path.child('ip'))]
}

function validatePort(port: EndpointPort, path: FieldPath, needsName: boolean): FieldError[] {
  const { name = '', protocol = '', appProtocol } = port
  const faults: FieldError[] = []
  if (needsName && name === '') faults.push(required(path.child('name')))
  else if (name !== '') faults.push(...invalidEach(path.child('name'), name, dnsLabel(name)))
  faults.push(...invalidEach(path.child('port'), port.port, portNumber(port.port)))
  const stated: string = protocol
  if (stated === '') faults.push(required(path.child('protocol')))
  else if (!PROTOCOLS.includes(stated)) faults.push(notSupported(path.child('protocol'), stated, PROTOCOLS))
  if (appProtocol !== undefined) {
    faults.push(...invalidEach(path.child('appProtocol'), appProtocol, qualifiedName(appProtocol)))
  }
  return faults
}
