import { describe, expect, test } from 'vitest'
import { faultsOfNew, updated, withStatus } from '../../../judged.ts'

const KEY = 'batch/v1/jobs'
const T = ['2026-01-01T00:00:00Z', '2026-01-01T00:01:00Z']
const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } }
const jobOf = (spec: object, status: object = {}) => ({ spec: { template, ...spec }, status })
const holding = (...types: string[]) => types.map((type) => ({ type, status: 'True' }))
const INDEXED = { completionMode: 'Indexed', completions: 5, parallelism: 2, backoffLimitPerIndex: 1 }
const COMPLETE = {
  startTime: T[0],
  completionTime: T[1],
  conditions: holding('SuccessCriteriaMet', 'Complete'),
  succeeded: 1,
}
const FAILED = { startTime: T[0], conditions: holding('FailureTarget', 'Failed'), failed: 1 }

const faults = (spec: object, before: object, status: object) => withStatus(KEY, jobOf(spec, before), status).faults
const conditions = (detail: string) => `status.conditions: Invalid value: ${detail}`

describe('the status of a Job', () => {
  test.each<[string, object, string[]]>([
    ['nothing', {}, []],
    ['a success, announced and timed', COMPLETE, []],
    ['a failure, announced', FAILED, []],
    [
      'fewer than none active',
      { active: -1 },
      ['status.active: Invalid value: -1: must be greater than or equal to 0'],
    ],
    [
      'more ready Pods than active ones',
      { ready: 2, active: 1 },
      ['status.ready: Invalid value: 2: cannot set more ready pods than active'],
    ],
    [
      'an uncounted Pod twice, and one without a uid',
      { uncountedTerminatedPods: { succeeded: ['a', ''], failed: ['a'] } },
      [
        'status.uncountedTerminatedPods.succeeded[1]: Invalid value: "": must not be empty',
        'status.uncountedTerminatedPods.failed[0]: Duplicate value: "a"',
      ],
    ],
    [
      'a success that nothing announced',
      { ...COMPLETE, conditions: holding('Complete') },
      [conditions('cannot set Complete=True condition without the SuccessCriteriaMet=true condition')],
    ],
    [
      'a failure that nothing announced',
      { ...FAILED, conditions: holding('Failed') },
      [conditions('cannot set Failed=True condition without the FailureTarget=true condition')],
    ],
    [
      'both ends announced',
      { conditions: holding('FailureTarget', 'SuccessCriteriaMet') },
      [conditions('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions')],
    ],
    [
      'a success without times',
      { conditions: COMPLETE.conditions },
      [
        'status.completionTime: Required value: completionTime is required for Complete jobs',
        'status.startTime: Required value: startTime is required for finished job',
      ],
    ],
    [
      'an end before the start',
      { ...COMPLETE, startTime: T[1], completionTime: T[0] },
      [`status.completionTime: Invalid value: "${T[0]}": must be equal to or after \`startTime\``],
    ],
    [
      'the time of a success that is none',
      { completionTime: T[1] },
      [
        `status.completionTime: Invalid value: "${T[1]}": cannot set completionTime when there is no Complete=True condition`,
      ],
    ],
    [
      'a failure with Pods left',
      { ...FAILED, active: 1, terminating: 1, uncountedTerminatedPods: { failed: ['a'] } },
      [
        'status.active: Invalid value: 1: active>0 is invalid for finished job',
        'status.uncountedTerminatedPods: Invalid value: {"failed":["a"]}: must be empty for finished job',
        'status.terminating: Invalid value: 1: terminating>0 is invalid for finished job',
      ],
    ],
    [
      'indexes of a Job that has none',
      { completedIndexes: '0', failedIndexes: '' },
      [
        'status.completedIndexes: Invalid value: "0": cannot set non-empty completedIndexes when non-indexed completion mode',
        'status.failedIndexes: Invalid value: "": cannot set non-null failedIndexes when backoffLimitPerIndex is null',
      ],
    ],
  ])('may tell, or may not: %s', (_, status, expected) => {
    expect(faults({}, {}, status)).toEqual(expected)
  })

  test.each([
    ['0,2-4', undefined],
    ['5', 'too large index: "5"'],
    ['0-', 'cannot convert string to integer for index: ""'],
    ['9223372036854775808', 'cannot convert string to integer for index: "9223372036854775808"'],
    ['1,1', 'non-increasing order, previous: 1, current: 1'],
    ['2-1', 'non-increasing order, previous: 2, current: 1'],
    [
      '0-1-2',
      `the fragment "0-1-2" violates the requirement that an index interval can have at most two parts separated by '-'`,
    ],
  ])('names indexes below its completions that rise: %s', (text, fault) => {
    const told = (field: string) =>
      fault === undefined
        ? []
        : [`${field}: Invalid value: "${text}": error parsing ${field.split('.').at(-1)}: ${fault}`]
    for (const field of ['completedIndexes', 'failedIndexes'])
      expect(faults(INDEXED, {}, { [field]: text })).toEqual(told(`status.${field}`))
    const successPolicy = { rules: [{ succeededIndexes: text }] }
    expect(faultsOfNew(KEY, jobOf({ ...INDEXED, successPolicy }))).toEqual(
      told('spec.successPolicy.rules[0].succeededIndexes'),
    )
  })

  test('tells of no index that it both completed and failed', () => {
    expect(faults(INDEXED, {}, { completedIndexes: '0,3', failedIndexes: '1,2-4' })).toEqual([
      'status.failedIndexes: Invalid value: "1,2-4": failedIndexes and completedIndexes overlap at index: 3',
    ])
    expect(faults(INDEXED, {}, { completedIndexes: '0,3', failedIndexes: '1-2,4' })).toEqual([])
  })

  test.each<[string, object, object, string[]]>([
    [
      'an end is taken back',
      COMPLETE,
      { ...COMPLETE, conditions: holding('SuccessCriteriaMet'), completionTime: undefined },
      [conditions('cannot disable the terminal Complete=True condition')],
    ],
    [
      'an aim is taken back',
      { conditions: holding('SuccessCriteriaMet') },
      {},
      [conditions('cannot disable the SuccessCriteriaMet=True condition')],
    ],
    [
      'fewer failed',
      { failed: 2 },
      { failed: 1 },
      ['status.failed: Invalid value: 1: cannot decrease the failed counter'],
    ],
    [
      'fewer succeeded',
      { succeeded: 2 },
      {},
      ['status.succeeded: Invalid value: 0: cannot decrease the succeeded counter'],
    ],
    [
      'another time of the end',
      COMPLETE,
      { ...COMPLETE, completionTime: '2026-01-01T00:02:00Z' },
      ['status.completionTime: Invalid value: "2026-01-01T00:02:00Z": field is immutable'],
    ],
    [
      'another start',
      { startTime: T[0] },
      { startTime: T[1] },
      [`status.startTime: Invalid value: "${T[1]}": field is immutable for unsuspended job once set`],
    ],
    [
      'another start of a Job that goes on',
      { startTime: T[0], conditions: holding('Suspended') },
      { startTime: T[1], conditions: [{ type: 'Suspended', status: 'False' }] },
      [],
    ],
    [
      'a fault that was there before',
      { completedIndexes: '7', ready: 3 },
      { completedIndexes: '7', ready: 3, failed: 1 },
      [],
    ],
  ])('judges what changes: %s', (_, before, status, expected) => {
    expect(faults({}, before, status)).toEqual(expected)
  })

  test('counts fewer successes of an indexed Job that can be made smaller', () => {
    expect(faults({ ...INDEXED, parallelism: 5 }, { succeeded: 2 }, { succeeded: 1 })).toEqual([])
    expect(faults(INDEXED, { succeeded: 2 }, { succeeded: 1 })).toHaveLength(1)
  })
})

