/**
 * What a Pod's spec must be, in Pods and in templates
 * (https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodSpec).
 */

import type { DeepReadonly } from '../../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../../meta/field-path.ts'
import { dnsLabel, dnsSubdomain, inRangeFault, qualifiedName } from '../../../../../meta/names.ts'
import { validateLabels, validateTemplateMeta } from '../../../../../meta/object-meta.ts'
import {
  duplicate,
  ENOUGH,
  forbiddenField,
  invalidEach,
  invalidValue,
  judgeAll,
  notSupported,
  required,
} from '../../../../../meta/validation.ts'
import type { PodResourceClaim, PodSpec, PodTemplateSpec } from '../../../../generated/core-v1.ts'
import { validateAffinity } from './affinity.ts'
import {
  type ContainerContext,
  validateContainers,
  validateEphemeralContainers,
  validateHostNetworkPorts,
  validateInitContainers,
} from './containers.ts'
import { validateDnsConfig, validateDnsPolicy, validateHostAliases, validateHostnameOverride } from './dns.ts'
import { validateOs } from './os.ts'
import { validateOverhead, validatePodLevelResources } from './resources.ts'
import { validateFileKeyVolumes } from './file-keys.ts'
import { validateHostProcess } from './windows.ts'
import { validateSchedulingGates, validateSpreadConstraints, validateTolerations } from './scheduling.ts'
import { validatePodSecurityContext } from './security.ts'
import { validatePodAnnotations } from './annotations.ts'
import { validateVolumes } from './volumes.ts'

type Spec = DeepReadonly<PodSpec>

/** Whether the spec is a Pod's own, and of which Pod. */
export interface SpecContext {
  readonly isPod: boolean
  readonly podName?: string | undefined
  /** What it was, where it is changed. */
  readonly old?: Spec | undefined
}

const EMPTY: Spec = { containers: [] }

/** The template of a workload: labels, annotations, spec; `old` is what it was, where it is changed. */
export function validatePodTemplate(
  template: DeepReadonly<PodTemplateSpec>,
  path: FieldPath,
  old?: DeepReadonly<PodTemplateSpec>,
): FieldError[] {
  const spec = template.spec ?? EMPTY
  const faults = [
    ...validateTemplateMeta(template.metadata, path),
    ...validatePodAnnotations(template.metadata?.annotations, spec, path.child('annotations')),
    ...validatePodSpec(spec, path.child('spec'), { isPod: false, old: old?.spec }),
  ]
  if ((spec.ephemeralContainers?.length ?? 0) > 0) {
    faults.push(
      forbiddenField(path.child('spec', 'ephemeralContainers'), 'ephemeral containers not allowed in pod template'),
    )
  }
  return faults
}

/** Every fault of a spec, in field order. */
export function validatePodSpec(spec: Spec, path: FieldPath, context: SpecContext = { isPod: false }): FieldError[] {
  const { faults, volumes } = validateVolumes(spec.volumes, path.child('volumes'), {
    podName: context.podName,
    isPod: context.isPod,
  })
  const inside: ContainerContext = {
    volumes,
    claims: new Set((spec.resourceClaims ?? []).map(({ name }) => name)),
    restartPolicy: spec.restartPolicy,
    usesHostUsers: spec.hostUsers !== false,
    gracePeriod: spec.terminationGracePeriodSeconds,
    os: spec.os?.name,
  }
  faults.push(
    ...validateResourceClaims(spec.resourceClaims, path.child('resourceClaims')),
    ...validateContainers(spec.containers, path.child('containers'), inside),
    ...validateInitContainers(spec, path.child('initContainers'), inside),
    ...validateEphemeralContainers(spec, path.child('ephemeralContainers'), inside),
    ...validatePodLevelResources(spec, path.child('resources')),
    ...validateHostNetwork(spec, path, context.isPod),
    ...validateRestart(spec.restartPolicy, path.child('restartPolicy')),
    ...validateDnsPolicy(spec.dnsPolicy, path.child('dnsPolicy')),
    ...validateLabels(spec.nodeSelector, path.child('nodeSelector')),
    ...validatePodSecurityContext(spec, path.child('securityContext'), context.old),
    ...validateAffinity(spec.affinity, path.child('affinity')),
    ...validateDnsConfig(spec.dnsConfig, spec.dnsPolicy, path.child('dnsConfig')),
    ...validateReadinessGates(spec, path.child('readinessGates')),
    ...validateSchedulingGates(spec.schedulingGates, path.child('schedulingGates')),
    ...validateSpreadConstraints(spec.topologySpreadConstraints, path.child('topologySpreadConstraints')),
    ...validateHostProcess(spec, path),
    ...validateHostUsers(spec, path),
    ...validateNames(spec, path),
    ...validateDeadline(spec.activeDeadlineSeconds, path.child('activeDeadlineSeconds')),
    ...validateTolerations(spec.tolerations, path.child('tolerations')),
    ...validateHostAliases(spec.hostAliases, path.child('hostAliases')),
    ...validatePreemption(spec.preemptionPolicy, path.child('preemptionPolicy')),
  )
  if (spec.overhead !== undefined) faults.push(...validateOverhead(spec.overhead, path.child('overhead')))
  faults.push(
    ...validateOs(spec, path),
    ...validateHostnameOverride(spec, path.child('hostnameOverride')),
    ...validateFileKeyVolumes(spec, path),
  )
  return faults
}

