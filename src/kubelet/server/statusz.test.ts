import { expect, test } from 'vitest'

import { asksForObject, statuszObject, statuszText } from './statusz.ts'

const FACTS = { version: 'v1.36.3+gorae', now: Date.UTC(2026, 0, 2, 3, 4, 5), uptimeSeconds: 3_725.9 }

test('tells people since when the kubelet runs, and what it serves', () => {
  const lines = statuszText(FACTS).split('\n')
  expect(lines[1]).toBe('kubelet statusz')
  expect(lines).toContain('Started: 2026-01-02T02:02:00Z')
  expect(lines).toContain('Up: 1 hr 02 min 05 sec')
  expect(lines).toContain('Binary version: 1.36')
  expect(lines.find((line) => line.startsWith('Paths: '))).toContain(' /pods ')
})

test('tells programs the same', () => {
  expect(statuszObject(FACTS)).toMatchObject({
    kind: 'Statusz',
    apiVersion: 'config.k8s.io/v1beta1',
    startTime: '2026-01-02T02:02:00Z',
    uptimeSeconds: 3_725,
    binaryVersion: '1.36',
    emulationVersion: '1.36',
  })
})

test('asksForObject() by group, version and kind', () => {
  const accept = 'application/json;v=v1beta1;g=config.k8s.io;as=Statusz'
  expect(asksForObject(accept, 'Statusz')).toBe(true)
  expect(asksForObject(accept, 'Flagz')).toBe(false)
  expect(['', '*/*', 'text/plain', 'application/json'].filter((other) => asksForObject(other, 'Statusz'))).toEqual([])
})
