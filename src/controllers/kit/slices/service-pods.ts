/**
 * Which Pods stand behind a Service, and under which ports
 * (https://kubernetes.io/docs/concepts/services-networking/service/#services-in-kubernetes). Pure.
 */

import { isPodReady, isTerminal } from '../../../api/core/v1/pod/facts.ts'
import type { Pod, Protocol, Service, ServicePort } from '../../../api/generated/core-v1.ts'
import type { Informer } from '../../../client/informer.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { selectorFromMap } from '../../../meta/label-selector.ts'
import { sameJson } from '../equal.ts'
import { isDeleting } from '../ownership.ts'
import type { ReadPod } from '../pods.ts'
import { remembered } from '../remembered.ts'
import { indexBySelector, selectedBy, selecting } from '../selected.ts'

export type ReadService = DeepReadonly<Service>

export const HEADLESS = 'service.kubernetes.io/headless'
/** When the change happened that made the endpoints change. */
export const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time'

/** A port of the Service as one Pod offers it. */
export interface OfferedPort {
  readonly name: string
  readonly protocol: Protocol
  readonly port: number
  readonly appProtocol?: string
}

/** Whether somebody must find Pods for the Service. */
export const selectsPods = ({ spec }: ReadService): boolean =>
  Object.keys(spec?.selector ?? {}).length > 0 && spec?.type !== 'ExternalName'

export const isHeadless = ({ spec }: ReadService): boolean => spec?.clusterIP === 'None'

const selectorIn = remembered((service: ReadService) => selectorFromMap(service.spec?.selector ?? {}))

/** The Pods the Service selects. */
export function podsBehind(service: ReadService, pods: Informer<Pod>): readonly ReadPod[] {
  return selectedBy(pods, service.metadata.namespace ?? '', selectorIn(service))
}

/** Whether the Pod has an address that somebody might still answer at. */
export function mayServe(pod: ReadPod, withTerminating: boolean): boolean {
  if (isTerminal(pod) || addressesOf(pod).length === 0) return false
  return withTerminating || !isDeleting(pod)
}

export function addressesOf(pod: ReadPod): readonly string[] {
  const { podIPs, podIP } = pod.status ?? {}
  if (podIPs !== undefined && podIPs.length > 0) return podIPs.map(({ ip }) => ip)
  return podIP === undefined || podIP === '' ? [] : [podIP]
}

export const isIPv6 = (address: string): boolean => address.includes(':')

/** The ports the Pod offers; one whose name no container knows is left out. */
export function offeredPorts(service: ReadService, pod: ReadPod): readonly OfferedPort[] {
  return (service.spec?.ports ?? []).flatMap((wanted) => {
    const port = targetPort(wanted, pod)
    if (port === undefined) return []
    const { name = '', protocol = 'TCP', appProtocol } = wanted
    return [{ name, protocol, port, ...(appProtocol === undefined ? {} : { appProtocol }) }]
  })
}

function targetPort({ targetPort: target, port, protocol = 'TCP' }: DeepReadonly<ServicePort>, pod: ReadPod) {
  if (target === undefined || target === 0 || target === '') return port
  if (typeof target === 'number') return target
  const sidecars = (pod.spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')
  for (const { ports = [] } of [...(pod.spec?.containers ?? []), ...sidecars]) {
    const found = ports.find((candidate) => candidate.name === target && (candidate.protocol ?? 'TCP') === protocol)
    if (found !== undefined) return found.containerPort
  }
  return undefined
}

/** The name under which cluster DNS knows the Pod, if its Service is this one. */
export function hostnameIn(service: ReadService, pod: ReadPod): string | undefined {
  const { hostname, subdomain } = pod.spec ?? {}
  return hostname !== undefined && hostname !== '' && subdomain === service.metadata.name ? hostname : undefined
}

/** Whether a change of the Pod changes what its Services offer. */
function changesEndpoints(pod: ReadPod, old: ReadPod): boolean {
  return (
    isPodReady(pod) !== isPodReady(old) ||
    isTerminal(pod) !== isTerminal(old) ||
    isDeleting(pod) !== isDeleting(old) ||
    !sameJson(addressesOf(pod), addressesOf(old)) ||
    !sameJson(pod.metadata.labels ?? {}, old.metadata.labels ?? {}) ||
    pod.spec?.nodeName !== old.spec?.nodeName ||
    pod.spec?.hostname !== old.spec?.hostname
  )
}

/** Calls `enqueue` with the key of every Service that selects the Pod, now or before. */
export function wakeServices(
  services: Informer<Service>,
  pods: Informer<Pod>,
  enqueue: (service: ReadService) => void,
): void {
  indexBySelector(services, selectorIn)
  const wake = (...versions: readonly ReadPod[]) => {
    const labels = versions.map(({ metadata }) => metadata.labels)
    for (const service of selecting(services, versions[0]?.metadata.namespace, ...labels)) {
      if (!selectsPods(service)) continue
      const selector = selectorIn(service)
      if (versions.some((pod) => selector.matches(pod.metadata.labels))) enqueue(service)
    }
  }
  pods.on({
    added: (pod) => wake(pod),
    updated: (pod, old) => (changesEndpoints(pod, old) ? wake(pod, old) : undefined),
    deleted: (pod) => wake(pod),
  })
}
