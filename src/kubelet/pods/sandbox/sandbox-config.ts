/** A Pod's sandbox as the runtime is asked for it. Pure. */

import type { DnsConfig, IdMapping, PodSandboxConfig } from '../../cri/runtime.ts'
import { sandboxResources } from '../../resources/linux-resources.ts'
import { sandboxLabels, USER_NAMESPACE } from '../container/identity.ts'
import { containersOf, isHostNetwork, namesOf, type PodView, specOf } from '../pod-view.ts'
import { sandboxSecurity } from '../container/security-context.ts'

export interface SandboxFacts {
  readonly attempt: number
  readonly hostname: string
  readonly dns: DnsConfig
  readonly logDirectory: string
  readonly cgroupParent: string
  /** The ids of the Pod's own user namespace; absent: it has the node's. */
  readonly userNamespace?: IdMapping | undefined
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
    annotations: {
      ...pod.metadata.annotations,
      ...(facts.userNamespace && { [USER_NAMESPACE]: String(facts.userNamespace.hostId) }),
    },
    linux: {
      cgroupParent: facts.cgroupParent,
      securityContext: sandboxSecurity(pod, facts.userNamespace),
      sysctls,
      ...sandboxResources(pod),
    },
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
