/** Event, v1: something that happened to an object (https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { ageOf } from '../../../../meta/human-duration.ts'
import { dnsSubdomain, qualifiedName } from '../../../../meta/names.ts'
import { invalidEach, invalidValue, required } from '../../../../meta/validation.ts'
import { nameColumn, textColumn, wideColumn } from '../../../columns.ts'
import type { Event } from '../../../generated/core-v1.ts'
import { defineResource } from '../../../resource.ts'

type Shared = DeepReadonly<Event>

export const events = defineResource<Event>('v1/events', {
  allowCreateOnUpdate: true,
  validate: validateEvent,
  selectableFields: {
    'involvedObject.kind': ({ involvedObject }) => involvedObject.kind ?? '',
    'involvedObject.namespace': ({ involvedObject }) => involvedObject.namespace ?? '',
    'involvedObject.name': ({ involvedObject }) => involvedObject.name ?? '',
    'involvedObject.uid': ({ involvedObject }) => involvedObject.uid ?? '',
    'involvedObject.apiVersion': ({ involvedObject }) => involvedObject.apiVersion ?? '',
    'involvedObject.resourceVersion': ({ involvedObject }) => involvedObject.resourceVersion ?? '',
    'involvedObject.fieldPath': ({ involvedObject }) => involvedObject.fieldPath ?? '',
    reason: ({ reason }) => reason ?? '',
    reportingComponent: ({ reportingComponent }) => reportingComponent ?? '',
    source: (event) => sourceOf(event).component,
    type: ({ type }) => type ?? '',
  },
  columns: [
    textColumn<Event>('Last Seen', lastSeen),
    textColumn('Type', ({ type }) => type ?? ''),
    textColumn('Reason', ({ reason }) => reason ?? ''),
    textColumn<Event>('Object', objectText),
    wideColumn('Subobject', ({ involvedObject }) => involvedObject.fieldPath ?? ''),
    wideColumn('Source', (event) => {
      const { component, host } = sourceOf(event)
      return host === '' ? component : `${component}, ${host}`
    }),
    textColumn('Message', ({ message }) => (message ?? '').trim()),
    wideColumn<Event>('First Seen', firstSeen),
    wideColumn('Count', ({ series, count }) => series?.count ?? (count === undefined || count === 0 ? 1 : count)),
    { ...nameColumn<Event>(), wide: true },
  ],
})

function firstSeen({ firstTimestamp, eventTime }: Shared, now: number): string {
  return ageOf(firstTimestamp ?? eventTime, now)
}

function lastSeen(event: Shared, now: number): string {
  const { series, lastTimestamp } = event
  if (series !== undefined) return ageOf(series.lastObservedTime, now)
  return (lastTimestamp ?? undefined) === undefined ? firstSeen(event, now) : ageOf(lastTimestamp, now)
}

function objectText({ involvedObject: { kind = '', name = '' } }: Shared): string {
  return name === '' ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`
}

/** Who tells of the event: the old field, or the new one. */
function sourceOf({ source, reportingComponent, reportingInstance }: Shared): { component: string; host: string } {
  const component = source?.component ?? ''
  const host = source?.host ?? ''
  return {
    component: component === '' ? (reportingComponent ?? '') : component,
    host: host === '' ? (reportingInstance ?? '') : host,
  }
}

const MAX_NAME = 128
const MAX_NOTE = 1024

function validateEvent(event: Shared, root: FieldPath): FieldError[] {
  const faults = validateEventNamespace(event, root)
  // An event with an exact time comes from a reporter of the newer kind, of which more is asked.
  if ((event.eventTime ?? undefined) === undefined) return faults
  const { reportingComponent = '', reportingInstance = '', action = '', reason = '', message = '' } = event
  if (reportingComponent === '') faults.push(required(root.child('reportingController')))
  else {
    faults.push(
      ...invalidEach(root.child('reportingController'), reportingComponent, qualifiedName(reportingComponent)),
    )
  }
  const named = [
    ['reportingInstance', reportingInstance],
    ['action', action],
    ['reason', reason],
  ] as const
  for (const [field, value] of named) {
    if (value === '') faults.push(required(root.child(field)))
    if (value.length > MAX_NAME)
      faults.push(invalidValue(root.child(field), '', `can have at most ${MAX_NAME} characters`))
  }
  if (message.length > MAX_NOTE) {
    faults.push(invalidValue(root.child('message'), '', `can have at most ${MAX_NOTE} characters`))
  }
  return faults
}

/** An event stands where its object stands; those of the cluster itself, in `default`. */
function validateEventNamespace({ metadata, involvedObject }: Shared, root: FieldPath): FieldError[] {
  const own = metadata.namespace ?? ''
  const of = involvedObject.namespace ?? ''
  const isRight = of === '' ? own === '' || own === 'default' : own === of
  const path = root.child('involvedObject', 'namespace')
  const faults = isRight ? [] : [invalidValue(path, of, 'does not match event.namespace')]
  return own === '' ? faults : [...faults, ...invalidEach(root.child('namespace'), own, dnsSubdomain(own))]
}
