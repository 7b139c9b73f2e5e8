/** The baseline level: no known way out of the container (https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline). */

import type { LifecycleHandler, Probe } from '../../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { goQuote } from '../../../meta/go-quote.ts'
import type { Check, Violation } from './evaluate.ts'
import { named, namesWhere, containers, quoted, setters, sorted, type Spec } from './text.ts'

const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/'
const DEFAULT_CAPABILITIES: ReadonlySet<string> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
])

/** Sysctls that are safe, with the minor version since which they are known to be. */
const SAFE_SYSCTLS: ReadonlyMap<string, number> = new Map([
  ['kernel.shm_rmid_forced', 0],
  ['net.ipv4.ip_local_port_range', 0],
  ['net.ipv4.tcp_syncookies', 0],
  ['net.ipv4.ping_group_range', 0],
  ['net.ipv4.ip_unprivileged_port_start', 0],
  ['net.ipv4.ip_local_reserved_ports', 27],
  ['net.ipv4.tcp_keepalive_time', 29],
  ['net.ipv4.tcp_fin_timeout', 29],
  ['net.ipv4.tcp_keepalive_intvl', 29],
  ['net.ipv4.tcp_keepalive_probes', 29],
  ['net.ipv4.tcp_rmem', 32],
  ['net.ipv4.tcp_wmem', 32],
])
const SELINUX_TYPES: ReadonlyMap<string, number> = new Map([
  ['', 0],
  ['container_t', 0],
  ['container_init_t', 0],
  ['container_kvm_t', 0],
  ['container_engine_t', 31],
])

/** Whether the version's list has the name already. */
function isKnown(list: ReadonlyMap<string, number>, name: string, minor: number): boolean {
  const since = list.get(name)
  return since !== undefined && since <= minor
}

const isSafeProfile = (type: string | undefined) => type === 'RuntimeDefault' || type === 'Localhost'

/** Ordered as Kubernetes tells them. */
export const baselineChecks: readonly Check[] = [
  {
    find({ annotations }, spec) {
      const bad = Object.entries(annotations ?? {})
        .filter(([key, value]) => key.startsWith(APP_ARMOR) && !isSafeAppArmor(value))
        .map(([key, value]) => `${key}=${goQuote(value)}`)
      const own = spec.securityContext?.appArmorProfile?.type
      const isBad = (type: string | undefined) => type !== undefined && !isSafeProfile(type)
      const badPod = isBad(own)
      const badContainers = namesWhere(spec, (each) => isBad(each.securityContext?.appArmorProfile?.type))
      const types = sorted([
        ...(badPod ? [own!] : []),
        ...containers(spec).flatMap(({ securityContext }) => {
          const type = securityContext?.appArmorProfile?.type
          return isBad(type) ? [type!] : []
        }),
      ])
      const details = sorted(bad)
      const who = setters(badPod, badContainers)
      if (who !== '') details.push(`${who} must not set AppArmor profile type to ${quoted(types)}`)
      if (details.length === 0) return undefined
      const count = bad.length + types.length
      return [`forbidden AppArmor profile${count === 1 ? '' : 's'}`, details.join(', ')]
    },
  },
  {
    overriddenSince: 22,
    find(_, spec) {
      const added: string[] = []
      const names = namesWhere(spec, ({ securityContext }) => {
        const bad = (securityContext?.capabilities?.add ?? []).filter((each) => !DEFAULT_CAPABILITIES.has(each))
        added.push(...bad)
        return bad.length > 0
      })
      if (names.length === 0) return undefined
      const detail = `${named('container', names)} must not include ${quoted(sorted(added))} in securityContext.capabilities.add`
      return ['non-default capabilities', detail]
    },
  },
  {
    find(_, { hostNetwork, hostPID, hostIPC }) {
      const shared = Object.entries({ hostNetwork, hostPID, hostIPC }).filter(([, isShared]) => isShared === true)
      return shared.length === 0 ? undefined : ['host namespaces', shared.map(([name]) => `${name}=true`).join(', ')]
    },
  },
  {
    overriddenSince: 0,
    find(_, { volumes = [] }) {
      const names = volumes.filter(({ hostPath }) => hostPath !== undefined).map(({ name }) => name)
      return names.length === 0 ? undefined : ['hostPath volumes', named('volume', names)]
    },
  },
  {
    find(_, spec) {
      const ports = new Set<number>()
      const names = namesWhere(spec, (container) => {
        const own = (container.ports ?? []).flatMap(({ hostPort = 0 }) => (hostPort === 0 ? [] : [hostPort]))
        for (const port of own) ports.add(port)
        return own.length > 0
      })
      if (names.length === 0) return undefined
      const list = [...ports].map(String).sort().join(', ')
      return [
        'hostPort',
        `${named('container', names)} ${names.length === 1 ? 'uses' : 'use'} hostPort${ports.size === 1 ? '' : 's'} ${list}`,
      ]
    },
  },
  { since: 34, find: (_, spec) => probeHosts(spec) },
  {
    find(_, spec) {
      const names = namesWhere(spec, ({ securityContext }) => securityContext?.privileged === true)
      if (names.length === 0) return undefined
      return ['privileged', `${named('container', names)} must not set securityContext.privileged=true`]
    },
  },
  {
    overriddenSince: 35,
    find: (_, spec, minor) => (minor >= 35 && spec.hostUsers === false ? undefined : procMount(spec)),
  },
  { find: (_, spec, minor) => seLinux(spec, minor) },
  {
    overriddenSince: 19,
    find: ({ annotations }, spec, minor) => (minor < 19 ? seccompAnnotations(annotations, spec) : seccomp(spec)),
  },
  {
    find(_, { securityContext }, minor) {
      const bad = (securityContext?.sysctls ?? []).filter(({ name }) => !isKnown(SAFE_SYSCTLS, name, minor))
      return bad.length === 0 ? undefined : ['forbidden sysctls', bad.map(({ name }) => name).join(', ')]
    },
  },
  {
    find(_, spec) {
      const isBad = (context: { readonly windowsOptions?: { readonly hostProcess?: boolean } } | undefined) =>
        context?.windowsOptions?.hostProcess === true
      const names = namesWhere(spec, ({ securityContext }) => isBad(securityContext))
      const who = setters(isBad(spec.securityContext), names)
      return who === ''
        ? undefined
        : ['hostProcess', `${who} must not set securityContext.windowsOptions.hostProcess=true`]
    },
  },
]

