/** Ports of a Pod that get in each other's way (https://kubernetes.io/docs/concepts/services-networking/service/#port-definitions). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldPath } from '../../../../meta/field-path.ts'
import { goQuote } from '../../../../meta/go-quote.ts'
import type { ContainerPort, PodSpec } from '../../../generated/core-v1.ts'

interface Placed {
  readonly port: ContainerPort
  readonly path: FieldPath
}

/** What is odd about the ports of all containers together. `path` is the spec's. */
export function portWarnings(spec: DeepReadonly<PodSpec>, path: FieldPath): string[] {
  const ports = (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((list) =>
    (spec[list] ?? []).flatMap((container, at) =>
      (container.ports ?? []).map((port, index): Placed => {
        const here = path.child(list).index(at).child('ports').index(index)
        return { port, path: here }
      }),
    ),
  )
  return [...conflicts(ports), ...doubledNames(ports)]
}

function conflicts(ports: readonly Placed[]): string[] {
  const warnings: string[] = []
  const byPort = new Map<string, Placed[]>()
  for (const placed of ports) {
    const { containerPort, protocol, hostIP = '', hostPort = 0 } = placed.port
    if (hostIP !== '' && hostPort === 0) {
      const shown = `{Name:${placed.port.name ?? ''} HostPort:0 ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`
      warnings.push(`${placed.path.toString()}: hostIP set without hostPort: ${shown}`)
    }
    const key = `${containerPort}/${protocol}`
    const others = byPort.get(key)
    if (others === undefined) byPort.set(key, [placed])
    else {
      for (const other of others) {
        const how = conflictOf(placed.port, other.port)
        if (how !== undefined) warnings.push(`${placed.path.toString()}: ${how} with ${other.path.toString()}`)
      }
      others.push(placed)
    }
  }
  return warnings
}

/** How two definitions of one port of one protocol get in each other's way, if they do. */
function conflictOf(a: ContainerPort, b: ContainerPort): string | undefined {
  const [ip, otherIp] = [a.hostIP ?? '', b.hostIP ?? '']
  const [port, otherPort] = [a.hostPort ?? 0, b.hostPort ?? 0]
  if (ip === otherIp && port === otherPort) return 'duplicate port definition'
  if (port === 0 || otherPort === 0) return 'overlapping port definition'
  if (port === otherPort && (ip === '') !== (otherIp === '')) return 'dangerously ambiguous port definition'
  return undefined
}

function doubledNames(ports: readonly Placed[]): string[] {
  const first = new Map<string, FieldPath>()
  return ports.flatMap(({ port: { name = '' }, path }) => {
    if (name === '') return []
    const other = first.get(name)?.toString()
    if (other === undefined) {
      first.set(name, path)
      return []
    }
    const words = `services and probes that select ports by name will use ${other}`
    return [`${path.toString()}: duplicate port name ${goQuote(name)} with ${other}, ${words}`]
  })
}
