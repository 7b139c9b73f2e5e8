/**
 * Security contexts as the runtime wants them
 * (https://kubernetes.io/docs/tasks/configure-pod-container/security-context/). What a container says itself goes
 * before what its Pod says.
 */

import type { PodSecurityContext, SeccompProfile, SecurityContext } from '../../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import type {
  IdMapping,
  Image,
  LinuxContainerSecurityContext,
  LinuxSandboxSecurityContext,
  NamespaceMode,
  NamespaceOption,
  SecurityProfile,
} from '../../cri/runtime.ts'
import { containersOf, type KindedContainer, podText, type PodView, specOf } from '../pod-view.ts'

/** What of /proc and /sys containers may not see, unless `procMount` is `Unmasked`. */
const MASKED_PATHS = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
]
const READONLY_PATHS = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger']

/** Where seccomp profiles of type `Localhost` lie. */
export interface ProfileRoot {
  readonly seccompRoot: string
}

type PodContext = DeepReadonly<PodSecurityContext>
type ContainerContext = DeepReadonly<SecurityContext>

const podContextOf = (pod: PodView): PodContext => specOf(pod).securityContext ?? {}

interface NamespaceFacts {
  /** The container whose processes an ephemeral container asks to see. */
  readonly target?: { readonly id: string } | undefined
  /** The ids of the Pod's own user namespace. */
  readonly userNamespace?: IdMapping | undefined
}

/** The Pod's namespaces, or a container's: an ephemeral one may enter its target's. */
export function namespacesOf(pod: PodView, { target, userNamespace }: NamespaceFacts): NamespaceOption {
  const { hostNetwork, hostPID, hostIPC, shareProcessNamespace } = specOf(pod)
  const pid: NamespaceMode = hostPID === true ? 'NODE' : shareProcessNamespace === true ? 'POD' : 'CONTAINER'
  const base: Omit<NamespaceOption, 'pid'> = {
    network: hostNetwork === true ? 'NODE' : 'POD',
    ipc: hostIPC === true ? 'NODE' : 'POD',
    ...(userNamespace && {
      usernsOptions: { mode: 'POD', uids: [userNamespace], gids: [userNamespace] },
    }),
  }
  return target === undefined || pid !== 'CONTAINER'
    ? { ...base, pid }
    : { ...base, pid: 'TARGET', targetId: target.id }
}

function seccompOf(profile: DeepReadonly<SeccompProfile> | undefined, { seccompRoot }: ProfileRoot): SecurityProfile {
  switch (profile?.type) {
    case 'RuntimeDefault':
      return { profileType: 'RuntimeDefault' }
    case 'Localhost':
      return { profileType: 'Localhost', localhostRef: `${seccompRoot}/${profile.localhostProfile ?? ''}` }
    case 'Unconfined':
    case undefined:
      return { profileType: 'Unconfined' }
  }
}

function appArmorOf(
  context: ContainerContext,
  podContext: PodContext,
): Pick<LinuxContainerSecurityContext, 'apparmor' | 'apparmorProfile'> {
  const profile = context.appArmorProfile ?? podContext.appArmorProfile
  switch (profile?.type) {
    case undefined:
      return {}
    case 'RuntimeDefault':
      return { apparmor: { profileType: 'RuntimeDefault' }, apparmorProfile: 'runtime/default' }
    case 'Unconfined':
      return { apparmor: { profileType: 'Unconfined' }, apparmorProfile: 'unconfined' }
    case 'Localhost': {
      const name = profile.localhostProfile ?? ''
      return { apparmor: { profileType: 'Localhost', localhostRef: name }, apparmorProfile: `localhost/${name}` }
    }
  }
}

function groupsOf(context: PodContext): readonly number[] {
  const { fsGroup, supplementalGroups = [] } = context
  return [...(fsGroup === undefined ? [] : [fsGroup]), ...supplementalGroups]
}

