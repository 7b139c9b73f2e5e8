/** The ports of a Service. */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { dnsLabel, portNumber, qualifiedName } from '../../../../meta/names.ts'
import { duplicate, ENOUGH, invalidEach, notSupported, required } from '../../../../meta/validation.ts'
import type { Service, ServicePort } from '../../../generated/core-v1.ts'
import { validatePort } from '../pod/validation/probes.ts'

const PROTOCOLS = ['SCTP', 'TCP', 'UDP']

export function validateServicePorts({ spec }: DeepReadonly<Service>, path: FieldPath): FieldError[] {
  const ports = spec?.ports ?? []
  const faults: FieldError[] = []
  const names = new Set<string>()
  for (const [at, port] of ports.entries()) {
    if (faults.length > ENOUGH) break
    faults.push(...validateServicePort(port, ports.length > 1, names, path.index(at)))
  }
  return [...faults, ...uniquePorts(ports, path)]
}

function validateServicePort(port: ServicePort, needsName: boolean, names: Set<string>, path: FieldPath): FieldError[] {
  const { name = '', appProtocol } = port
  const protocol: string = port.protocol ?? ''
  const faults: FieldError[] = []
  if (needsName && name === '') faults.push(required(path.child('name')))
  else if (name !== '') {
    faults.push(...invalidEach(path.child('name'), name, dnsLabel(name)))
    if (names.has(name)) faults.push(duplicate(path.child('name'), name))
    names.add(name)
  }
  faults.push(...invalidEach(path.child('port'), port.port, portNumber(port.port)))
  if (protocol === '') faults.push(required(path.child('protocol')))
  else if (!PROTOCOLS.includes(protocol)) faults.push(notSupported(path.child('protocol'), protocol, PROTOCOLS))
  faults.push(...validatePort(port.targetPort, path.child('targetPort')))
  if (appProtocol !== undefined) {
    faults.push(...invalidEach(path.child('appProtocol'), appProtocol, qualifiedName(appProtocol)))
  }
  return faults
}

/** A port, or a port of the nodes, belongs to one entry for each protocol. */
function uniquePorts(ports: readonly ServicePort[], path: FieldPath): FieldError[] {
  const faults: FieldError[] = []
  const nodePorts = new Set<string>()
  for (const [at, { nodePort = 0, protocol }] of ports.entries()) {
    if (faults.length > ENOUGH) break
    const key = `${protocol}/${nodePort}`
    if (nodePort !== 0 && nodePorts.has(key)) faults.push(duplicate(path.index(at).child('nodePort'), nodePort))
    nodePorts.add(key)
  }
  const seen = new Set<string>()
  for (const [at, { port, protocol }] of ports.entries()) {
    if (faults.length > ENOUGH) break
    const key = `${protocol}/${port}`
    if (seen.has(key)) faults.push(duplicate(path.index(at), asStruct(port, protocol)))
    seen.add(key)
  }
  return faults
}

/** A port by its number, as Go prints the struct that it compares. */
const asStruct = (Port: number, Protocol: string | undefined) => ({
  Name: '',
  Protocol,
  AppProtocol: null,
  Port,
  TargetPort: 0,
  NodePort: 0,
})
