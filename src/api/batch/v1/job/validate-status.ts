/**
 * What a Job may report, whoever writes it: `managedBy` lets other controllers than the built-in one do so
 * (https://kubernetes.io/docs/concepts/workloads/controllers/job/#delegation-of-managing-a-job-object-to-external-controller).
 * Most rules bind only what an update changes.
 */

import { fromTime } from '../../../../base/clock.ts'
import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import {
  deepEqual,
  duplicate,
  IMMUTABLE,
  invalidUnshown,
  invalidValue,
  nonNegative,
  required,
} from '../../../../meta/validation.ts'
import type { Job, JobSpec, JobStatus } from '../../../generated/batch-v1.ts'
import { countIndexes, sharedIndex } from './indexes.ts'

type ConditionType = 'Complete' | 'Failed' | 'FailureTarget' | 'SuccessCriteriaMet'

/** An update of a status, as the rules ask about it. */
interface StatusChange {
  readonly spec: DeepReadonly<JobSpec>
  readonly status: DeepReadonly<JobStatus>
  readonly old: DeepReadonly<JobStatus>
  readonly path: FieldPath
}

/** Every fault of an update of the status, in the order Kubernetes looks for them. */
export function validateJobStatus(job: DeepReadonly<Job>, before: DeepReadonly<Job>, root: FieldPath): FieldError[] {
  const { spec, status = {} } = job
  if (spec === undefined) return []
  const change = { spec, status, old: before.status ?? {}, path: root.child('status') }
  return [
    ...validateCounters(change),
    ...validateUncounted(change),
    ...validateEnd(change),
    ...validateFinished(change),
    ...validateIndexes(change),
    ...validatePodsLeft(change),
    ...validateSuccess(change),
    ...validateLastingConditions(change),
    ...validateLastingFields(change),
    ...validateLastingSuccess(change),
  ]
}

const holds = ({ conditions }: DeepReadonly<JobStatus>, type: string, status = 'True') =>
  conditions?.some((condition) => condition.type === type && condition.status === status) === true

const isFinished = (status: DeepReadonly<JobStatus>) => holds(status, 'Complete') || holds(status, 'Failed')

const turned = ({ status, old }: StatusChange, type: ConditionType) => holds(status, type) !== holds(old, type)

const finishTurned = ({ status, old }: StatusChange) => isFinished(status) !== isFinished(old)

const changed = ({ status, old }: StatusChange, ...fields: readonly (keyof JobStatus)[]) =>
  fields.some((field) => !deepEqual(status[field], old[field]))

const aboutConditions = ({ path }: StatusChange, detail: string) => invalidUnshown(path.child('conditions'), detail)

function validateCounters({ status, path }: StatusChange): FieldError[] {
  const counters = ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const
  return counters.flatMap((name) => nonNegative(status[name], path.child(name)))
}

function validateUncounted({ status, path }: StatusChange): FieldError[] {
  const seen = new Set<string>()
  return (['succeeded', 'failed'] as const).flatMap((name) =>
    (status.uncountedTerminatedPods?.[name] ?? []).flatMap((uid, index) => {
      const at = path.child('uncountedTerminatedPods', name).index(index)
      if (uid === '') return [invalidValue(at, uid, 'must not be empty')]
      if (seen.has(uid)) return [duplicate(at, uid)]
      seen.add(uid)
      return []
    }),
  )
}

/** How a Job may end: in one way, announced before, and at a time. */
function validateEnd(change: StatusChange): FieldError[] {
  const { status, path } = change
  const faults: FieldError[] = []
  const forbid = (when: boolean, detail: string) => {
    if (when) faults.push(aboutConditions(change, detail))
  }
  const { startTime, completionTime } = status
  const [isComplete, isFailed] = [holds(status, 'Complete'), holds(status, 'Failed')]
  const completeTurned = turned(change, 'Complete')
  const at = path.child('completionTime')
  if (completeTurned || turned(change, 'Failed'))
    forbid(isComplete && isFailed, 'cannot set Complete=True and Failed=true conditions')
  if (completeTurned || turned(change, 'FailureTarget'))
    forbid(isComplete && holds(status, 'FailureTarget'), 'cannot set Complete=True and FailureTarget=true conditions')
  if (completeTurned || changed(change, 'completionTime')) {
    if (completionTime !== undefined && !isComplete)
      faults.push(
        invalidValue(at, completionTime, 'cannot set completionTime when there is no Complete=True condition'),
      )
    if (completionTime === undefined && isComplete)
      faults.push(required(at, 'completionTime is required for Complete jobs'))
  }
  if (changed(change, 'startTime', 'completionTime') && isBefore(completionTime, startTime))
    faults.push(invalidValue(at, completionTime, 'must be equal to or after `startTime`'))
  if (turned(change, 'Failed') || changed(change, 'failedIndexes'))
    forbid(
      isFailed && !holds(status, 'FailureTarget'),
      'cannot set Failed=True condition without the FailureTarget=true condition',
    )
  if (completeTurned || turned(change, 'SuccessCriteriaMet'))
    forbid(
      isComplete && !holds(status, 'SuccessCriteriaMet'),
      'cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
    )
  return faults
}

const isBefore = (time: string | undefined, other: string | undefined) =>
  (fromTime(time) ?? Infinity) < (fromTime(other) ?? -Infinity)

