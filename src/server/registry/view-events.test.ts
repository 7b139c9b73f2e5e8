import { expect, test } from 'vitest'
import { eventsView } from './view-events.ts'

test('an event that nobody in particular reported names no reporter in events.k8s.io', () => {
  const stored = { apiVersion: 'v1', kind: 'Event', metadata: { name: 'e' }, message: 'm' }
  const blank = { ...stored, reportingComponent: '', reportingInstance: '' }
  expect(eventsView.fromStored(blank)).toEqual({
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: 'e' },
    eventTime: null,
    note: 'm',
  })
  expect(eventsView.fromStored({ ...stored, reportingComponent: 'a.io/c' } as typeof blank)).toMatchObject({
    reportingController: 'a.io/c',
  })
})
