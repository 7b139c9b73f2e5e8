import { describe, expect, test } from 'vitest'
import { flagzPage, statuszPage, zpageForm, zpageObject } from './zpages.ts'

const STATUS = statuszPage({
  component: 'apiserver',
  version: 'v1.36.3+gorae',
  now: Date.UTC(2026, 0, 2, 3, 4, 5),
  uptimeSeconds: 3_725.9,
  paths: ['/livez', '/statusz'],
})
const FLAGS = flagzPage('apiserver', { 'a-flag': '1', 'b-flag': '' })

describe('/statusz', () => {
  test('tells people since when a component runs, and what it serves', () => {
    const lines = STATUS.text.split('\n')
    expect(lines[1]).toBe('apiserver statusz')
    expect(lines).toContain('Started: Fri Jan  2 02:02:00 UTC 2026')
    expect(lines).toContain('Up: 1 hr 02 min 05 sec')
    expect(lines).toContain('Binary version: 1.36')
    expect(lines).toContain('Paths: /livez /statusz')
  })

  test('tells programs the same', () => {
    expect(zpageObject(STATUS, 'v1alpha1')).toMatchObject({
      kind: 'Statusz',
      apiVersion: 'config.k8s.io/v1alpha1',
      startTime: '2026-01-02T02:02:00Z',
      uptimeSeconds: 3_725,
      binaryVersion: '1.36',
    })
  })
})

test('/flagz tells the settings one a line', () => {
  expect(FLAGS.text).toMatch(/^\napiserver flagz\nWarning: .*\na-flag=1\nb-flag=\n$/)
  expect(zpageObject(FLAGS, 'v1beta1')).toMatchObject({ kind: 'Flagz', flags: { 'a-flag': '1', 'b-flag': '' } })
})

const PLAIN = { type: 'text/plain' }
test.each([
  ['', PLAIN],
  ['*/*', PLAIN],
  ['text/html, text/plain', PLAIN],
  ['text/html', undefined],
  ['application/json', undefined],
  ['application/json;v=v1beta1;g=config.k8s.io;as=Flagz', undefined],
  ['application/json;v=v1;g=config.k8s.io;as=Statusz', undefined],
  ['application/json;v=v1beta1;g=config.k8s.io;as=Statusz', { type: 'application/json', version: 'v1beta1' }],
  ['application/yaml; g=config.k8s.io; v=v1alpha1; as=Statusz, */*', { type: 'application/yaml', version: 'v1alpha1' }],
])('zpageForm() of %j', (accept, form) => {
  expect(zpageForm(accept, 'Statusz')).toEqual(form)
})
