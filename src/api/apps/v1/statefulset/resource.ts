/** StatefulSet, apps/v1: Pods with names and storage of their own (https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import { type FieldError, fieldPath, type FieldPath } from '../../../../meta/field-path.ts'
import { dnsLabel, labelName } from '../../../../meta/names.ts'
import {
  deepEqual,
  forbiddenField,
  invalidEach,
  invalidValue,
  judgeAll,
  nonNegative,
  notSupported,
  required,
} from '../../../../meta/validation.ts'
import { asGiven } from '../../../../wire/json/nil.ts'
import { defaultClaimSpec } from '../../../core/v1/pod/defaults-volumes.ts'
import { defaultPodTemplate, dropDisabledPodFields } from '../../../core/v1/pod/defaults.ts'
import { roundToMilli } from '../../../core/v1/round-amounts.ts'
import type {
  StatefulSet,
  StatefulSetSpec,
  StatefulSetStatus,
  StatefulSetUpdateStrategy,
} from '../../../generated/apps-v1.ts'
import type { PodTemplateSpec } from '../../../generated/core-v1.ts'
import { defineResource } from '../../../resource.ts'
import { ageColumn, nameColumn, templateColumns } from '../../../workload/columns.ts'
import { replicasScale } from '../../../workload/scale.ts'
import {
  isZero,
  notOverHundred,
  validateIntOrPercent,
  judgeWorkloadSelector,
} from '../../../workload/validate-selector.ts'
import { validateReplicaTemplate } from '../../../workload/validate-template.ts'
import { templateWarnings } from '../../../workload/warnings.ts'
import { validateAnnotations, validateLabels } from '../../../../meta/object-meta.ts'
import { validateClaimSpec } from '../../../core/v1/persistentvolumeclaim/validate.ts'
import { claimSpecWarnings } from '../../../core/v1/persistentvolumeclaim/warnings.ts'

const CLAIMS = fieldPath('spec', 'volumeClaimTemplates')
const ENDLESS_HISTORY =
  'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended'

export const statefulSets = defineResource<StatefulSet>('apps/v1/statefulsets', {
  dropDisabledFields: ({ spec }) => dropDisabledPodFields(spec?.template?.spec),
  setDefaults: ({ spec }) => {
    if (spec !== undefined) defaultStatefulSet(spec)
  },
  prepareForCreate: (draft) => {
    draft.status = { replicas: 0, availableReplicas: 0 }
  },
  prepareForUpdate: (draft, old) => {
    draft.status = structuredClone(old.status ?? { replicas: 0, availableReplicas: 0 }) as StatefulSetStatus
  },
  validateName: labelName,
  validate: ({ spec }, root) => validateStatefulSet(spec, root.child('spec')),
  validateUpdate: ({ spec }, old, root) => [
    ...validateStatefulSet(spec, root.child('spec'), old),
    ...validateChange(spec, old.spec, root.child('spec')),
  ],
  validateStatusUpdate: ({ status }, _old, root) => validateStatus(status, root.child('status')),
  warnings: (object, old) => [
    ...templateWarnings(object, old),
    ...(object.spec?.volumeClaimTemplates ?? []).flatMap((claim, at) => {
      const path = CLAIMS.index(at)
      // Kubernetes leaves the step out for a new one, and writes it so for an old.
      return claimSpecWarnings(claim.spec ?? {}, old === undefined ? path : path.child('Spec'))
    }),
    ...((object.spec?.revisionHistoryLimit ?? 0) < 0 ? [ENDLESS_HISTORY] : []),
  ],
  scale: replicasScale<StatefulSet>(),
  columns: [
    nameColumn(),
    {
      name: 'Ready',
      type: 'string',
      cell: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`,
    },
    ageColumn(),
    ...templateColumns<StatefulSet>(),
  ],
})

function defaultStatefulSet(spec: StatefulSetSpec): void {
  spec.podManagementPolicy ??= 'OrderedReady'
  spec.updateStrategy ??= {}
  if (spec.updateStrategy.type === undefined) {
    spec.updateStrategy.type = 'RollingUpdate'
    spec.updateStrategy.rollingUpdate ??= {}
  }
  const { type, rollingUpdate } = spec.updateStrategy
  if (type === 'RollingUpdate' && rollingUpdate !== undefined) rollingUpdate.partition ??= 0
  spec.persistentVolumeClaimRetentionPolicy ??= {}
  spec.persistentVolumeClaimRetentionPolicy.whenDeleted ??= 'Retain'
  spec.persistentVolumeClaimRetentionPolicy.whenScaled ??= 'Retain'
  spec.replicas ??= 1
  spec.revisionHistoryLimit ??= 10
  if (spec.template !== undefined) defaultPodTemplate(spec.template)
  for (const claim of spec.volumeClaimTemplates ?? []) {
    claim.apiVersion = 'v1'
    claim.kind = 'PersistentVolumeClaim'
    claim.spec ??= {}
    defaultClaimSpec(claim.spec)
    claim.status ??= {}
    claim.status.phase ??= 'Pending'
    roundToMilli(claim.status.capacity)
    roundToMilli(claim.status.allocatedResources)
  }
}

const SELECTOR = { kind: 'statefulset', words: '' }

function validateStatefulSet(
  spec: DeepReadonly<StatefulSetSpec> | undefined,
  path: FieldPath,
  old?: DeepReadonly<StatefulSet>,
): FieldError[] {
  const isNew = old === undefined
  const { podManagementPolicy: policy, serviceName = '' } = spec ?? {}
  const management = path.child('podManagementPolicy')
  const selector = judgeWorkloadSelector(spec?.selector, asGiven(spec?.template?.metadata, 'labels'), path, SELECTOR)
  return [
    ...(policy === undefined || policy === ('' as string) ? [required(management)] : []),
    ...(policy !== undefined && policy !== 'OrderedReady' && policy !== 'Parallel'
      ? [invalidValue(management, policy, "must be 'OrderedReady' or 'Parallel'")]
      : []),
    ...validateStrategy(spec?.updateStrategy, path.child('updateStrategy')),
    ...validateRetention(spec, path.child('persistentVolumeClaimRetentionPolicy')),
    ...(isNew ? validateClaimTemplates(spec, path.child('volumeClaimTemplates')) : []),
    ...nonNegative(spec?.replicas, path.child('replicas')),
    ...nonNegative(spec?.minReadySeconds, path.child('minReadySeconds')),
    ...nonNegative(spec?.ordinals?.start, path.child('ordinals.start')),
    ...(serviceName === '' || !isNew ? [] : invalidEach(path.child('serviceName'), serviceName, dnsLabel(serviceName))),
    ...selector.faults,
    ...(selector.isReadable ? validateTemplate(spec, path.child('template'), old?.spec?.template) : []),
  ]
}

/** The volumes that the claims will be, with those of the template that they do not replace. */
function validateTemplate(
  spec: DeepReadonly<StatefulSetSpec> | undefined,
  path: FieldPath,
  old: DeepReadonly<PodTemplateSpec> | undefined,
): FieldError[] {
  const context = { kind: 'StatefulSet', old }
  const template = spec?.template ?? {}
  const claims = spec?.volumeClaimTemplates ?? []
  if (template.spec === undefined) return validateReplicaTemplate(template, path, context)
  const names = new Set(claims.map(({ metadata }) => metadata?.name ?? ''))
  const volumes = [
    ...[...names].map((name) => ({ name, persistentVolumeClaim: { claimName: name } })),
    ...(template.spec.volumes ?? []).filter(({ name }) => !names.has(name)),
  ]
  // The controller gives every Pod a host name and a subdomain of its own.
  const { subdomain: _subdomain, hostname: _hostname, ...rest } = template.spec
  const pod = { ...rest, ...(claims.length === 0 ? {} : { volumes }) }
  const { labels, annotations } = template.metadata ?? {}
  const [own, last] = splitLast(validateReplicaTemplate({ ...template, spec: pod }, path, context), path)
  return [
    ...own,
    ...validateLabels(labels, path.child('labels')),
    ...validateAnnotations(annotations, path.child('annotations')),
    ...last,
  ]
}

