/** Security contexts of Pods and containers (https://kubernetes.io/docs/tasks/configure-pod-container/security-context/). */

import type { DeepReadonly } from '../../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../../meta/field-path.ts'
import { unixId } from '../../../../../meta/names.ts'
import {
  duplicate,
  ENOUGH,
  invalidEach,
  invalidValue,
  judgeAll,
  notSupported,
  required,
  tooLong,
} from '../../../../../meta/validation.ts'
import type {
  AppArmorProfile,
  PodSecurityContext,
  PodSpec,
  SeccompProfile,
  SecurityContext,
} from '../../../../generated/core-v1.ts'
import { validateDescendingPath } from './paths.ts'
import { validateWindowsOptions } from './windows.ts'

const PROFILE_TYPES = ['Localhost', 'RuntimeDefault', 'Unconfined']
const SYSCTL = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/
const SYSCTL_TEXT = '^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$'

/** The Pod's security context; `path` is that of the context itself, `old` the spec as it was, where it is changed. */
export function validatePodSecurityContext(
  spec: DeepReadonly<PodSpec>,
  path: FieldPath,
  old?: DeepReadonly<PodSpec>,
): FieldError[] {
  const context = spec.securityContext
  const faults: FieldError[] = []
  if (context === undefined) return faults
  faults.push(
    ...unixIds(context, path),
    ...validateId(context.fsGroup, path.child('fsGroup')),
    ...judgeAll(context.supplementalGroups, (id, at) => validateId(id, path.child('supplementalGroups').index(at))),
  )
  if (spec.shareProcessNamespace === true && spec.hostPID === true) {
    const words = 'ShareProcessNamespace and HostPID cannot both be enabled'
    faults.push(invalidValue(path.child('shareProcessNamespace'), true, words))
  }
  // Who has one already may have another: the feature may have been on once.
  const hadPolicy = old?.securityContext?.seLinuxChangePolicy !== undefined
  faults.push(
    ...validateSysctls(spec, path.child('sysctls')),
    ...oneOf(context.fsGroupChangePolicy, ['Always', 'OnRootMismatch'], path.child('fsGroupChangePolicy')),
    ...validateSeccomp(context.seccompProfile, path.child('seccompProfile')),
    ...validateWindowsOptions(context.windowsOptions, path.child('windowsOptions')),
    ...validateAppArmor(context.appArmorProfile, path.child('appArmorProfile')),
    ...oneOf(context.supplementalGroupsPolicy, ['Merge', 'Strict'], path.child('supplementalGroupsPolicy')),
    ...oneOf(
      context.seLinuxChangePolicy,
      hadPolicy ? ['MountOption', 'Recursive'] : ['Recursive'],
      path.child('seLinuxChangePolicy'),
    ),
  )
  return faults
}

/** A container's security context. `usesHostUsers` tells whether its root is the node's root. */
export function validateSecurityContext(
  context: DeepReadonly<SecurityContext> | undefined,
  path: FieldPath,
  usesHostUsers: boolean,
): FieldError[] {
  if (context === undefined) return []
  return [
    ...unixIds(context, path),
    ...validateProcMount(context.procMount, path.child('procMount'), usesHostUsers),
    ...validateSeccomp(context.seccompProfile, path.child('seccompProfile')),
    ...validateEscalation(context, path),
    ...validateWindowsOptions(context.windowsOptions, path.child('windowsOptions')),
    ...validateAppArmor(context.appArmorProfile, path.child('appArmorProfile')),
  ]
}

function unixIds(context: DeepReadonly<PodSecurityContext | SecurityContext>, path: FieldPath): FieldError[] {
  return [
    ...validateId(context.runAsUser, path.child('runAsUser')),
    ...validateId(context.runAsGroup, path.child('runAsGroup')),
  ]
}

function validateId(id: number | undefined, path: FieldPath): FieldError[] {
  return id === undefined ? [] : invalidEach(path, id, unixId(id))
}

function oneOf(value: string | undefined, supported: readonly string[], path: FieldPath): FieldError[] {
  return value === undefined || supported.includes(value) ? [] : [notSupported(path, value, supported)]
}

