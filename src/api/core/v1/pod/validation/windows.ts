/** What Windows nodes would run Pods as (https://kubernetes.io/docs/tasks/configure-pod-container/create-hostprocess-pod/). */

import type { DeepReadonly } from '../../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../../meta/field-path.ts'
import { dnsSubdomain } from '../../../../../meta/names.ts'
import { invalidEach, invalidValue } from '../../../../../meta/validation.ts'
import type { PodSpec, WindowsSecurityContextOptions } from '../../../../generated/core-v1.ts'

/** The options of a Pod or of one container. */
export function validateWindowsOptions(
  options: WindowsSecurityContextOptions | undefined,
  path: FieldPath,
): FieldError[] {
  if (options === undefined) return []
  const { gmsaCredentialSpecName: specName, gmsaCredentialSpec: spec, runAsUserName: user } = options
  const faults: FieldError[] = []
  if (specName !== undefined) {
    faults.push(...invalidEach(path.child('gmsaCredentialSpecName'), specName, dnsSubdomain(specName)))
  }
  const specPath = path.child('gmsaCredentialSpec')
  if (spec === '') faults.push(invalidValue(specPath, spec, 'gmsaCredentialSpec cannot be an empty string'))
  else if (spec !== undefined && spec.length > 64 * 1024) {
    faults.push(invalidValue(specPath, spec, 'gmsaCredentialSpec size must be under 64 KiB'))
  }
  if (user !== undefined) faults.push(...invalidEach(path.child('runAsUserName'), user, userFaults(user)))
  return faults
}

const MAX_DOMAIN = 256
const MAX_USER = 104
const NET_BIOS = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/

/** A name, or `DOMAIN\\USER`. */
function userFaults(name: string): string[] {
  if (name === '') return ['runAsUserName cannot be an empty string']
  if (/\p{Cc}/u.test(name)) return ['runAsUserName cannot contain control characters']
  const parts = name.split('\\')
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash']
  const user = parts.at(-1) ?? ''
  const domain = parts.length === 2 ? (parts[0] ?? '') : undefined
  const faults: string[] = []
  if (domain !== undefined) {
    if (domain.length >= MAX_DOMAIN) faults.push(`runAsUserName's Domain length must be under ${MAX_DOMAIN} characters`)
    if (!NET_BIOS.test(domain) && dnsSubdomain(domain).length > 0) {
      faults.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format")
    }
  }
  if (user === '') faults.push("runAsUserName's User cannot be empty")
  else if (user.length > MAX_USER) {
    faults.push(`runAsUserName's User length must not be longer than ${MAX_USER} characters`)
  }
  if (/^[. ]+$/.test(user)) faults.push("runAsUserName's User cannot contain only periods or spaces")
  if (/["/\\:;|=,+*?<>@[\]]/.test(user)) {
    faults.push(`runAsUserName's User cannot contain the following characters: "/\\:;|=,+*?<>@[]`)
  }
  return faults
}

/** Processes of the host: all containers are such, in the host's network, or none is. */
export function validateHostProcess(spec: DeepReadonly<PodSpec>, path: FieldPath): FieldError[] {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess
  const faults: FieldError[] = []
  let containers = 0
  let hostProcesses = 0
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    for (const [at, { securityContext }] of (spec[list] ?? []).entries()) {
      const own = securityContext?.windowsOptions?.hostProcess
      containers++
      if (own ?? ofPod ?? false) hostProcesses++
      if (ofPod === undefined || own === undefined || own === ofPod) continue
      const here = path.child(list).index(at).child('securityContext', 'windowsOptions', 'hostProcess')
      faults.push(
        invalidValue(here, own, `pod hostProcess value must be identical if both are specified, was ${ofPod}`),
      )
    }
  }
  if (hostProcesses === 0) return faults
  if (hostProcesses < containers) {
    const words = 'If pod contains any hostProcess containers then all containers must be HostProcess containers'
    faults.push(invalidValue(path, '', words))
  }
  if (spec.hostNetwork !== true) {
    const words = 'hostNetwork must be true if pod contains any hostProcess containers'
    faults.push(invalidValue(path.child('hostNetwork'), false, words))
  }
  return faults
}
