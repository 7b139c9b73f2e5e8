/** ReplicaSet, apps/v1: keeps a stated number of like Pods alive (https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { immutableField, invalidValue, nonNegative } from '../../../../meta/validation.ts'
import { asGiven } from '../../../../wire/json/nil.ts'
import { defaultPodTemplate, dropDisabledPodFields } from '../../../core/v1/pod/defaults.ts'
import { validateReplicaTemplate } from '../../../workload/validate-template.ts'
import type { ReplicaSet, ReplicaSetStatus } from '../../../generated/apps-v1.ts'
import { defineResource } from '../../../resource.ts'
import { ageColumn, nameColumn, selectorColumn, templateColumns } from '../../../workload/columns.ts'
import { replicasScale } from '../../../workload/scale.ts'
import { workloadWarnings } from '../../../workload/warnings.ts'
import { judgeWorkloadSelector } from '../../../workload/validate-selector.ts'

export const replicaSets = defineResource<ReplicaSet>('apps/v1/replicasets', {
  dropDisabledFields: ({ spec }) => dropDisabledPodFields(spec?.template?.spec),
  setDefaults: defaultReplicaSet,
  prepareForCreate: (draft) => {
    draft.status = { replicas: 0 }
  },
  prepareForUpdate: (draft, old) => {
    draft.status = structuredClone(old.status ?? { replicas: 0 }) as ReplicaSetStatus
  },
  validate: (object, root) => validateReplicaSet(object, root),
  validateUpdate: (object, old, root) => [
    ...validateReplicaSet(object, root, old),
    ...immutableField(object.spec?.selector, old.spec?.selector, root.child('spec', 'selector')),
  ],
  validateStatusUpdate: (object, _old, root) => validateReplicaSetStatus(object.status, root.child('status')),
  warnings: workloadWarnings,
  scale: replicasScale<ReplicaSet>(),
  columns: [
    nameColumn(),
    { name: 'Desired', type: 'integer', cell: (object) => object.spec?.replicas ?? 0 },
    { name: 'Current', type: 'integer', cell: (object) => object.status?.replicas ?? 0 },
    { name: 'Ready', type: 'integer', cell: (object) => object.status?.readyReplicas ?? 0 },
    ageColumn(),
    ...templateColumns<ReplicaSet>(),
    selectorColumn<ReplicaSet>(),
  ],
})

function defaultReplicaSet({ spec }: ReplicaSet): void {
  if (spec === undefined) return
  spec.replicas ??= 1
  if (spec.template !== undefined) defaultPodTemplate(spec.template)
}

/** Kubernetes speaks of a Deployment here. */
const SELECTOR = { kind: 'deployment', words: 'invalid label selector' }

function validateReplicaSet(
  { spec }: DeepReadonly<ReplicaSet>,
  root: FieldPath,
  old?: DeepReadonly<ReplicaSet>,
): FieldError[] {
  const path = root.child('spec')
  const selector = judgeWorkloadSelector(spec?.selector, asGiven(spec?.template?.metadata, 'labels'), path, SELECTOR)
  const context = { old: old?.spec?.template }
  return [
    ...nonNegative(spec?.replicas, path.child('replicas')),
    ...nonNegative(spec?.minReadySeconds, path.child('minReadySeconds')),
    ...selector.faults,
    ...(selector.isReadable ? validateReplicaTemplate(spec?.template ?? {}, path.child('template'), context) : []),
  ]
}

/** Counts that contradict each other are refused. Shared with ReplicationControllers. */
export function validateReplicaSetStatus(
  status: DeepReadonly<Partial<ReplicaSetStatus>> | undefined,
  path: FieldPath,
): FieldError[] {
  const {
    replicas = 0,
    fullyLabeledReplicas = 0,
    readyReplicas = 0,
    availableReplicas = 0,
    observedGeneration = 0,
    terminatingReplicas,
  } = status ?? {}
  const faults = [
    ...nonNegative(replicas, path.child('replicas')),
    ...nonNegative(fullyLabeledReplicas, path.child('fullyLabeledReplicas')),
    ...nonNegative(readyReplicas, path.child('readyReplicas')),
    ...nonNegative(availableReplicas, path.child('availableReplicas')),
    ...nonNegative(observedGeneration, path.child('observedGeneration')),
    ...nonNegative(terminatingReplicas, path.child('terminatingReplicas')),
  ]
  const notMore = (name: string, value: number, limit: number, than: string) => {
    if (value > limit) faults.push(invalidValue(path.child(name), value, `cannot be greater than ${than}`))
  }
  notMore('fullyLabeledReplicas', fullyLabeledReplicas, replicas, 'status.replicas')
  notMore('readyReplicas', readyReplicas, replicas, 'status.replicas')
  notMore('availableReplicas', availableReplicas, replicas, 'status.replicas')
  notMore('availableReplicas', availableReplicas, readyReplicas, 'readyReplicas')
  return faults
}