/** What is said of the restart policy and the deadline comes after all else. */
function splitLast(faults: readonly FieldError[], path: FieldPath): [FieldError[], FieldError[]] {
  const late = new Set(['restartPolicy', 'activeDeadlineSeconds'].map((field) => path.child('spec', field).toString()))
  const at = faults.findLastIndex(({ field }) => !late.has(field)) + 1
  return [faults.slice(0, at), faults.slice(at)]
}

function validateClaimTemplates(spec: DeepReadonly<StatefulSetSpec> | undefined, path: FieldPath): FieldError[] {
  return judgeAll(spec?.volumeClaimTemplates, (claim, at) =>
    validateClaimSpec(claim.spec ?? {}, path.index(at).child('spec')),
  )
}

function validateStrategy(
  strategy: DeepReadonly<StatefulSetUpdateStrategy> | undefined,
  path: FieldPath,
): FieldError[] {
  const { type, rollingUpdate } = strategy ?? {}
  const rolling = path.child('rollingUpdate')
  if (type === undefined || type === ('' as string)) return [required(path)]
  if (type === 'OnDelete') {
    return rollingUpdate === undefined
      ? []
      : [
          invalidValue(
            rolling,
            { Partition: rollingUpdate.partition ?? 0, MaxUnavailable: null },
            "only allowed for updateStrategy 'RollingUpdate'",
          ),
        ]
  }
  if (type !== 'RollingUpdate') {
    const update =
      rollingUpdate === undefined ? null : { Partition: rollingUpdate.partition ?? 0, MaxUnavailable: null }
    const words = "must be 'RollingUpdate' or 'OnDelete'"
    return [invalidValue(path, { Type: type, RollingUpdate: update }, words)]
  }
  const unavailable = rolling.child('maxUnavailable')
  const { partition, maxUnavailable } = rollingUpdate ?? {}
  return [
    ...nonNegative(partition, rolling.child('partition')),
    ...(maxUnavailable === undefined ? [] : validateIntOrPercent(maxUnavailable, unavailable)),
    ...(maxUnavailable !== undefined && isZero(maxUnavailable)
      ? [invalidValue(unavailable, maxUnavailable, 'cannot be 0')]
      : []),
    ...notOverHundred(maxUnavailable, unavailable),
  ]
}

