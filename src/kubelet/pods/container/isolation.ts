/**
 * What a Pod asks to be kept apart by, and this node cannot do. Such a Pod is refused with a reason; nothing that it asks
 * for is passed over (https://kubernetes.io/docs/concepts/security/linux-kernel-security-constraints/,
 * https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/). Pure.
 */

import type { SELinuxOptions } from '../../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { goQuote } from '../../../meta/go-quote.ts'
import type { RuntimeHandler, RuntimeStatus } from '../../cri/runtime.ts'
import { containersOf, type PodView, specOf } from '../pod-view.ts'
import type { PodFailure } from '../work.ts'

/** What of the kernel's and the runtime's isolation this node has. */
export interface NodeIsolation {
  readonly appArmor: boolean
  readonly supplementalGroupsPolicy: boolean
  /** Kernel parameters that Pods may set besides the safe ones; a name may end in `*`. */
  readonly allowedUnsafeSysctls: readonly string[]
}

/** Parameters that belong to a Pod's own namespaces and that no other Pod feels. */
const SAFE_SYSCTLS: ReadonlySet<string> = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
])

/** Why this node must not run the Pod; `undefined`: it can do all that the Pod asks for. */
export function isolationRefusal(pod: PodView, node: NodeIsolation): PodFailure | undefined {
  return sysctlRefusal(pod, node) ?? groupsRefusal(pod, node) ?? appArmorRefusal(pod, node)
}

/** `a/b.c` and `a.b/c` name the same parameter: the first separator tells which of the two is meant. */
function sysctlName(name: string): string {
  const first = /[./]/.exec(name)?.[0]
  if (first !== '/') return name
  return name.replaceAll(/[./]/g, (separator) => (separator === '/' ? '.' : '/'))
}

function sysctlRefusal(pod: PodView, { allowedUnsafeSysctls }: NodeIsolation): PodFailure | undefined {
  const { securityContext, hostNetwork, hostIPC } = specOf(pod)
  for (const sysctl of securityContext?.sysctls ?? []) {
    const name = sysctlName(sysctl.name)
    const isAllowed = SAFE_SYSCTLS.has(name) || allowedUnsafeSysctls.some((pattern) => matchesPattern(name, pattern))
    const namespace = name.startsWith('net.') ? 'Net' : 'IPC'
    const isShared = namespace === 'Net' ? hostNetwork === true : hostIPC === true
    if (isAllowed && !isShared) continue
    const why = isAllowed ? `not allowed with host ${namespace} enabled` : 'not allowlisted'
    return { reason: 'SysctlForbidden', message: `forbidden sysctl: ${goQuote(name)} ${why}` }
  }
  return undefined
}

function matchesPattern(name: string, pattern: string): boolean {
  const own = sysctlName(pattern)
  return own.endsWith('*') ? name.startsWith(own.slice(0, -1)) : name === own
}

function groupsRefusal(pod: PodView, node: NodeIsolation): PodFailure | undefined {
  const policy = specOf(pod).securityContext?.supplementalGroupsPolicy
  if (policy !== 'Strict' || node.supplementalGroupsPolicy) return undefined
  const message = 'SupplementalGroupsPolicy=Strict is not supported in this node'
  return { reason: 'SupplementalGroupsPolicyNotSupported', message }
}

function appArmorRefusal(pod: PodView, node: NodeIsolation): PodFailure | undefined {
  const podProfile = specOf(pod).securityContext?.appArmorProfile
  const asks = containersOf(pod).some(({ spec }) => {
    const profile = spec.securityContext?.appArmorProfile ?? podProfile
    return profile !== undefined && profile.type !== 'Unconfined'
  })
  if (!asks || node.appArmor) return undefined
  return { reason: 'AppArmor', message: 'Cannot enforce AppArmor: AppArmor is not enabled on the host' }
}

/**
 * A Pod with SELinux labels runs on a node without SELinux, as everywhere in Kubernetes, whose own conformance suite has
 * such Pods. That the labels mean nothing there is said aloud.
 */
export function seLinuxWarning(pod: PodView, hasSeLinux: boolean): PodFailure | undefined {
  if (hasSeLinux) return undefined
  const all = [specOf(pod), ...containersOf(pod).map(({ spec }) => spec)]
  if (!all.some(({ securityContext }) => namesALabel(securityContext?.seLinuxOptions))) return undefined
  return {
    reason: 'SELinux',
    message: 'SELinux is not enabled on the host: the labels in seLinuxOptions are not enforced',
  }
}

const namesALabel = (options: DeepReadonly<SELinuxOptions> | undefined) =>
  Object.values(options ?? {}).some((part) => part !== undefined && part !== '')

const handlerOf = ({ handlers }: RuntimeStatus, name: string): RuntimeHandler | undefined =>
  handlers.find((handler) => handler.name === name)

/** Throws when that handler of the runtime makes no user namespaces. */
export function checkUserNamespace(handler: string, status: RuntimeStatus): void {
  if (handlerOf(status, handler)?.userNamespaces === true) return
  const who = handler === '' ? 'runtime' : `RuntimeClass handler ${goQuote(handler)}`
  throw new Error(`can't set \`spec.hostUsers: false\`, ${who} does not support user namespaces`)
}

/** Whether the handler mounts read-only what lies below a read-only mount as well. */
export const mountsReadOnlyRecursively = (status: RuntimeStatus, handler: string): boolean =>
  handlerOf(status, handler)?.recursiveReadOnlyMounts === true
