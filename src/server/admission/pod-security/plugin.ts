/**
 * Holds Pods to what their namespace's labels ask, and warns of workloads whose Pods would not pass
 * (https://kubernetes.io/docs/concepts/security/pod-security-admission/).
 */

import type { Namespace, Pod, PodTemplateSpec } from '../../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { invalid } from '../../../meta/errors.ts'
import type { KubeObject } from '../../../meta/types.ts'
import { deepEqual } from '../../../meta/validation.ts'
import { controllerOf } from '../../../meta/owner.ts'
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts'
import type { PolicyMetrics } from '../policy-metrics.ts'
import { isResource, refusal } from '../refuse.ts'
import { type Meta, violations, violationText } from './evaluate.ts'
import { compareLevels, type LevelVersion, type Policy, policyOf, policyText, samePolicy } from './policy.ts'
import type { Spec } from './text.ts'

export interface PodSecuritySources {
  readonly labelsOf: (namespace: string) => Readonly<Record<string, string>> | undefined
  readonly podsIn: (namespace: string) => readonly DeepReadonly<Pod>[]
  /** Absent: nobody counts. */
  readonly metrics?: PolicyMetrics | undefined
}

/** Subresources that cannot change what a Pod may do. */
const HARMLESS: ReadonlySet<string> = new Set([
  'exec',
  'attach',
  'binding',
  'eviction',
  'log',
  'portforward',
  'proxy',
  'status',
])
const WORKLOADS: ReadonlySet<string> = new Set([
  'replicationcontrollers',
  'podtemplates',
  'replicasets.apps',
  'deployments.apps',
  'statefulsets.apps',
  'daemonsets.apps',
  'jobs.batch',
  'cronjobs.batch',
])
/** So many Pods of a namespace are looked at when its level changes. */
const MAX_PODS = 3_000
const NO_LABELS = {}

export function podSecurity({ labelsOf, podsIn, metrics }: PodSecuritySources): AdmissionPlugin {
  const known = new WeakMap<object, Held>()
  const policyIn = (namespace: string): Held => {
    const labels = labelsOf(namespace) ?? NO_LABELS
    let held = known.get(labels)
    if (held === undefined) {
      const { policy, faults } = policyOf(labels)
      known.set(labels, (held = { policy, isReadable: faults.length === 0, metrics }))
    }
    return held
  }
  return {
    name: 'PodSecurity',
    validate(request) {
      const { operation, subresource, namespace } = request
      if (operation !== 'CREATE' && operation !== 'UPDATE') return
      if (isResource(request, 'namespaces')) {
        if (subresource === '') checkNamespace(request, podsIn)
      } else if (isResource(request, 'pods')) {
        if (!HARMLESS.has(subresource)) checkPod(request, policyIn(namespace))
      } else if (subresource === '' && WORKLOADS.has(resourceName(request))) {
        warnOfTemplate(request, policyIn(namespace))
      }
    },
  }
}

/** What Pods of a namespace are held to, and who counts. */
interface Held {
  readonly policy: Policy
  /** Whether its labels say so: of others some is taken for the strictest. */
  readonly isReadable: boolean
  readonly metrics: PolicyMetrics | undefined
}

const resourceName = ({ resource: { group, resource } }: AdmissionRequest) =>
  group === '' ? resource : `${resource}.${group}`

const ANNOTATION = 'pod-security.kubernetes.io'

function checkPod(request: AdmissionRequest, held: Held): void {
  const { policy, isReadable, metrics } = held
  const { enforce } = policy
  if (request.annotate === undefined && isReadable && isPrivileged(policy)) {
    metrics?.secured(request, 'enforce', enforce, true)
    return
  }
  const { metadata, spec } = request.object as Pod
  if (spec === undefined) return
  if (request.operation === 'UPDATE' && !isSignificant(request)) return
  if (!isReadable) metrics?.unreadable(request)
  request.annotate?.(`${ANNOTATION}/enforce-policy`, policyText(enforce))
  recordViolations(request, held, metadata, spec as Spec)
  const found = violations(enforce, metadata, spec as Spec)
  metrics?.secured(request, 'enforce', enforce, found.length === 0)
  if (found.length > 0) throw refusal(request, `violates PodSecurity "${policyText(enforce)}": ${violationText(found)}`)
  warnOf(request, held, metadata, spec as Spec)
}

/** Whether an update changes anything the rules look at: images, containers, annotations of profiles. */
function isSignificant({ object, old }: AdmissionRequest): boolean {
  const { spec, metadata } = object as Pod
  const { spec: oldSpec, metadata: oldMetadata } = old as DeepReadonly<Pod>
  const stripped = (each: DeepReadonly<Pod>['spec']) => ({
    ...each,
    tolerations: undefined,
    activeDeadlineSeconds: undefined,
    terminationGracePeriodSeconds: undefined,
  })
  return !deepEqual(stripped(spec as Spec), stripped(oldSpec)) || !deepEqual(profiles(metadata), profiles(oldMetadata))
}

