/** What Kubernetes warns the writers of Pods and templates about: things on their way out, and likely mistakes. */

import { ipWarnings } from '../../../../meta/addresses.ts'
import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldPath } from '../../../../meta/field-path.ts'
import { fieldPath } from '../../../../meta/field-path.ts'
import { goQuote } from '../../../../meta/go-quote.ts'
import { dnsLabel } from '../../../../meta/names.ts'
import type { Container, Pod, PodSpec, PodTemplateSpec } from '../../../generated/core-v1.ts'
import { nodeTermWarnings, oldNodeLabel } from '../node/label-warnings.ts'
import { fractionalBytes } from '../persistentvolumeclaim/warnings.ts'
import { isQuiet } from './alike.ts'
import { APP_ARMOR, APP_ARMOR_WARNING } from './app-armor.ts'
import { portWarnings } from './warnings-ports.ts'
import { volumeWarnings } from './warnings-volumes.ts'

type Spec = DeepReadonly<PodSpec>
type Annotations = Readonly<Record<string, string>>

const SPEC = fieldPath('spec')
const ANNOTATIONS = fieldPath('metadata', 'annotations')

/** For a new Pod, or one whose spec was changed. */
export function podWarnings(pod: DeepReadonly<Pod>, old?: DeepReadonly<Pod>): readonly string[] {
  // Humans hardly change Pods; programs do it all the time.
  if (old !== undefined) return []
  // Of a spec like one before it is known that there is nothing to say; its annotations are its own.
  const rest = isQuiet(pod.spec) ? annotationWarnings(pod.metadata.annotations ?? {}, ANNOTATIONS) : specWarnings(pod)
  const wrong = dnsLabel(pod.metadata.name ?? '')
  return wrong.length === 0 ? rest : [`${HOSTNAME}: [${wrong.join(' ')}]`, ...rest]
}

const HOSTNAME =
  "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended"

/** What there is to warn of whatever the Pod is called. */
export function specWarnings({ metadata, spec }: DeepReadonly<Pod>): readonly string[] {
  return warningsOf(spec, metadata.annotations ?? {}, ANNOTATIONS, SPEC)
}

/** For the addresses that a node tells of. */
export function podStatusWarnings({ status }: DeepReadonly<Pod>): readonly string[] {
  return (['podIPs', 'hostIPs'] as const).flatMap((list) =>
    (status?.[list] ?? []).flatMap(({ ip = '' }, at) =>
      ipWarnings(ip, fieldPath('status', list).index(at).child('ip')),
    ),
  )
}

/** For the template of a workload at `path`. */
export function podTemplateWarnings(template: DeepReadonly<PodTemplateSpec>, path: FieldPath): readonly string[] {
  return warningsOf(
    template.spec,
    template.metadata?.annotations ?? {},
    path.child('metadata', 'annotations'),
    path.child('spec'),
  )
}

function warningsOf(spec: Spec | undefined, annotations: Annotations, at: FieldPath, path: FieldPath): string[] {
  if (spec === undefined) return []
  return [
    ...labelWarnings(spec, path),
    ...annotationWarnings(annotations, at),
    ...volumeWarnings(spec.volumes, path.child('volumes')),
    ...hostAliasWarnings(spec, path),
    ...secretWarnings(spec, path),
    ...overheadWarnings(spec, path),
    ...containerWarnings(spec, path),
    ...portWarnings(spec, path),
    ...graceWarnings(spec, path),
    ...podAffinityWarnings(spec, path),
    ...addressWarnings(spec, path),
  ]
}

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution'
const NO_SELECTOR = 'a null labelSelector results in matching no pod'

function labelWarnings(spec: Spec, path: FieldPath): string[] {
  const selected = Object.keys(spec.nodeSelector ?? {}).flatMap((key) => {
    const old = oldNodeLabel(key)
    return old === undefined ? [] : [`${path.child('nodeSelector').key(key).toString()}: ${old}`]
  })
  const affinity = spec.affinity?.nodeAffinity
  const base = path.child('affinity', 'nodeAffinity')
  const terms = base.child(REQUIRED, 'nodeSelectorTerms')
  const required = (affinity?.[REQUIRED]?.nodeSelectorTerms ?? []).flatMap((term, at) =>
    nodeTermWarnings(term, terms.index(at), { isPreferred: false }),
  )
  const preferred = (affinity?.[PREFERRED] ?? []).flatMap(({ preference }, at) =>
    nodeTermWarnings(preference, base.child(PREFERRED).index(at).child('preference'), { isPreferred: true }),
  )
  const spread = (spec.topologySpreadConstraints ?? []).flatMap(({ topologyKey, labelSelector }, at) => {
    const here = path.child('topologySpreadConstraints').index(at)
    const old = oldNodeLabel(topologyKey)
    return [
      ...(old === undefined ? [] : [`${here.child('topologyKey').toString()}: ${topologyKey} is ${old}`]),
      ...(labelSelector === undefined ? [`${here.child('labelSelector').toString()}: ${NO_SELECTOR}`] : []),
    ]
  })
  return [...selected, ...required, ...preferred, ...spread]
}

