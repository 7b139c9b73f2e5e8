import { describe, expect, test } from 'vitest'
import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import { fieldPath } from '../../../../meta/field-path.ts'
import type { Event } from '../../../generated/core-v1.ts'
import { type Body, faultsOfNew, objectOf } from '../../../judged.ts'
import { validateNewEvent, validateNewEventUpdate } from './validate.ts'

const TIME = '2020-01-01T00:00:00.000000Z'
const report = {
  eventTime: TIME,
  reportingComponent: 'c',
  reportingInstance: 'i',
  action: 'a',
  reason: 'r',
  type: 'Normal',
}
const of = (more: Body) => ({ involvedObject: { namespace: 'default' }, ...more })
const event = (more: Body) => ({ ...objectOf({}), ...of(more) }) as DeepReadonly<Event>
const texts = (faults: readonly { field: string; message: string }[]) =>
  faults.map(({ field, message }) => `${field}: ${message}`)
const NAMELESS = [
  'Invalid value: "": name part must be non-empty',
  `Invalid value: "": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
]

describe('an event', () => {
  test.each<[string, Body, string[]]>([
    ['of the older kind', {}, []],
    [
      'of an object elsewhere',
      { involvedObject: { namespace: 'x' } },
      ['involvedObject.namespace: Invalid value: "x": does not match event.namespace'],
    ],
    ['of the newer kind about an object elsewhere', { ...report, involvedObject: { namespace: 'x' } }, []],
    [
      'of nobody',
      { ...report, reportingComponent: '' },
      ['reportingComponent: Required value', ...NAMELESS.map((text) => `reportingComponent: ${text}`)],
    ],
  ])('%s as v1', (_, more, faults) => expect(faultsOfNew('v1/events', of(more))).toEqual(faults))

  test.each<[string, Body, string[]]>([
    ['whole', report, []],
    [
      'of the older kind',
      { type: 'x', count: 1, source: { host: 'h' }, firstTimestamp: TIME },
      [
        'eventTime: Required value',
        'type: Invalid value: "": has invalid value: x',
        'firstTimestamp: Invalid value: "": needs to be unset',
        'count: Invalid value: "": needs to be unset',
        'source: Invalid value: "": needs to be unset',
      ],
    ],
    [
      'of nobody',
      { ...report, reportingComponent: '' },
      ['reportingController: Required value', ...NAMELESS.map((text) => `reportingController: ${text}`)],
    ],
    [
      'of an empty series',
      { ...report, series: {} },
      ['series.count: Invalid value: "": should be at least 2', 'series.lastObservedTime: Required value'],
    ],
  ])('%s as events.k8s.io/v1', (_, more, faults) =>
    expect(texts(validateNewEvent(event(more), fieldPath()))).toEqual(faults),
  )

  test.each<[string, Body, string[]]>([
    ['its series', { series: { count: 2, lastObservedTime: TIME } }, []],
    ['its reason', { reason: 'x' }, Array(2).fill('reason: Invalid value: "x": field is immutable')],
    ['who tells', { reportingComponent: 'x' }, ['reportingController: Invalid value: "x": field is immutable']],
    ['the other object', { related: { name: 'x' } }, ['related: Invalid value: {"name":"x"}: field is immutable']],
  ])('of events.k8s.io/v1 may change %s or is told', (_, more, faults) => {
    const old = event(report)
    expect(texts(validateNewEventUpdate(event({ ...report, ...more }), old, fieldPath()))).toEqual(faults)
  })
})
