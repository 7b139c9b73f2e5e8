/** A Pod's sandbox as the runtime is asked for it. Pure. */

import type { DnsConfig, PodSandboxConfig } from '../cri/runtime.ts'
import { sandboxLabels } from './identity.ts'
import { containersOf, isHostNetwork, namesOf, type PodView, specOf } from './pod-view.ts'
import { sandboxSecurity } from './security-context.ts'

export interface SandboxFacts {
  readonly attempt: number
  readonly hostname: string
  readonly dns: DnsConfig
  readonly logDirectory: string
  readonly cgroupParent: string
}

export function sandboxConfig(pod: PodView, facts: SandboxFacts): PodSandboxConfig {
  const { name, namespace, uid } = namesOf(pod)
  const sysctls = Object.fromEntries(
    (specOf(pod).securityContext?.sysctls ?? []).map((sysctl) => [sysctl.name, sysctl.value]),
  )
  return {
    metadata: { name, namespace, uid, attempt: facts.attempt },
    hostname: isHostNetwork(pod) ? '' : facts.hostname,
    logDirectory: facts.logDirectory,
    dnsConfig: facts.dns,
    portMappings: portMappings(pod),
    labels: sandboxLabels(pod),
    annotations: { ...pod.metadata.annotations },
    linux: { cgroupParent: facts.cgroupParent, securityContext: sandboxSecurity(pod), sysctls },
  }
}

function portMappings(pod: PodView) {
  if (isHostNetwork(pod)) return []
  return containersOf(pod).flatMap(({ spec }) =>
    (spec.ports ?? []).flatMap(({ containerPort, hostPort, hostIP, protocol = 'TCP' }) =>
      hostPort === undefined || hostPort === 0
        ? []
        : [{ protocol, containerPort, hostPort, ...(hostIP !== undefined && { hostIp: hostIP }) }],
    ),
  )
}