describe('the Pods of a Job', () => {
  const selected = { selector: { matchLabels: { a: 'b' } }, manualSelector: true }
  const of = (pod: object, container: object, suspend = true) =>
    jobOf({
      ...selected,
      suspend,
      template: {
        metadata: { labels: { a: 'b' } },
        spec: { ...template.spec, ...pod, containers: [{ name: 'c', image: 'i', ...container }] },
      },
    })
  const IMMUTABLE = 'field is immutable'

  test.each<[string, object, object]>([
    ['nodes', { nodeSelector: { a: 'b' } }, {}],
    ['resources', {}, { resources: { requests: { cpu: '1' } } }],
  ])('may change while it is suspended: %s', (_, pod, container) => {
    expect(updated(KEY, of({}, {}), of(pod, container)).faults).toEqual([])
    const [fault] = updated(KEY, of({}, {}, false), of(pod, container, false)).faults
    expect(fault).toMatch(/^spec\.template: /)
    expect(fault).toContain(IMMUTABLE)
  })

  test('keep their images', () => {
    const [fault, ...others] = updated(KEY, of({}, {}), of({}, { image: 'j' })).faults
    expect(fault).toMatch(/^spec\.template\.spec: /)
    expect(fault).toContain(IMMUTABLE)
    expect(others).toEqual([])
  })
})