/** Terms without a selector, which no Pod ever meets. */
function podAffinityWarnings(spec: Spec, path: FieldPath): string[] {
  return (['podAffinity', 'podAntiAffinity'] as const).flatMap((part) => {
    const here = path.child('affinity', part)
    const required = (spec.affinity?.[part]?.[REQUIRED] ?? []).map((term, at) => ({
      term,
      place: here.child(REQUIRED).index(at),
    }))
    const preferred = (spec.affinity?.[part]?.[PREFERRED] ?? []).map(({ podAffinityTerm: term }, at) => ({
      term,
      place: here.child(PREFERRED).index(at).child('podAffinityTerm'),
    }))
    return [...required, ...preferred]
      .filter(({ term }) => term?.labelSelector === undefined)
      .map(({ place }) => `${place.child('labelSelector').toString()}: ${NO_SELECTOR}`)
  })
}

const OLD_ANNOTATIONS: readonly (readonly [prefix: string, warning: string])[] = [
  ['seccomp.security.alpha.kubernetes.io/pod', 'non-functional in v1.27+; use the "seccompProfile" field instead'],
  [
    'container.seccomp.security.alpha.kubernetes.io/',
    'non-functional in v1.27+; use the "seccompProfile" field instead',
  ],
  [APP_ARMOR, APP_ARMOR_WARNING],
  ['scheduler.alpha.kubernetes.io/critical-pod', 'non-functional in v1.16+; use the "priorityClassName" field instead'],
  ['security.alpha.kubernetes.io/sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
  ['security.alpha.kubernetes.io/unsafe-sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
]

function annotationWarnings(annotations: Annotations, path: FieldPath): string[] {
  // Of a Pod's own it is told before they are made fields.
  const told = path === ANNOTATIONS ? OLD_ANNOTATIONS.filter(([name]) => name !== APP_ARMOR) : OLD_ANNOTATIONS
  return Object.keys(annotations).flatMap((key) =>
    told
      .filter(([name]) => key === name || (name.endsWith('/') && key.startsWith(name)))
      .map(([, warning]) => `${path.key(key).toString()}: ${warning}`),
  )
}

function hostAliasWarnings(spec: Spec, path: FieldPath): string[] {
  const first = new Map<string, FieldPath>()
  return (spec.hostAliases ?? []).flatMap(({ ip }, at) => {
    const here = path.child('hostAliases').index(at).child('ip')
    const before = first.get(ip)
    first.set(ip, before ?? here)
    return before === undefined ? [] : [`${here.toString()}: duplicate ip ${goQuote(ip)}`]
  })
}

function addressWarnings({ dnsConfig, hostAliases = [] }: Spec, path: FieldPath): string[] {
  const servers = path.child('dnsConfig', 'nameservers')
  const aliases = path.child('hostAliases')
  return [
    ...(dnsConfig?.nameservers ?? []).flatMap((text, at) => ipWarnings(text, servers.index(at))),
    ...hostAliases.flatMap(({ ip = '' }, at) => ipWarnings(ip, aliases.index(at).child('ip'))),
  ]
}

function secretWarnings(spec: Spec, path: FieldPath): string[] {
  const seen = new Set<string>()
  return (spec.imagePullSecrets ?? []).flatMap(({ name = '' }, at) => {
    const here = path.child('imagePullSecrets').index(at).child('name').toString()
    if (name === '') return [`${here}: invalid empty name ${goQuote(name)}`]
    if (seen.has(name)) return [`${here}: duplicate name ${goQuote(name)}`]
    seen.add(name)
    return []
  })
}

function containerWarnings(spec: Spec, path: FieldPath): string[] {
  return (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((list) =>
    (spec[list] ?? []).flatMap((container, at) => [
      ...amountWarnings(container, path.child(list).index(at)),
      ...duplicateEnv(container, path.child(list).index(at).child('env')),
    ]),
  )
}

function amountWarnings({ resources }: DeepReadonly<Container>, path: FieldPath): string[] {
  return (['memory', 'ephemeral-storage'] as const).flatMap((name) =>
    (['limits', 'requests'] as const).flatMap((part) =>
      fractionalBytes(resources?.[part]?.[name], path.child('resources', part).key(name)),
    ),
  )
}

function overheadWarnings({ overhead }: Spec, path: FieldPath): string[] {
  return ['memory', 'ephemeral-storage'].flatMap((name) =>
    fractionalBytes(overhead?.[name], path.child('overhead').key(name)),
  )
}

/** Of two variables of a name only the last one counts, unless the later one builds on the earlier. */
function duplicateEnv({ env }: DeepReadonly<Container>, path: FieldPath): string[] {
  const seen = new Set<string>()
  return (env ?? []).flatMap(({ name, value = '', valueFrom }, at) => {
    const isNew = !seen.has(name)
    seen.add(name)
    const ref = `$(${name})`
    if (isNew || (valueFrom === undefined && value !== ref && value.includes(ref))) return []
    return [
      `${path.index(at).toString()}: hides previous definition of ${goQuote(name)}, which may be dropped when using apply`,
    ]
  })
}

function graceWarnings(spec: Spec, path: FieldPath): string[] {
  const grace = spec.terminationGracePeriodSeconds
  if (grace === undefined || grace >= 0) return []
  return [
    `${path.child('terminationGracePeriodSeconds').toString()}: must be >= 0; negative values are invalid and will be treated as 1`,
  ]
}
