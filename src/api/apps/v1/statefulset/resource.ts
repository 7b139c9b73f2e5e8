/** StatefulSet, apps/v1: Pods with names and storage of their own (https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { dnsLabel } from '../../../../meta/names.ts'
import {
  deepEqual,
  forbiddenField,
  invalidEach,
  invalidValue,
  nonNegative,
  notSupported,
  required,
} from '../../../../meta/validation.ts'
import { defaultPodTemplate } from '../../../core/v1/pod/defaults.ts'
import type {
  StatefulSet,
  StatefulSetSpec,
  StatefulSetStatus,
  StatefulSetUpdateStrategy,
} from '../../../generated/apps-v1.ts'
import { defineResource } from '../../../resource.ts'
import { ageColumn, nameColumn, templateColumns } from '../../../workload/columns.ts'
import { replicasScale } from '../../../workload/scale.ts'
import {
  isZero,
  notOverHundred,
  validateIntOrPercent,
  validateWorkloadSelector,
} from '../../../workload/validate-selector.ts'
import { validateReplicaTemplate } from '../../../workload/validate-template.ts'

export const statefulSets = defineResource<StatefulSet>('apps/v1/statefulsets', {
  setDefaults: ({ spec }) => {
    if (spec !== undefined) defaultStatefulSet(spec)
  },
  prepareForCreate: (draft) => {
    draft.status = { replicas: 0 }
  },
  prepareForUpdate: (draft, old) => {
    draft.status = structuredClone(old.status ?? { replicas: 0 }) as StatefulSetStatus
  },
  validate: ({ spec }, root) => validateStatefulSet(spec, root.child('spec')),
  validateUpdate: ({ spec }, old, root) => [
    ...validateStatefulSet(spec, root.child('spec')),
    ...validateChange(spec, old.spec, root.child('spec')),
  ],
  validateStatusUpdate: ({ status }, _old, root) => validateStatus(status, root.child('status')),
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
  spec.updateStrategy.type ??= 'RollingUpdate'
  if (spec.updateStrategy.type === 'RollingUpdate') {
    spec.updateStrategy.rollingUpdate ??= {}
    spec.updateStrategy.rollingUpdate.partition ??= 0
  }
  spec.persistentVolumeClaimRetentionPolicy ??= {}
  spec.persistentVolumeClaimRetentionPolicy.whenDeleted ??= 'Retain'
  spec.persistentVolumeClaimRetentionPolicy.whenScaled ??= 'Retain'
  spec.replicas ??= 1
  spec.revisionHistoryLimit ??= 10
  if (spec.template !== undefined) defaultPodTemplate(spec.template)
  for (const claim of spec.volumeClaimTemplates ?? []) {
    claim.apiVersion ??= 'v1'
    claim.kind ??= 'PersistentVolumeClaim'
    if (claim.spec !== undefined) claim.spec.volumeMode ??= 'Filesystem'
    claim.status ??= { phase: 'Pending' }
  }
}

function validateStatefulSet(spec: DeepReadonly<StatefulSetSpec> | undefined, path: FieldPath): FieldError[] {
  const { podManagementPolicy: policy, serviceName = '' } = spec ?? {}
  const management = path.child('podManagementPolicy')
  return [
    ...(policy === undefined || policy === ('' as string) ? [required(management)] : []),
    ...(policy !== undefined && policy !== 'OrderedReady' && policy !== 'Parallel'
      ? [invalidValue(management, policy, "must be 'OrderedReady' or 'Parallel'")]
      : []),
    ...validateStrategy(spec?.updateStrategy, path.child('updateStrategy')),
    ...validateRetention(spec, path.child('persistentVolumeClaimRetentionPolicy')),
    ...nonNegative(spec?.replicas, path.child('replicas')),
    ...nonNegative(spec?.minReadySeconds, path.child('minReadySeconds')),
    ...nonNegative(spec?.ordinals?.start, path.child('ordinals', 'start')),
    ...(serviceName === '' ? [] : invalidEach(path.child('serviceName'), serviceName, dnsLabel(serviceName))),
    ...validateWorkloadSelector(spec?.selector, spec?.template?.metadata?.labels, path, 'statefulset'),
    ...(spec?.template === undefined
      ? [required(path.child('template'))]
      : validateReplicaTemplate(spec.template, path.child('template'))),
  ]
}

function validateStrategy(
  strategy: DeepReadonly<StatefulSetUpdateStrategy> | undefined,
  path: FieldPath,
): FieldError[] {
  const { type, rollingUpdate } = strategy ?? {}
  const rolling = path.child('rollingUpdate')
  if (type === undefined || type === ('' as string)) return [required(path.child('type'))]
  if (type === 'OnDelete') {
    return rollingUpdate === undefined
      ? []
      : [invalidValue(rolling, rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'")]
  }
  if (type !== 'RollingUpdate') return [invalidValue(path.child('type'), type, "must be 'RollingUpdate' or 'OnDelete'")]
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
    return value === undefined || RETENTION.includes(value)
      ? []
      : [notSupported(path.child(name), value, RETENTION.toReversed())]
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
