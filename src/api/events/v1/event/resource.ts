/** Event, events.k8s.io/v1: core's events under newer names; what is stored, and checked, is the core event (https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import { ageOf } from '../../../../meta/human-duration.ts'
import { nameColumn, textColumn, wideColumn } from '../../../columns.ts'
import type { Event } from '../../../generated/events-v1.ts'
import { defineResource } from '../../../resource.ts'

type Shared = DeepReadonly<Event>

export const newEvents = defineResource<Event>('events.k8s.io/v1/events', {
  allowCreateOnUpdate: true,
  selectableFields: {
    'regarding.kind': ({ regarding }) => regarding?.kind ?? '',
    'regarding.namespace': ({ regarding }) => regarding?.namespace ?? '',
    'regarding.name': ({ regarding }) => regarding?.name ?? '',
    'regarding.uid': ({ regarding }) => regarding?.uid ?? '',
    'regarding.apiVersion': ({ regarding }) => regarding?.apiVersion ?? '',
    'regarding.resourceVersion': ({ regarding }) => regarding?.resourceVersion ?? '',
    'regarding.fieldPath': ({ regarding }) => regarding?.fieldPath ?? '',
    reason: ({ reason }) => reason ?? '',
    reportingController: ({ reportingController }) => reportingController ?? '',
    type: ({ type }) => type ?? '',
  },
  columns: [
    textColumn<Event>('Last Seen', lastSeen),
    textColumn('Type', ({ type }) => type ?? ''),
    textColumn('Reason', ({ reason }) => reason ?? ''),
    textColumn<Event>('Object', objectText),
    wideColumn('Subobject', ({ regarding }) => regarding?.fieldPath ?? ''),
    wideColumn<Event>('Source', sourceText),
    textColumn('Message', ({ note }) => (note ?? '').trim()),
    wideColumn<Event>('First Seen', firstSeen),
    wideColumn(
      'Count',
      ({ series, deprecatedCount = 0 }) => series?.count ?? (deprecatedCount === 0 ? 1 : deprecatedCount),
    ),
    { ...nameColumn<Event>(), wide: true },
  ],
})

function firstSeen({ deprecatedFirstTimestamp, eventTime }: Shared, now: number): string {
  return ageOf(deprecatedFirstTimestamp ?? eventTime, now)
}

function lastSeen(event: Shared, now: number): string {
  const { series, deprecatedLastTimestamp } = event
  if (series !== undefined) return ageOf(series.lastObservedTime, now)
  return (deprecatedLastTimestamp ?? undefined) === undefined
    ? firstSeen(event, now)
    : ageOf(deprecatedLastTimestamp, now)
}

function objectText({ regarding }: Shared): string {
  const kind = (regarding?.kind ?? '').toLowerCase()
  const name = regarding?.name ?? ''
  return name === '' ? kind : `${kind}/${name}`
}

function sourceText({ deprecatedSource, reportingController = '', reportingInstance = '' }: Shared): string {
  const component = deprecatedSource?.component ?? reportingController
  const host = deprecatedSource?.host ?? reportingInstance
  return host === '' ? component : `${component}, ${host}`
}