const profiles = ({ annotations = {} }: Meta) =>
  Object.fromEntries(Object.entries(annotations).filter(([key]) => /seccomp|apparmor/.test(key)))

/** Whether Pods may do what they like, and nobody is told. */
const isPrivileged = ({ enforce, warn, audit }: Policy) =>
  enforce.level === 'privileged' && warn.level === 'privileged' && audit.level === 'privileged'

/** What the Pod would break of the level that is only watched for: counted, and told where requests are recorded. */
function recordViolations(request: AdmissionRequest, { policy, metrics }: Held, meta: Meta, spec: Spec): void {
  const { audit } = policy
  if (audit.level === 'privileged' || (request.annotate === undefined && metrics === undefined)) return
  const text = violationsOf(audit, meta, spec)
  if (text === undefined) return
  metrics?.secured(request, 'audit', audit, false)
  request.annotate?.(`${ANNOTATION}/audit-violations`, text)
}

function warnOfTemplate(request: AdmissionRequest, held: Held): void {
  const { warn, audit } = held.policy
  if (held.isReadable && warn.level === 'privileged' && audit.level === 'privileged') return
  const template = templateOf(request.object)
  if (template?.spec === undefined) return
  const { metadata = {}, spec } = template
  if (!held.isReadable) held.metrics?.unreadable(request)
  recordViolations(request, held, metadata, spec as Spec)
  warnOf(request, held, metadata, spec as Spec)
}

interface WithTemplate extends KubeObject {
  template?: PodTemplateSpec
  spec?: { template?: PodTemplateSpec; jobTemplate?: { spec?: { template?: PodTemplateSpec } } }
}

function templateOf(object: KubeObject | undefined): PodTemplateSpec | undefined {
  const { template, spec } = (object ?? {}) as WithTemplate
  return template ?? spec?.template ?? spec?.jobTemplate?.spec?.template
}

function warnOf(request: AdmissionRequest, { policy, metrics }: Held, meta: Meta, spec: Spec): void {
  const text = violationsOf(policy.warn, meta, spec)
  if (text === undefined) return
  metrics?.secured(request, 'warn', policy.warn, false)
  request.warn(text)
}

function violationsOf(policy: LevelVersion, meta: Meta, spec: Spec): string | undefined {
  const found = violations(policy, meta, spec)
  return found.length === 0 ? undefined : `would violate PodSecurity "${policyText(policy)}": ${violationText(found)}`
}

/** Labels must make sense, and Pods that are there already are told of when a level gets stricter. */
function checkNamespace(request: AdmissionRequest, podsIn: PodSecuritySources['podsIn']): void {
  const { object, old, operation } = request
  const { metadata } = object as Namespace
  const { policy, faults } = policyOf(metadata.labels)
  const before = operation === 'UPDATE' ? policyOf(old?.metadata.labels) : undefined
  if (faults.length > 0 && (before === undefined || !deepEqual(before.faults, faults))) {
    throw invalid({ group: '', kind: 'Namespace', name: metadata.name ?? '' }, faults)
  }
  if (before === undefined) return
  const { enforce } = policy
  const was = before.policy.enforce
  if (samePolicy(enforce, was) || enforce.level === 'privileged') return
  if (enforce.version === was.version && compareLevels(enforce.level, was.level) < 1) return
  for (const text of warningsOfPods(metadata.name ?? '', enforce, podsIn(metadata.name ?? ''))) request.warn(text)
}

/** One line for each way of breaking the rules, with the first Pod that does; siblings are looked at once. */
function warningsOfPods(namespace: string, enforce: LevelVersion, pods: readonly DeepReadonly<Pod>[]): string[] {
  const byText = new Map<string, { readonly first: string; others: number }>()
  const seen = new Map<string, string>()
  for (const pod of pods.slice(0, MAX_PODS)) {
    const { metadata, spec } = pod
    if (spec === undefined) continue
    const owner = controllerOf(pod)?.uid ?? metadata.uid ?? ''
    const text = seen.get(owner) ?? reasons(enforce, metadata, spec)
    seen.set(owner, text)
    if (text === '') continue
    const known = byText.get(text)
    if (known === undefined) byText.set(text, { first: metadata.name ?? '', others: 0 })
    else known.others++
  }
  if (byText.size === 0) return []
  const lines = [...byText].map(([text, { first, others }]) => `${first}${othersText(others)}: ${text}`)
  const head = `existing pods in namespace "${namespace}" violate the new PodSecurity enforce level "${policyText(enforce)}"`
  return [head, ...lines.sort()]
}

const reasons = (enforce: LevelVersion, meta: Meta, spec: Spec) =>
  violations(enforce, meta, spec)
    .map(([reason]) => reason)
    .join(', ')

const othersText = (count: number) => (count === 0 ? '' : ` (and ${count} other pod${count === 1 ? '' : 's'})`)
