/**
 * Variables that tell a container where the Services of its namespace are
 * (https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables).
 */

import type { Service } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'

type ServiceView = DeepReadonly<Service>

const variableName = (service: string) => service.toUpperCase().replaceAll('-', '_')

const hasAddress = ({ spec }: ServiceView) =>
  spec?.clusterIP !== undefined && spec.clusterIP !== '' && spec.clusterIP !== 'None'

/** The Services a Pod hears of: those of its namespace if it wants links, and always the API server's. */
export function visibleServices(
  services: readonly ServiceView[],
  namespace: string,
  enableServiceLinks: boolean,
): readonly ServiceView[] {
  const chosen = new Map<string, ServiceView>()
  for (const service of services) {
    const { name = '', namespace: home = '' } = service.metadata
    if (!hasAddress(service)) continue
    if (home === 'default' && name === 'kubernetes' && !chosen.has(name)) chosen.set(name, service)
    if (home === namespace && enableServiceLinks) chosen.set(name, service)
  }
  return [...chosen.values()]
}

/** Name and value of every variable, in no promised order. */
export function serviceVariables(services: readonly ServiceView[]): ReadonlyMap<string, string> {
  const variables = new Map<string, string>()
  for (const { metadata, spec } of services) {
    const [first, ...others] = spec?.ports ?? []
    if (first === undefined) continue
    const prefix = variableName(metadata.name ?? '')
    const ip = spec?.clusterIP ?? ''
    const host = ip.includes(':') ? `[${ip}]` : ip
    variables.set(`${prefix}_SERVICE_HOST`, ip)
    variables.set(`${prefix}_SERVICE_PORT`, String(first.port))
    for (const [index, port] of [first, ...others].entries()) {
      const { name = '', protocol = 'TCP' } = port
      const link = `${protocol.toLowerCase()}://${host}:${port.port}`
      if (name !== '') variables.set(`${prefix}_SERVICE_PORT_${variableName(name)}`, String(port.port))
      if (index === 0) variables.set(`${prefix}_PORT`, link)
      const one = `${prefix}_PORT_${port.port}_${protocol}`
      variables.set(one, link)
      variables.set(`${one}_PROTO`, protocol.toLowerCase())
      variables.set(`${one}_PORT`, String(port.port))
      variables.set(`${one}_ADDR`, ip)
    }
  }
  return variables
}