function validateProcMount(type: string | undefined, path: FieldPath, usesHostUsers: boolean): FieldError[] {
  const faults = oneOf(type, ['Default', 'Unmasked'], path)
  if (usesHostUsers && type === 'Unmasked') {
    faults.push(invalidValue(path, type, '`hostUsers` must be false to use `Unmasked`'))
  }
  return faults
}

function validateEscalation(context: DeepReadonly<SecurityContext>, path: FieldPath): FieldError[] {
  if (context.allowPrivilegeEscalation !== false) return []
  const faults: FieldError[] = []
  if (context.privileged === true) {
    const words = 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'
    faults.push(invalidValue(path, context, words))
  }
  if (context.capabilities?.add?.includes('CAP_SYS_ADMIN') === true) {
    const words = 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN'
    faults.push(invalidValue(path, context, words))
  }
  return faults
}

function validateSeccomp(profile: SeccompProfile | undefined, path: FieldPath): FieldError[] {
  if (profile === undefined) return []
  const faults: FieldError[] = []
  const type: string = profile.type
  if (type === '') faults.push(required(path.child('type'), 'type is required when seccompProfile is set'))
  else faults.push(...oneOf(type, PROFILE_TYPES, path.child('type')))
  const local = path.child('localhostProfile')
  if (type === 'Localhost') {
    if (profile.localhostProfile === undefined) {
      faults.push(required(local, 'must be set when seccomp type is Localhost'))
    } else faults.push(...validateDescendingPath(profile.localhostProfile, local))
  } else if (profile.localhostProfile !== undefined) {
    const shown = { Type: type, LocalhostProfile: profile.localhostProfile }
    faults.push(invalidValue(local, shown, 'can only be set when seccomp type is Localhost'))
  }
  return faults
}

function validateAppArmor(profile: AppArmorProfile | undefined, path: FieldPath): FieldError[] {
  if (profile === undefined) return []
  const type: string = profile.type
  const local = path.child('localhostProfile')
  const name = profile.localhostProfile
  if (type === '') return [required(path.child('type'), 'type is required when appArmorProfile is set')]
  if (type !== 'Localhost') {
    const faults = oneOf(type, PROFILE_TYPES, path.child('type'))
    if (faults.length > 0 || name === undefined) return faults
    return [invalidValue(local, name, 'can only be set when AppArmor type is Localhost')]
  }
  if (name === undefined) return [required(local, 'must be set when AppArmor type is Localhost')]
  if (name !== name.trim()) return [invalidValue(local, name, 'must not be padded with whitespace')]
  if (name === '') return [required(local, 'must be set when AppArmor type is Localhost')]
  return name.length > 4095 ? [tooLong(local, 4095)] : []
}

function validateSysctls(spec: DeepReadonly<PodSpec>, path: FieldPath): FieldError[] {
  const faults: FieldError[] = []
  const seen = new Set<string>()
  for (const [at, { name }] of (spec.securityContext?.sysctls ?? []).entries()) {
    if (faults.length > ENOUGH) break
    const here = path.index(at).child('name')
    if (name === '') faults.push(required(here))
    else if (name.length > 253 || !SYSCTL.test(name)) {
      faults.push(invalidValue(here, name, `must have at most 253 characters and match regex ${SYSCTL_TEXT}`))
    } else if (seen.has(name)) faults.push(duplicate(here, name))
    faults.push(...ofHostNamespace(name, spec, here))
    seen.add(name)
  }
  return faults
}

/** A sysctl of a namespace that the Pod shares with its node would change the node. */
function ofHostNamespace(name: string, spec: DeepReadonly<PodSpec>, path: FieldPath): FieldError[] {
  const dotted = name.replaceAll('/', '.')
  if (spec.hostNetwork === true && dotted.startsWith('net.')) {
    return [invalidValue(path, name, "may not be specified when 'hostNetwork' is true")]
  }
  const isIpc = /^(kernel\.(shm|msg|sem)|fs\.mqueue\.)/.test(dotted)
  if (spec.hostIPC === true && isIpc) return [invalidValue(path, name, "may not be specified when 'hostIPC' is true")]
  return []
}
