/** Deployment, apps/v1: declarative updates for Pods and ReplicaSets (https://kubernetes.io/docs/concepts/workloads/controllers/deployment/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import {
  forbiddenField,
  immutableField,
  invalidValue,
  nonNegative,
  notSupported,
  required,
} from '../../../../meta/validation.ts'
import { asGiven } from '../../../../wire/json/nil.ts'
import { defaultPodTemplate, dropDisabledPodFields } from '../../../core/v1/pod/defaults.ts'
import type { Deployment, DeploymentSpec, DeploymentStatus, DeploymentStrategy } from '../../../generated/apps-v1.ts'
import { defineResource } from '../../../resource.ts'
import { selectorOf } from '../../../../meta/label-selector.ts'
import { wideColumn } from '../../../columns.ts'
import { ageColumn, nameColumn, templateColumns } from '../../../workload/columns.ts'
import { shownStrategy } from '../../../workload/strategy.ts'
import { replicasScale } from '../../../workload/scale.ts'
import {
  isZero,
  notOverHundred,
  validateIntOrPercent,
  judgeWorkloadSelector,
} from '../../../workload/validate-selector.ts'
import { validateReplicaTemplate } from '../../../workload/validate-template.ts'
import { workloadWarnings } from '../../../workload/warnings.ts'

export const deployments = defineResource<Deployment>('apps/v1/deployments', {
  dropDisabledFields: ({ spec }) => dropDisabledPodFields(spec?.template?.spec),
  setDefaults: ({ spec }) => {
    if (spec !== undefined) defaultDeployment(spec)
  },
  countsAnnotations: true,
  prepareForCreate: (draft) => {
    draft.status = {}
  },
  prepareForUpdate: (draft, old) => {
    draft.status = structuredClone(old.status ?? {}) as DeploymentStatus
  },
  validate: ({ spec }, root) => validateDeployment(spec, root.child('spec')),
  validateUpdate: ({ spec }, old, root) => [
    ...validateDeployment(spec, root.child('spec'), old.spec),
    ...immutableField(spec?.selector, old.spec?.selector, root.child('spec', 'selector')),
  ],
  keptByStatus: ['labels'],
  validateStatusUpdate: ({ status }, old, root) => validateStatus(status, old.status, root.child('status')),
  warnings: workloadWarnings,
  scale: replicasScale<Deployment>(),
  columns: [
    nameColumn(),
    {
      name: 'Ready',
      type: 'string',
      cell: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`,
    },
    { name: 'Up-to-date', type: 'string', cell: ({ status }) => status?.updatedReplicas ?? 0 },
    { name: 'Available', type: 'string', cell: ({ status }) => status?.availableReplicas ?? 0 },
    ageColumn(),
    ...templateColumns<Deployment>(),
    wideColumn('Selector', ({ spec }) => selectorOf(spec?.selector ?? {}).toString()),
  ],
})

function defaultDeployment(spec: DeploymentSpec): void {
  spec.replicas ??= 1
  spec.strategy ??= {}
  spec.strategy.type ??= 'RollingUpdate'
  if (spec.strategy.type === 'RollingUpdate') {
    spec.strategy.rollingUpdate ??= {}
    spec.strategy.rollingUpdate.maxUnavailable ??= '25%'
    spec.strategy.rollingUpdate.maxSurge ??= '25%'
  }
  spec.revisionHistoryLimit ??= 10
  spec.progressDeadlineSeconds ??= 600
  if (spec.template !== undefined) defaultPodTemplate(spec.template)
}

const SELECTOR = { kind: 'deployment', words: 'invalid label selector' }

function validateDeployment(
  spec: DeepReadonly<DeploymentSpec> | undefined,
  path: FieldPath,
  old?: DeepReadonly<DeploymentSpec>,
): FieldError[] {
  const { progressDeadlineSeconds: deadline, minReadySeconds = 0 } = spec ?? {}
  const selector = judgeWorkloadSelector(spec?.selector, asGiven(spec?.template?.metadata, 'labels'), path, SELECTOR)
  const context = { old: old?.template }
  const faults = [
    ...nonNegative(spec?.replicas, path.child('replicas')),
    ...selector.faults,
    ...(selector.isReadable ? validateReplicaTemplate(spec?.template ?? {}, path.child('template'), context) : []),
    ...validateStrategy(spec?.strategy, path.child('strategy')),
    ...nonNegative(spec?.minReadySeconds, path.child('minReadySeconds')),
    ...nonNegative(spec?.revisionHistoryLimit, path.child('revisionHistoryLimit')),
    ...nonNegative(deadline, path.child('progressDeadlineSeconds')),
  ]
  if (deadline !== undefined && deadline <= minReadySeconds) {
    faults.push(invalidValue(path.child('progressDeadlineSeconds'), deadline, 'must be greater than minReadySeconds'))
  }
  return faults
}

function validateStrategy(strategy: DeepReadonly<DeploymentStrategy> | undefined, path: FieldPath): FieldError[] {
  const { type, rollingUpdate } = strategy ?? {}
  const rolling = path.child('rollingUpdate')
  switch (type) {
    case 'Recreate':
      return rollingUpdate === undefined
        ? []
        : [forbiddenField(rolling, "may not be specified when strategy `type` is 'Recreate'")]
    case 'RollingUpdate': {
      if (rollingUpdate === undefined) return [required(rolling, 'this should be defaulted and never be nil')]
      const { maxUnavailable, maxSurge } = rollingUpdate
      const unavailable = rolling.child('maxUnavailable')
      return [
        ...validateIntOrPercent(maxUnavailable, unavailable),
        ...validateIntOrPercent(maxSurge, rolling.child('maxSurge')),
        ...(isZero(maxUnavailable) && isZero(maxSurge)
          ? [invalidValue(unavailable, maxUnavailable, 'may not be 0 when `maxSurge` is 0')]
          : []),
        ...notOverHundred(maxUnavailable, unavailable),
      ]
    }
    case undefined:
    default:
      return [notSupported(path, shownStrategy(type, rollingUpdate), ['Recreate', 'RollingUpdate'])]
  }
}

function validateStatus(
  status: DeepReadonly<DeploymentStatus> | undefined,
  old: DeepReadonly<DeploymentStatus> | undefined,
  path: FieldPath,
): FieldError[] {
  const { replicas = 0, updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = status ?? {}
  const counts = [
    'observedGeneration',
    'replicas',
    'updatedReplicas',
    'readyReplicas',
    'availableReplicas',
    'unavailableReplicas',
    'terminatingReplicas',
    'collisionCount',
  ] as const
  const faults = counts.flatMap((name) => nonNegative(status?.[name], path.child(name)))
  const notMore = (name: string, value: number, limit: number, than: string) => {
    if (value > limit) faults.push(invalidValue(path.child(name), value, `cannot be greater than ${than}`))
  }
  notMore('updatedReplicas', updatedReplicas, replicas, 'status.replicas')
  notMore('readyReplicas', readyReplicas, replicas, 'status.replicas')
  notMore('availableReplicas', availableReplicas, replicas, 'status.replicas')
  notMore('availableReplicas', availableReplicas, readyReplicas, 'readyReplicas')
  const { collisionCount: now } = status ?? {}
  const { collisionCount: before } = old ?? {}
  if (before !== undefined && (now === undefined || now < before)) {
    faults.push(invalidValue(path.child('collisionCount'), now ?? null, 'cannot be decremented'))
  }
  return faults
}