/** Containers that see more of `/proc` than they should. */
export function procMount(spec: Spec): Violation | undefined {
  const isBad = (mount: string | undefined) => mount !== undefined && mount !== 'Default'
  const names = namesWhere(spec, ({ securityContext }) => isBad(securityContext?.procMount))
  if (names.length === 0) return undefined
  const mounts = containers(spec).map(({ securityContext }) => securityContext?.procMount)
  const bad = sorted(mounts.filter((mount) => mount !== undefined && isBad(mount)) as string[])
  return ['procMount', `${named('container', names)} must not set securityContext.procMount to ${quoted(bad)}`]
}

const isSafeAppArmor = (profile: string) =>
  profile === '' || profile === 'runtime/default' || profile.startsWith('localhost/')

function probeHosts(spec: Spec): readonly [string, string] | undefined {
  const hosts: string[] = []
  const names = namesWhere(spec, ({ livenessProbe, readinessProbe, startupProbe, lifecycle }) => {
    const own = [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop].flatMap(hostsOf)
    hosts.push(...own)
    return own.length > 0
  })
  if (names.length === 0) return undefined
  const [who, what] = [sorted(names), sorted(hosts)]
  const uses = who.length === 1 ? 'uses' : 'use'
  const detail = `${named('container', who)} ${uses} ${named('probe or lifecycle host', what)}`
  return ['probe or lifecycle host', detail]
}

function hostsOf(handler: DeepReadonly<Probe | LifecycleHandler> | undefined): string[] {
  return [handler?.httpGet?.host ?? '', handler?.tcpSocket?.host ?? ''].filter((host) => host !== '')
}

function seLinux(spec: Spec, minor: number): readonly [string, string] | undefined {
  const types: string[] = []
  let setsUser = false
  let setsRole = false
  const isBad = (options: { readonly type?: string; readonly user?: string; readonly role?: string } = {}) => {
    const { type = '', user = '', role = '' } = options
    const isBadType = !isKnown(SELINUX_TYPES, type, minor)
    if (isBadType) types.push(type)
    setsUser ||= user !== ''
    setsRole ||= role !== ''
    return isBadType || user !== '' || role !== ''
  }
  const isBadPod = isBad(spec.securityContext?.seLinuxOptions)
  const names = namesWhere(spec, ({ securityContext }) => isBad(securityContext?.seLinuxOptions))
  const who = setters(isBadPod, names)
  if (who === '') return undefined
  const what = [
    ...(types.length === 0 ? [] : [named('type', sorted(types))]),
    ...(setsUser ? ['user may not be set'] : []),
    ...(setsRole ? ['role may not be set'] : []),
  ]
  return ['seLinuxOptions', `${who} set forbidden securityContext.seLinuxOptions: ${what.join('; ')}`]
}

function seccomp(spec: Spec): readonly [string, string] | undefined {
  const own = spec.securityContext?.seccompProfile
  const values: string[] = []
  const isBad = (profile: { readonly type?: string } | undefined) => {
    if (profile === undefined || isSafeProfile(profile.type)) return false
    values.push(profile.type ?? '')
    return true
  }
  const isBadPod = isBad(own)
  const who = setters(
    isBadPod,
    namesWhere(spec, ({ securityContext }) => isBad(securityContext?.seccompProfile)),
  )
  if (who === '') return undefined
  return ['seccompProfile', `${who} must not set securityContext.seccompProfile.type to ${quoted(sorted(values))}`]
}

/** How profiles were chosen before there was a field. */
function seccompAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  spec: Spec,
): readonly [string, string] | undefined {
  const keys = [
    'seccomp.security.alpha.kubernetes.io/pod',
    ...containers(spec).map(({ name }) => `container.seccomp.security.alpha.kubernetes.io/${name}`),
  ]
  const isSafe = (value: string) =>
    value === 'runtime/default' || value === 'docker/default' || value.startsWith('localhost/')
  const bad = keys.flatMap((key) => {
    const value = annotations?.[key]
    return value === undefined || isSafe(value) ? [] : [`${key}=${goQuote(value)}`]
  })
  if (bad.length === 0) return undefined
  return ['seccompProfile', `forbidden annotation${bad.length === 1 ? '' : 's'} ${sorted(bad).join(', ')}`]
}
