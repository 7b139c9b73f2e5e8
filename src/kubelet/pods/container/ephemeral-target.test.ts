import { expect, test } from 'vitest'

import { aContainer, observedPod, seen } from '../fixtures.ts'
import { targetOf } from './ephemeral-target.ts'

const observed = observedPod([seen('app', 'running'), seen('job', 'exited')])
const debug = (target?: string) => ({
  kind: 'ephemeral' as const,
  spec: aContainer('debug', target === undefined ? {} : ({ targetContainerName: target } as object)),
})

test('an ephemeral container sees the processes of the container that it names, ended or not', () => {
  expect(targetOf(debug('app'), observed)).toEqual({ id: 'app-0' })
  expect(targetOf(debug('job'), observed)).toEqual({ id: 'job-0' })
})

test('it sees its own where it names none', () => expect(targetOf(debug(), observed)).toBeUndefined())

test('one that was never made cannot be entered', () => {
  expect(() => targetOf(debug('other'), observed)).toThrow('unable to find target container other')
})
