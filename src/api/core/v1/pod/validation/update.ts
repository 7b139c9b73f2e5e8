/**
 * What an update may change of a Pod: very little
 * (https://kubernetes.io/docs/concepts/workloads/pods/#pod-update-and-replacement).
 */

import type { DeepReadonly } from '../../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../../meta/field-path.ts'
import { inRangeFault } from '../../../../../meta/names.ts'
import { deepEqual, forbiddenField, invalidValue, judgeAll, required } from '../../../../../meta/validation.ts'
import { keepLeftOut } from '../../../../../wire/json/nil.ts'
import type { Container, Pod, PodSchedulingGate, PodSpec, Toleration } from '../../../../generated/core-v1.ts'
import { describeChanges } from '../describe-changes.ts'
import { validateTolerations } from './scheduling.ts'
import { validateAnnotationUpdate } from './annotations.ts'
import { type Changeable, validateGatedUpdate } from './gated-update.ts'
import { validatePodAtAnyTime } from '../validate.ts'

type Shared = DeepReadonly<Pod>
type Spec = DeepReadonly<PodSpec>

const EMPTY: Spec = { containers: [] }
const MAX_INT32 = 2147483647
const UPDATABLE = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',')

/** Every fault of a changed Pod. */
export function validatePodUpdate(pod: Shared, old: Shared, root: FieldPath): FieldError[] {
  const faults = [
    ...validatePodAtAnyTime(pod, root, old),
    ...validateAnnotationUpdate(
      pod.metadata.annotations,
      old.metadata.annotations,
      root.child('metadata', 'annotations'),
    ),
  ]
  const path = root.child('spec')
  const spec = pod.spec ?? EMPTY
  const before = old.spec ?? EMPTY
  for (const list of ['containers', 'initContainers'] as const) {
    if ((spec[list]?.length ?? 0) !== (before[list]?.length ?? 0)) {
      return [...faults, forbiddenField(path.child(list), 'pod updates may not add or remove containers')]
    }
    faults.push(...validateImages(spec[list], path.child(list)))
  }
  const deadline = validateDeadlineChange(spec, before, path.child('activeDeadlineSeconds'))
  faults.push(...deadline.faults)
  if (deadline.isFinal) return faults
  faults.push(
    ...onlyAddedTolerations(spec.tolerations, before.tolerations, path.child('tolerations')),
    ...onlyRemovedGates(spec.schedulingGates, before.schedulingGates, path.child('schedulingGates')),
  )
  if (deepEqual(spec, before)) return faults
  return [...faults, ...validateRest(spec, before, path)]
}

/** The one thing that may change of a container is looked at once more. */
function validateImages(containers: Spec['containers'] | undefined, path: FieldPath): FieldError[] {
  return judgeAll(containers, ({ image = '' }, at) => {
    const here = path.index(at).child('image')
    if (image === '') return [required(here)]
    return image.trim() === image ? [] : [invalidValue(here, image, 'must not have leading or trailing whitespace')]
  })
}

/** Everything but the fields that may change must be as it was. */
function validateRest(spec: Spec, before: Spec, path: FieldPath): FieldError[] {
  const allowed = withChangeable(spec, before)
  const faults = (before.schedulingGates?.length ?? 0) > 0 ? validateGatedUpdate(allowed, before, path) : []
  if (deepEqual(allowed, before)) return faults
  const words = `pod updates may not change fields other than ${UPDATABLE}\n${describeChanges(before, allowed)}`
  return [...faults, forbiddenField(path, words)]
}

/** The new spec with the old one's values where changes are allowed, so that what differs is a fault. Shares what it can. */
function withChangeable(spec: Spec, before: Spec): Changeable {
  const result: Changeable = keepLeftOut(spec, { ...spec })
  restore(result, before, 'activeDeadlineSeconds')
  restore(result, before, 'schedulingGates')
  restore(result, before, 'tolerations')
  if ((before.terminationGracePeriodSeconds ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1) {
    restore(result, before, 'terminationGracePeriodSeconds')
  }
  for (const list of ['containers', 'initContainers'] as const) {
    const containers = spec[list]
    if (containers !== undefined) result[list] = containers.map((one, at) => withImageOf(one, before[list]?.[at]))
  }
  return result
}

/** Puts the old value of a field back. */
function restore<Key extends keyof PodSpec>(spec: Changeable, before: Spec, key: Key): void {
  const value: Changeable[Key] = before[key]
  if (value === undefined) delete spec[key]
  else spec[key] = value
}

function withImageOf(container: DeepReadonly<Container>, before: DeepReadonly<Container> | undefined) {
  const { image: _image, ...rest } = container
  return before?.image === undefined ? rest : { ...rest, image: before.image }
}

interface Verdict {
  readonly faults: readonly FieldError[]
  /** Nothing more is worth telling. */
  readonly isFinal: boolean
}

function validateDeadlineChange(spec: Spec, before: Spec, path: FieldPath): Verdict {
  const seconds = spec.activeDeadlineSeconds
  const was = before.activeDeadlineSeconds
  if (seconds === undefined) {
    if (was === undefined) return { faults: [], isFinal: false }
    const words = 'must not update from a positive integer to nil value'
    return { faults: [invalidValue(path, seconds, words)], isFinal: false }
  }
  if (seconds < 0 || seconds > MAX_INT32) {
    return { faults: [invalidValue(path, seconds, inRangeFault(0, MAX_INT32))], isFinal: true }
  }
  if (was === undefined || seconds <= was) return { faults: [], isFinal: false }
  return { faults: [invalidValue(path, seconds, 'must be less than or equal to previous value')], isFinal: true }
}

function onlyAddedTolerations(
  tolerations: readonly Toleration[] | undefined,
  before: readonly Toleration[] | undefined,
  path: FieldPath,
): FieldError[] {
  const now = new Set((tolerations ?? []).map(meaningOf))
  const isKept = (old: Toleration) => now.has(meaningOf(old))
  // Those that may stay are judged once more.
  if ((before ?? []).every(isKept)) return validateTolerations(tolerations, path)
  return [forbiddenField(path, 'existing toleration can not be modified except its tolerationSeconds')]
}

/** What a toleration says besides for how long. */
const meaningOf = ({ key, operator, value, effect }: Toleration): string =>
  JSON.stringify([key, operator, value, effect])

function onlyRemovedGates(
  gates: readonly PodSchedulingGate[] | undefined,
  before: readonly PodSchedulingGate[] | undefined,
  path: FieldPath,
): FieldError[] {
  const names = new Set(before?.map(({ name }) => name))
  return judgeAll(gates, ({ name }, at) => {
    if (names.has(name)) return []
    const words = `only deletion is allowed, but found new scheduling gate '${name}'`
    return [forbiddenField(path.index(at).child('name'), words)]
  })
}
