/** Event, v1: something that happened to an object (https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import { ageOf } from '../../../../meta/human-duration.ts'
import { nameColumn, textColumn, wideColumn } from '../../../columns.ts'
import type { Event } from '../../../generated/core-v1.ts'
import { defineResource } from '../../../resource.ts'
import { validateEvent } from './validate.ts'

type Shared = DeepReadonly<Event>

export const events = defineResource<Event>('v1/events', {
  allowCreateOnUpdate: true,
  validate: (event, root) => validateEvent(event, root, 'reportingComponent'),
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
