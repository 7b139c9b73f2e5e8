/** What an event must say: little of the older kind, more of those with an exact time, most when it comes as events.k8s.io/v1 (https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { byteLength, dnsSubdomain, qualifiedName } from '../../../../meta/names.ts'
import { immutableField, invalidEach, invalidValue, required } from '../../../../meta/validation.ts'
import type { Event } from '../../../generated/core-v1.ts'

type Shared = DeepReadonly<Event>

const MAX_NAME = 128
const MAX_NOTE = 1024

const isSet = (time: string | null | undefined) => (time ?? '') !== ''

/** What is asked of every event; `controller` is what the reporter's field is called in the version that was written. */
export function validateEvent(
  event: Shared,
  root: FieldPath,
  controller: 'reportingComponent' | 'reportingController',
): FieldError[] {
  const faults = validateNamespace(event, root)
  const own = event.metadata.namespace ?? ''
  // An event with an exact time comes from a reporter of the newer kind, of which more is asked.
  const more = isSet(event.eventTime) ? validateReport(event, root, controller) : []
  return [...faults, ...more, ...invalidEach(root.child('namespace'), own, dnsSubdomain(own))]
}

/** An event stands where its object stands; those of the cluster itself, in `default`. */
function validateNamespace({ metadata, involvedObject, eventTime }: Shared, root: FieldPath): FieldError[] {
  const own = metadata.namespace ?? ''
  const of = involvedObject.namespace ?? ''
  const isRight = isSet(eventTime)
    ? of !== '' || own === 'default' || own === 'kube-system'
    : own === of || (of === '' && own === 'default')
  const path = root.child('involvedObject', 'namespace')
  return isRight ? [] : [invalidValue(path, of, 'does not match event.namespace')]
}

function validateReport(event: Shared, root: FieldPath, controller: string): FieldError[] {
  const { reportingComponent = '', reportingInstance = '', action = '', reason = '', message = '' } = event
  const at = root.child(controller)
  const faults = reportingComponent === '' ? [required(at)] : []
  faults.push(...invalidEach(at, reportingComponent, qualifiedName(reportingComponent)))
  for (const [field, value] of Object.entries({ reportingInstance, action, reason })) {
    if (value === '') faults.push(required(root.child(field)))
    if (byteLength(value) > MAX_NAME)
      faults.push(invalidValue(root.child(field), '', `can have at most ${MAX_NAME} characters`))
  }
  if (byteLength(message) > MAX_NOTE) {
    faults.push(invalidValue(root.child('message'), '', `can have at most ${MAX_NOTE} characters`))
  }
  return faults
}

/** A core event that was written as one of events.k8s.io/v1. */
export function validateNewEvent(event: Shared, root: FieldPath): FieldError[] {
  const { eventTime, type = '', firstTimestamp, lastTimestamp, count = 0, source } = event
  const faults = [...validateEvent(event, root, 'reportingController'), ...validateSeries(event, root)]
  if (!isSet(eventTime)) faults.push(required(root.child('eventTime')))
  if (type !== 'Normal' && type !== 'Warning')
    faults.push(invalidValue(root.child('type'), '', `has invalid value: ${type}`))
  const isGiven = {
    firstTimestamp: isSet(firstTimestamp),
    lastTimestamp: isSet(lastTimestamp),
    count: count !== 0,
    source: (source?.component ?? '') !== '' || (source?.host ?? '') !== '',
  }
  for (const [field, given] of Object.entries(isGiven))
    if (given) faults.push(invalidValue(root.child(field), '', 'needs to be unset'))
  return faults
}

/** Of such an event only the series goes on. */
export function validateNewEventUpdate(event: Shared, old: Shared, root: FieldPath): FieldError[] {
  const isOther = JSON.stringify(event.series) !== JSON.stringify(old.series)
  const same = (field: keyof Event, zero: unknown, name: string = field) =>
    immutableField(event[field] ?? zero, old[field] ?? zero, root.child(name))
  return [
    ...validateEvent(event, root, 'reportingController'),
    ...(isOther ? validateSeries(event, root) : []),
    ...same('involvedObject', {}),
    ...same('reason', ''),
    ...same('message', ''),
    ...same('source', {}),
    ...same('firstTimestamp', null),
    ...same('lastTimestamp', null),
    ...same('count', 0),
    // Kubernetes asks for the reason twice.
    ...same('reason', ''),
    ...same('type', ''),
    ...same('eventTime', null),
    ...same('action', ''),
    ...same('related', null),
    ...same('reportingComponent', '', 'reportingController'),
    ...same('reportingInstance', ''),
  ]
}

function validateSeries({ series }: Shared, root: FieldPath): FieldError[] {
  if (series === undefined) return []
  const path = root.child('series')
  return [
    ...((series.count ?? 0) < 2 ? [invalidValue(path.child('count'), '', 'should be at least 2')] : []),
    ...(isSet(series.lastObservedTime) ? [] : [required(path.child('lastObservedTime'))]),
  ]
}
