/** DaemonSet, apps/v1: a Pod on every node, or on some (https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { selectorOf } from '../../../../meta/label-selector.ts'
import {
  deepEqual,
  immutableField,
  invalidValue,
  nonNegative,
  notSupported,
  required,
} from '../../../../meta/validation.ts'
import { asGiven } from '../../../../wire/json/nil.ts'
import { defaultPodTemplate, dropDisabledPodFields } from '../../../core/v1/pod/defaults.ts'
import type { DaemonSet, DaemonSetSpec, DaemonSetStatus, DaemonSetUpdateStrategy } from '../../../generated/apps-v1.ts'
import { defineResource } from '../../../resource.ts'
import { ageColumn, nameColumn, selectorColumn, templateColumns } from '../../../workload/columns.ts'
import { shownStrategy } from '../../../workload/strategy.ts'
import {
  isZero,
  notOverHundred,
  validateIntOrPercent,
  isEmptySelector,
  unmet,
  validateLabelSelector,
} from '../../../workload/validate-selector.ts'
import { validateReplicaTemplate } from '../../../workload/validate-template.ts'
import { templateWarnings } from '../../../workload/warnings.ts'

/** Counts the changes of the template; older clients read it. */
export const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation'

const NO_STATUS = (): DaemonSetStatus => ({
  currentNumberScheduled: 0,
  numberMisscheduled: 0,
  desiredNumberScheduled: 0,
  numberReady: 0,
})

export const daemonSets = defineResource<DaemonSet>('apps/v1/daemonsets', {
  dropDisabledFields: ({ spec }) => dropDisabledPodFields(spec?.template?.spec),
  setDefaults: ({ metadata, spec }) => {
    // Whoever writes a DaemonSet owns the counter, too; it is set right below.
    metadata.annotations ??= {}
    metadata.annotations[TEMPLATE_GENERATION] ??= '0'
    if (spec !== undefined) defaultDaemonSet(spec)
  },
  prepareForCreate: (draft) => {
    draft.status = NO_STATUS()
    draft.metadata.annotations = { ...draft.metadata.annotations, [TEMPLATE_GENERATION]: '1' }
  },
  prepareForUpdate: (draft, old) => {
    draft.status = structuredClone(old.status ?? NO_STATUS()) as DaemonSetStatus
    const before = Number(old.metadata.annotations?.[TEMPLATE_GENERATION] ?? '1')
    const now = deepEqual(draft.spec?.template, old.spec?.template) ? before : before + 1
    draft.metadata.annotations = { ...draft.metadata.annotations, [TEMPLATE_GENERATION]: String(now) }
  },
  prepareForStatusUpdate: (draft, old) => {
    draft.spec = structuredClone(old.spec) as DaemonSetSpec
    const count = old.metadata.annotations?.[TEMPLATE_GENERATION] ?? '1'
    draft.metadata.annotations = { ...draft.metadata.annotations, [TEMPLATE_GENERATION]: count }
  },
  validate: ({ spec }, root) => validateDaemonSet(spec, root.child('spec')),
  validateUpdate: ({ spec }, old, root) => [
    ...immutableField(spec?.selector, old.spec?.selector, root.child('spec', 'selector')),
    ...validateDaemonSet(spec, root.child('spec'), old.spec),
  ],
  validateStatusUpdate: ({ status }, _old, root) => {
    const path = root.child('status')
    const counts = [
      'currentNumberScheduled',
      'numberMisscheduled',
      'desiredNumberScheduled',
      'numberReady',
      'observedGeneration',
      'updatedNumberScheduled',
      'numberAvailable',
      'numberUnavailable',
      'collisionCount',
    ] as const
    return counts.flatMap((name) => nonNegative(status?.[name], path.child(name)))
  },
  warnings: templateWarnings,
  columns: [
    nameColumn(),
    { name: 'Desired', type: 'integer', cell: ({ status }) => status?.desiredNumberScheduled ?? 0 },
    { name: 'Current', type: 'integer', cell: ({ status }) => status?.currentNumberScheduled ?? 0 },
    { name: 'Ready', type: 'integer', cell: ({ status }) => status?.numberReady ?? 0 },
    { name: 'Up-to-date', type: 'integer', cell: ({ status }) => status?.updatedNumberScheduled ?? 0 },
    { name: 'Available', type: 'integer', cell: ({ status }) => status?.numberAvailable ?? 0 },
    { name: 'Node Selector', type: 'string', cell: ({ spec }) => labelsText(spec?.template?.spec?.nodeSelector) },
    ageColumn(),
    ...templateColumns<DaemonSet>(),
    selectorColumn<DaemonSet>(),
  ],
})

