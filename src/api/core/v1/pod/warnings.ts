/** What Kubernetes warns the writers of Pods and templates about: things on their way out, and likely mistakes. */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldPath } from '../../../../meta/field-path.ts'
import { fieldPath } from '../../../../meta/field-path.ts'
import { goQuote } from '../../../../meta/go-quote.ts'
import { milliValue } from '../../../../meta/quantity.ts'
import type { Container, Pod, PodSpec, PodTemplateSpec, Volume } from '../../../generated/core-v1.ts'

type Spec = DeepReadonly<PodSpec>
type Annotations = Readonly<Record<string, string>>

const SPEC = fieldPath('spec')
const META = fieldPath('metadata')

/** For a new Pod, or one whose spec was changed. */
export function podWarnings(pod: DeepReadonly<Pod>, old?: DeepReadonly<Pod>): readonly string[] {
  // A change of a Pod can hardly bring anything new to warn of.
  if (old !== undefined && old.metadata.generation === pod.metadata.generation) return []
  return warningsOf(pod.spec, pod.metadata.annotations ?? {}, META, SPEC)
}

/** For the template of a workload at `path`. */
export function podTemplateWarnings(template: DeepReadonly<PodTemplateSpec>, path: FieldPath): readonly string[] {
  return warningsOf(template.spec, template.metadata?.annotations ?? {}, path.child('metadata'), path.child('spec'))
}

function warningsOf(spec: Spec | undefined, annotations: Annotations, meta: FieldPath, path: FieldPath): string[] {
  if (spec === undefined) return []
  return [
    ...labelWarnings(spec, path),
    ...annotationWarnings(annotations, meta.child('annotations')),
    ...(spec.volumes ?? []).flatMap((volume, at) => volumeWarnings(volume, path.child('volumes').index(at))),
    ...hostAliasWarnings(spec, path),
    ...secretWarnings(spec, path),
    ...containerWarnings(spec, path),
    ...graceWarnings(spec, path),
  ]
}

/** Labels of nodes that have new names. */
const OLD_NODE_LABELS: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'kubernetes.io/arch',
  'beta.kubernetes.io/os': 'kubernetes.io/os',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'beta.kubernetes.io/instance-type': 'node.kubernetes.io/instance-type',
}

function labelWarnings(spec: Spec, path: FieldPath): string[] {
  const warnings: string[] = []
  const check = (key: string, where: FieldPath) => {
    const replacement = Object.hasOwn(OLD_NODE_LABELS, key) ? OLD_NODE_LABELS[key] : undefined
    if (replacement !== undefined) {
      warnings.push(`${where.toString()}: deprecated since v1.14; use "${replacement}" instead`)
    }
  }
  for (const key in spec.nodeSelector) check(key, path.child('nodeSelector').key(key))
  const affinity = spec.affinity?.nodeAffinity
  const base = path.child('affinity', 'nodeAffinity')
  const required = affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  for (const [at, term] of required.entries()) {
    const terms = base.child('requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms').index(at)
    for (const [index, { key }] of (term.matchExpressions ?? []).entries()) {
      check(key, terms.child('matchExpressions').index(index).child('key'))
    }
  }
  for (const [at, { topologyKey }] of (spec.topologySpreadConstraints ?? []).entries()) {
    check(topologyKey, path.child('topologySpreadConstraints').index(at).child('topologyKey'))
  }
  return warnings
}

const OLD_ANNOTATIONS: readonly (readonly [prefix: string, warning: string])[] = [
  ['seccomp.security.alpha.kubernetes.io/pod', 'non-functional in v1.27+; use the "seccompProfile" field instead'],
  [
    'container.seccomp.security.alpha.kubernetes.io/',
    'non-functional in v1.27+; use the "seccompProfile" field instead',
  ],
  [
    'container.apparmor.security.beta.kubernetes.io/',
    'deprecated since v1.30; use the "appArmorProfile" field instead',
  ],
  ['scheduler.alpha.kubernetes.io/critical-pod', 'non-functional in v1.16+; use the "priorityClassName" field instead'],
  ['security.alpha.kubernetes.io/sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
  ['security.alpha.kubernetes.io/unsafe-sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
]

function annotationWarnings(annotations: Annotations, path: FieldPath): string[] {
  return Object.keys(annotations).flatMap((key) =>
    OLD_ANNOTATIONS.filter(([name]) => key === name || (name.endsWith('/') && key.startsWith(name))).map(
      ([, warning]) => `${path.key(key).toString()}: ${warning}`,
    ),
  )
}

const OLD_VOLUMES: readonly (readonly [source: keyof Volume, warning: string])[] = [
  ['photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
  ['scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'deprecated in v1.22, non-functional in v1.25+'],
  ['quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'deprecated in v1.28, non-functional in v1.31+'],
]

function volumeWarnings(volume: DeepReadonly<Volume>, path: FieldPath): string[] {
  const warnings = OLD_VOLUMES.filter(([source]) => volume[source] !== undefined).map(
    ([source, warning]) => `${path.child(source).toString()}: ${warning}`,
  )
  const size = volume.ephemeral?.volumeClaimTemplate?.spec?.resources?.requests?.['storage']
  if (size !== undefined) {
    const here = path.child('ephemeral', 'volumeClaimTemplate').toString()
    warnings.push(...fractionalBytes('storage', size, `${here}.spec.resources.requests[storage]`))
  }
  return warnings
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
  return (['initContainers', 'containers'] as const).flatMap((list) =>
    (spec[list] ?? []).flatMap((container, at) => [
      ...amountWarnings(container, path.child(list).index(at)),
      ...duplicateEnv(container, path.child(list).index(at).child('env')),
    ]),
  )
}

function amountWarnings({ resources }: DeepReadonly<Container>, path: FieldPath): string[] {
  return (['limits', 'requests'] as const).flatMap((part) =>
    (['memory', 'ephemeral-storage'] as const).flatMap((name) => {
      const amount = resources?.[part]?.[name]
      if (amount === undefined) return []
      return fractionalBytes(name, amount, path.child('resources', part).key(name).toString())
    }),
  )
}

function fractionalBytes(_name: string, amount: string, where: string): string[] {
  if (milliValue(amount) % 1000 === 0) return []
  return [`${where}: fractional byte value ${goQuote(amount)} is invalid, must be an integer`]
}

/** Of two variables of a name only the last one counts, unless the later one builds on the earlier. */
function duplicateEnv({ env }: DeepReadonly<Container>, path: FieldPath): string[] {
  const seen = new Set<string>()
  return (env ?? []).flatMap(({ name, value }, at) => {
    const isNew = !seen.has(name)
    seen.add(name)
    if (isNew || value?.includes(`$(${name})`) === true) return []
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