const RETENTION = ['Retain', 'Delete']

function validateRetention(spec: DeepReadonly<StatefulSetSpec> | undefined, path: FieldPath): FieldError[] {
  const policy = spec?.persistentVolumeClaimRetentionPolicy
  return (['whenDeleted', 'whenScaled'] as const).flatMap((name) => {
    const value = policy?.[name]
    return value === undefined || RETENTION.includes(value) ? [] : [notSupported(path.child(name), value, RETENTION)]
  })
}

const CHANGEABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const

/** Only some fields of the spec may change. */
function validateChange(
  spec: DeepReadonly<StatefulSetSpec> | undefined,
  old: DeepReadonly<StatefulSetSpec> | undefined,
  path: FieldPath,
): FieldError[] {
  const fixedOf = (of: DeepReadonly<StatefulSetSpec> | undefined) =>
    Object.fromEntries(
      Object.entries(of ?? {}).filter(([name]) => !CHANGEABLE.some((changeable) => changeable === name)),
    )
  if (deepEqual(fixedOf(spec), fixedOf(old))) return []
  return [
    forbiddenField(
      path,
      "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ),
  ]
}

function validateStatus(status: DeepReadonly<StatefulSetStatus> | undefined, path: FieldPath): FieldError[] {
  const counts = [
    'replicas',
    'readyReplicas',
    'currentReplicas',
    'updatedReplicas',
    'availableReplicas',
    'observedGeneration',
    'collisionCount',
  ] as const
  const faults = counts.flatMap((name) => nonNegative(status?.[name], path.child(name)))
  for (const name of ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'] as const) {
    const value = status?.[name] ?? 0
    if (value > (status?.replicas ?? 0))
      faults.push(invalidValue(path.child(name), value, 'cannot be greater than status.replicas'))
  }
  const { availableReplicas = 0, readyReplicas = 0 } = status ?? {}
  if (availableReplicas > readyReplicas) {
    faults.push(
      invalidValue(path.child('availableReplicas'), availableReplicas, 'cannot be greater than status.readyReplicas'),
    )
  }
  return faults
}