/**
 * The sandbox's own process. It always runs under the runtime's default seccomp profile. A group without a user is the
 * runtime's to refuse, and it does.
 */
export function sandboxSecurity(pod: PodView, userNamespace?: IdMapping): LinuxSandboxSecurityContext {
  const context = podContextOf(pod)
  return {
    namespaceOptions: namespacesOf(pod, { userNamespace }),
    privileged: containersOf(pod).some(({ spec }) => spec.securityContext?.privileged === true),
    seccomp: { profileType: 'RuntimeDefault' },
    supplementalGroups: groupsOf(context),
    supplementalGroupsPolicy: context.supplementalGroupsPolicy ?? 'Merge',
    ...(context.seLinuxOptions && { selinuxOptions: context.seLinuxOptions }),
    ...(context.runAsUser !== undefined && { runAsUser: context.runAsUser }),
    ...(context.runAsGroup !== undefined && { runAsGroup: context.runAsGroup }),
  }
}

export function containerSecurity(
  pod: PodView,
  container: KindedContainer,
  facts: ProfileRoot & NamespaceFacts & { readonly image: Pick<Image, 'uid' | 'username'> },
): LinuxContainerSecurityContext {
  const context = container.spec.securityContext ?? {}
  const podContext = podContextOf(pod)
  const unmasked = context.procMount === 'Unmasked'
  const seLinux = context.seLinuxOptions ?? podContext.seLinuxOptions
  return {
    capabilities: {
      addCapabilities: context.capabilities?.add ?? [],
      dropCapabilities: context.capabilities?.drop ?? [],
    },
    privileged: context.privileged === true,
    namespaceOptions: namespacesOf(pod, facts),
    readonlyRootfs: context.readOnlyRootFilesystem === true,
    noNewPrivs: context.allowPrivilegeEscalation === false,
    supplementalGroups: groupsOf(podContext),
    supplementalGroupsPolicy: podContext.supplementalGroupsPolicy ?? 'Merge',
    maskedPaths: unmasked ? [] : MASKED_PATHS,
    readonlyPaths: unmasked ? [] : READONLY_PATHS,
    seccomp: seccompOf(context.seccompProfile ?? podContext.seccompProfile, facts),
    ...appArmorOf(context, podContext),
    ...(seLinux && { selinuxOptions: seLinux }),
    ...userOf(context, podContext, facts.image),
  }
}

function userOf(context: ContainerContext, podContext: PodContext, image: Pick<Image, 'uid' | 'username'>) {
  // An image that names nobody is root's.
  const ofImage = image.username === undefined ? (image.uid ?? 0) : image.uid
  const user = context.runAsUser ?? podContext.runAsUser ?? ofImage
  const group = context.runAsGroup ?? podContext.runAsGroup
  return {
    ...(user !== undefined && { runAsUser: user }),
    ...(user === undefined && image.username !== undefined && { runAsUsername: image.username }),
    ...(group !== undefined && { runAsGroup: group }),
  }
}

/** Why the container may not run although it is asked to: `runAsNonRoot` and root, in Kubernetes's words. */
export function rootRefusal(
  pod: PodView,
  { spec }: KindedContainer,
  image: Pick<Image, 'uid' | 'username'>,
): string | undefined {
  const podContext = podContextOf(pod)
  if ((spec.securityContext?.runAsNonRoot ?? podContext.runAsNonRoot) !== true) return undefined
  const where = `(pod: "${podText(pod)}", container: ${spec.name})`
  const user = spec.securityContext?.runAsUser ?? podContext.runAsUser
  if (user !== undefined) return user === 0 ? `container's runAsUser breaks non-root policy ${where}` : undefined
  if (image.uid !== undefined) {
    return image.uid === 0 ? `container has runAsNonRoot and image will run as root ${where}` : undefined
  }
  if (image.username !== undefined) {
    return `container has runAsNonRoot and image has non-numeric user (${image.username}), cannot verify user is non-root ${where}`
  }
  return `container has runAsNonRoot and image will run as root ${where}`
}