/** What a Job that is over has left behind it. */
function validateFinished(change: StatusChange): FieldError[] {
  const { spec, status, path } = change
  if (!isFinished(status)) return []
  const { active = 0, startTime, uncountedTerminatedPods: uncounted } = status
  const hasTurned = finishTurned(change)
  const neverRan = spec.suspend === true && spec.completions === 0
  const faults: FieldError[] = []
  if (active > 0 && (hasTurned || changed(change, 'active')))
    faults.push(invalidValue(path.child('active'), active, 'active>0 is invalid for finished job'))
  if (startTime === undefined && !neverRan && (hasTurned || changed(change, 'startTime')))
    faults.push(required(path.child('startTime'), 'startTime is required for finished job'))
  const left = (uncounted?.failed?.length ?? 0) + (uncounted?.succeeded?.length ?? 0)
  if (left > 0 && (hasTurned || changed(change, 'uncountedTerminatedPods')))
    faults.push(invalidValue(path.child('uncountedTerminatedPods'), uncounted, 'must be empty for finished job'))
  return faults
}

function validateIndexes(change: StatusChange): FieldError[] {
  const { spec, status, path } = change
  const { completions, backoffLimitPerIndex } = spec
  const { completedIndexes = '', failedIndexes } = status
  const faults: FieldError[] = []
  const refuse = (name: 'completedIndexes' | 'failedIndexes', detail: string) =>
    faults.push(invalidValue(path.child(name), status[name], detail))
  const judge = (name: 'completedIndexes' | 'failedIndexes') => {
    if (completions === undefined) return
    const read = countIndexes(status[name] ?? '', completions)
    if ('fault' in read) refuse(name, `error parsing ${name}: ${read.fault}`)
  }
  const completedChanged = changed(change, 'completedIndexes')
  const failedChanged = changed(change, 'failedIndexes')
  if (completedChanged) judge('completedIndexes')
  if (failedChanged && backoffLimitPerIndex !== undefined) judge('failedIndexes')
  if (completedChanged && completedIndexes !== '' && spec.completionMode !== 'Indexed')
    refuse('completedIndexes', 'cannot set non-empty completedIndexes when non-indexed completion mode')
  if (failedChanged && failedIndexes !== undefined && backoffLimitPerIndex === undefined)
    refuse('failedIndexes', 'cannot set non-null failedIndexes when backoffLimitPerIndex is null')
  if (completions !== undefined && failedIndexes !== undefined && (completedChanged || failedChanged)) {
    const shared = sharedIndex(completedIndexes, failedIndexes, completions)
    if (shared !== undefined) refuse('failedIndexes', `failedIndexes and completedIndexes overlap at index: ${shared}`)
  }
  return faults
}

function validatePodsLeft(change: StatusChange): FieldError[] {
  const { status, path } = change
  const { active = 0, ready, terminating = 0 } = status
  const faults: FieldError[] = []
  if (terminating > 0 && isFinished(status) && (finishTurned(change) || changed(change, 'terminating')))
    faults.push(invalidValue(path.child('terminating'), terminating, 'terminating>0 is invalid for finished job'))
  if (ready !== undefined && ready > active && changed(change, 'ready', 'active'))
    faults.push(invalidValue(path.child('ready'), ready, 'cannot set more ready pods than active'))
  return faults
}

function validateSuccess(change: StatusChange): FieldError[] {
  const { spec, status } = change
  const detail: string[] = []
  const isMet = holds(status, 'SuccessCriteriaMet')
  if (isMet && holds(status, 'Failed')) detail.push('cannot set SuccessCriteriaMet=True and Failed=true conditions')
  if (isMet && holds(status, 'FailureTarget'))
    detail.push('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions')
  if (spec.successPolicy !== undefined && !isMet && holds(status, 'Complete'))
    detail.push('cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True')
  return detail.map((text) => aboutConditions(change, text))
}

/** An end, once told, stands. */
function validateLastingConditions(change: StatusChange): FieldError[] {
  return (['Failed', 'Complete', 'FailureTarget'] as const)
    .filter((type) => holds(change.old, type) && !holds(change.status, type))
    .map((type) => aboutConditions(change, `cannot disable the terminal ${type}=True condition`))
}

function validateLastingFields(change: StatusChange): FieldError[] {
  const { spec, status, old, path } = change
  const faults: FieldError[] = []
  const notLess = (name: 'failed' | 'succeeded') => {
    const count = status[name] ?? 0
    if (count < (old[name] ?? 0))
      faults.push(invalidValue(path.child(name), count, `cannot decrease the ${name} counter`))
  }
  // An indexed Job that may be made smaller may count fewer successes then.
  const isElastic = spec.completionMode === 'Indexed' && spec.completions === spec.parallelism
  notLess('failed')
  if (!isElastic) notLess('succeeded')
  const { startTime, completionTime } = status
  if (completionTime !== undefined && old.completionTime !== undefined && completionTime !== old.completionTime)
    faults.push(invalidValue(path.child('completionTime'), completionTime, IMMUTABLE))
  const isResuming = holds(old, 'Suspended') && holds(status, 'Suspended', 'False')
  if (old.startTime !== undefined && startTime !== old.startTime && spec.suspend !== true && !isResuming)
    faults.push(invalidValue(path.child('startTime'), startTime, 'field is immutable for unsuspended job once set'))
  return faults
}

function validateLastingSuccess(change: StatusChange): FieldError[] {
  const [wasMet, isMet] = [holds(change.old, 'SuccessCriteriaMet'), holds(change.status, 'SuccessCriteriaMet')]
  if (wasMet && !isMet) return [aboutConditions(change, 'cannot disable the SuccessCriteriaMet=True condition')]
  return !wasMet && isMet && holds(change.old, 'Complete')
    ? [aboutConditions(change, 'cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions')]
    : []
}