function validateHostNetwork(spec: Spec, path: FieldPath, isPod: boolean): FieldError[] {
  if (spec.hostNetwork !== true) return []
  return [
    ...validateHostNetworkPorts(spec.containers, path.child('containers'), isPod),
    ...validateHostNetworkPorts(spec.initContainers, path.child('initContainers'), isPod),
  ]
}

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never']

function validateRestart(policy: string | undefined, path: FieldPath): FieldError[] {
  if (policy === undefined || policy === '') return [required(path)]
  return RESTART_POLICIES.includes(policy) ? [] : [notSupported(path, policy, RESTART_POLICIES)]
}

function validatePreemption(policy: string | undefined, path: FieldPath): FieldError[] {
  if (policy === undefined || policy === 'PreemptLowerPriority' || policy === 'Never') return []
  if (policy === '') return [required(path)]
  return [notSupported(path, policy, ['PreemptLowerPriority', 'Never'])]
}

const MAX_INT32 = 2147483647

function validateDeadline(seconds: number | undefined, path: FieldPath): FieldError[] {
  if (seconds === undefined || (seconds >= 1 && seconds <= MAX_INT32)) return []
  return [invalidValue(path, seconds, inRangeFault(1, MAX_INT32))]
}

const NAME_RULES = [
  ['serviceAccountName', dnsSubdomain],
  ['nodeName', dnsSubdomain],
  ['hostname', dnsLabel],
  ['subdomain', dnsLabel],
  ['priorityClassName', dnsSubdomain],
  ['runtimeClassName', dnsSubdomain],
] as const

function validateNames(spec: Spec, path: FieldPath): FieldError[] {
  const faults: FieldError[] = []
  for (const [field, rule] of NAME_RULES) {
    const name = spec[field]
    if (name !== undefined && (name !== '' || field === 'runtimeClassName'))
      faults.push(...invalidEach(path.child(field), name, rule(name)))
  }
  return faults
}

function validateReadinessGates(spec: Spec, path: FieldPath): FieldError[] {
  return judgeAll(spec.readinessGates, ({ conditionType }, at) =>
    invalidEach(path.index(at).child('conditionType'), conditionType, qualifiedName(conditionType)),
  )
}

/** A Pod with users of its own shares no other namespace with its node. */
function validateHostUsers(spec: Spec, path: FieldPath): FieldError[] {
  if (spec.hostUsers !== false) return []
  const words = 'when `hostUsers` is false'
  const shared = (
    [
      ['hostNetwork', 'hostNetwork'],
      ['hostPID', 'HostPID'],
      ['hostIPC', 'HostIPC'],
    ] as const
  ).filter(([field]) => spec[field] === true)
  const faults = shared.map(([, told]) => forbiddenField(path.child(told), words))
  for (const [at, container] of (spec.containers ?? []).entries()) {
    if (faults.length > ENOUGH) break
    if ((container.volumeDevices?.length ?? 0) > 0) {
      faults.push(forbiddenField(path.child('containers').index(at).child('volumeDevices'), words))
    }
  }
  return faults
}

function validateResourceClaims(claims: readonly PodResourceClaim[] | undefined, path: FieldPath): FieldError[] {
  const faults: FieldError[] = []
  const seen = new Set<string>()
  for (const [at, claim] of (claims ?? []).entries()) {
    if (faults.length > ENOUGH) break
    const here = path.index(at)
    const { name, resourceClaimName, resourceClaimTemplateName } = claim
    if (name === '') faults.push(required(here.child('name')))
    else if (seen.has(name)) faults.push(duplicate(here.child('name'), name))
    else faults.push(...invalidEach(here.child('name'), name, dnsLabel(name)))
    seen.add(name)
    const shown = {
      Name: name,
      ResourceClaimName: resourceClaimName ?? null,
      ResourceClaimTemplateName: resourceClaimTemplateName ?? null,
    }
    const words = 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'
    if (resourceClaimName !== undefined && resourceClaimTemplateName !== undefined) {
      const only = 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'
      faults.push(invalidValue(here, shown, only))
    } else if (resourceClaimName === undefined && resourceClaimTemplateName === undefined) {
      faults.push(invalidValue(here, shown, words))
    }
    for (const field of ['resourceClaimName', 'resourceClaimTemplateName'] as const) {
      const value = claim[field]
      if (value !== undefined) faults.push(...invalidEach(here.child(field), value, dnsSubdomain(value)))
    }
  }
  return faults
}