function labelsText(labels: DeepReadonly<Record<string, string>> | undefined): string {
  const entries = Object.entries(labels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  return entries.length === 0 ? '<none>' : entries.map(([key, value]) => `${key}=${value}`).join()
}

function defaultDaemonSet(spec: DaemonSetSpec): void {
  spec.updateStrategy ??= {}
  spec.updateStrategy.type ??= 'RollingUpdate'
  if (spec.updateStrategy.type === 'RollingUpdate') {
    spec.updateStrategy.rollingUpdate ??= {}
    spec.updateStrategy.rollingUpdate.maxUnavailable ??= 1
    spec.updateStrategy.rollingUpdate.maxSurge ??= 0
  }
  spec.revisionHistoryLimit ??= 10
  if (spec.template !== undefined) defaultPodTemplate(spec.template)
}

function validateDaemonSet(
  spec: DeepReadonly<DaemonSetSpec> | undefined,
  path: FieldPath,
  old?: DeepReadonly<DaemonSetSpec>,
): FieldError[] {
  const context = { kind: 'DaemonSet', old: old?.template }
  return [
    ...validateSelector(spec, path),
    ...validateReplicaTemplate(spec?.template ?? {}, path.child('template'), context),
    ...nonNegative(spec?.minReadySeconds, path.child('minReadySeconds')),
    ...validateStrategy(spec?.updateStrategy, path.child('updateStrategy')),
    ...nonNegative(spec?.revisionHistoryLimit, path.child('revisionHistoryLimit')),
  ]
}

function validateSelector(spec: DeepReadonly<DaemonSetSpec> | undefined, path: FieldPath): FieldError[] {
  const selector = spec?.selector
  const labels = asGiven(spec?.template?.metadata, 'labels')
  if (selector === undefined) return unmet(labels, path)
  const faults = validateLabelSelector(selector, path.child('selector'))
  if (isEmptySelector(selector)) {
    return [...faults, invalidValue(path.child('selector'), selector, 'empty selector is invalid for daemonset')]
  }
  return faults.length === 0 && !selectorOf(selector).matches(labels) ? unmet(labels, path) : faults
}

function validateStrategy(strategy: DeepReadonly<DaemonSetUpdateStrategy> | undefined, path: FieldPath): FieldError[] {
  const { type, rollingUpdate } = strategy ?? {}
  if (type === 'OnDelete') return []
  if (type !== 'RollingUpdate')
    return [notSupported(path, shownStrategy(type, rollingUpdate), ['RollingUpdate', 'OnDelete'])]
  const rolling = path.child('rollingUpdate')
  if (rollingUpdate === undefined) return [required(rolling)]
  const { maxUnavailable, maxSurge } = rollingUpdate
  const faults = [
    ...validateIntOrPercent(maxUnavailable, rolling.child('maxUnavailable')),
    ...validateIntOrPercent(maxSurge, rolling.child('maxSurge')),
    ...notOverHundred(maxUnavailable, rolling.child('maxUnavailable')),
    ...notOverHundred(maxSurge, rolling.child('maxSurge')),
  ]
  if (!isZero(maxUnavailable) && !isZero(maxSurge)) {
    faults.push(invalidValue(rolling.child('maxSurge'), maxSurge, 'may not be set when maxUnavailable is non-zero'))
  } else if (isZero(maxUnavailable) && isZero(maxSurge)) {
    faults.push(required(rolling.child('maxUnavailable'), 'cannot be 0 when maxSurge is 0'))
  }
  return faults
}
