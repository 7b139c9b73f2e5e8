/** ReplicationController, v1: keeps a stated number of like Pods alive; ReplicaSets do it today (https://kubernetes.io/docs/concepts/workloads/controllers/replicationcontroller/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { selectorFromMap } from '../../../../meta/label-selector.ts'
import { forbiddenField, invalidValue, nonNegative, notSupported, required } from '../../../../meta/validation.ts'
import { asGiven } from '../../../../wire/json/nil.ts'
import { validateReplicaSetStatus } from '../../../apps/v1/replicaset/resource.ts'
import { ageColumn, labelsText, nameColumn, wideColumn } from '../../../columns.ts'
import type { PodTemplateSpec, ReplicationController } from '../../../generated/core-v1.ts'
import { defineResource } from '../../../resource.ts'
import { workloadWarnings } from '../../../workload/warnings.ts'
import { keepStatus } from '../../../strategy.ts'
import { defaultPodTemplate, dropDisabledPodFields } from '../pod/defaults.ts'
import { validatePodTemplate } from '../pod/validation/spec.ts'

type Shared = DeepReadonly<ReplicationController>

export const replicationControllers = defineResource<ReplicationController>('v1/replicationcontrollers', {
  dropDisabledFields: ({ spec }) => dropDisabledPodFields(spec?.template?.spec),
  setDefaults: defaultReplicationController,
  prepareForCreate: (draft) => {
    draft.status = { replicas: 0 }
  },
  prepareForUpdate: keepStatus,
  validate: (object, root) => validateReplicationController(object, root),
  validateUpdate: (object, old, root) => validateReplicationController(object, root, old),
  warnings: workloadWarnings,
  validateStatusUpdate: ({ status }, _old, root) => validateReplicaSetStatus(status, root.child('status')),
  selectableFields: { 'status.replicas': ({ status }) => String(status?.replicas ?? 0) },
  defaultPropagation: 'Orphan',
  scale: {
    replicas: ({ spec }) => spec?.replicas ?? 0,
    currentReplicas: ({ status }) => status?.replicas ?? 0,
    selector: ({ spec }) => selectorFromMap(spec?.selector).toString(),
    setReplicas: (draft, replicas) => {
      if (draft.spec !== undefined) draft.spec.replicas = replicas
    },
  },
  columns: [
    nameColumn(),
    { name: 'Desired', type: 'integer', cell: ({ spec }) => spec?.replicas ?? 0 },
    { name: 'Current', type: 'integer', cell: ({ status }) => status?.replicas ?? 0 },
    { name: 'Ready', type: 'integer', cell: ({ status }) => status?.readyReplicas ?? 0 },
    ageColumn(),
    wideColumn('Containers', (object) =>
      containersOf(object)
        .map(({ name }) => name)
        .join(','),
    ),
    wideColumn('Images', (object) =>
      containersOf(object)
        .map(({ image }) => image ?? '')
        .join(','),
    ),
    wideColumn('Selector', ({ spec }) => labelsText(spec?.selector)),
  ],
})

const containersOf = ({ spec }: Shared) => spec?.template?.spec?.containers ?? []

/** What selects the Pods, and what the controller itself is labelled with, is what its template says. */
function defaultReplicationController({ metadata, spec }: ReplicationController): void {
  if (spec === undefined) return
  spec.replicas ??= 1
  if (spec.template === undefined) return
  defaultPodTemplate(spec.template)
  const labels = spec.template.metadata?.labels
  if (labels === undefined) return
  spec.selector ??= { ...labels }
  metadata.labels ??= { ...labels }
}

function validateReplicationController({ spec }: Shared, root: FieldPath, old?: Shared): FieldError[] {
  const path = root.child('spec')
  const selector = spec?.selector ?? {}
  const faults = nonNegative(spec?.minReadySeconds, path.child('minReadySeconds'))
  if (Object.keys(selector).length === 0) faults.push(required(path.child('selector')))
  faults.push(...nonNegative(spec?.replicas, path.child('replicas')))
  if (spec?.template === undefined) return [...faults, required(path.child('template'))]
  const context = { selector, old: old?.spec?.template }
  return [...faults, ...validateTemplate(spec.template, path.child('template'), context)]
}

interface TemplateContext {
  readonly selector: Readonly<Record<string, string>>
  readonly old: DeepReadonly<PodTemplateSpec> | undefined
}

function validateTemplate(
  template: DeepReadonly<PodTemplateSpec>,
  path: FieldPath,
  { selector, old }: TemplateContext,
): FieldError[] {
  const faults: FieldError[] = []
  const labels = asGiven(template.metadata, 'labels')
  if (Object.keys(selector).length > 0 && !selectorFromMap(selector).matches(labels)) {
    faults.push(invalidValue(path.child('metadata', 'labels'), labels, '`selector` does not match template `labels`'))
  }
  faults.push(...validatePodTemplate(template, path, old))
  const { restartPolicy = '', activeDeadlineSeconds } = template.spec ?? {}
  const spec = path.child('spec')
  if (restartPolicy !== 'Always') faults.push(notSupported(spec.child('restartPolicy'), restartPolicy, ['Always']))
  if (activeDeadlineSeconds !== undefined) {
    const words = 'activeDeadlineSeconds in ReplicationController is not Supported'
    faults.push(forbiddenField(spec.child('activeDeadlineSeconds'), words))
  }
  return faults
}
