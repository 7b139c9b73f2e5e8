import { expect, test } from 'vitest'

import { signalNumber } from './stop-signal.ts'

test.each([
  ['SIGTERM', 15],
  ['SIGUSR1', 10],
  ['SIGCLD', 17],
  ['SIGPOLL', 29],
  ['SIGIOT', 6],
  ['SIGRTMIN', 34],
  ['SIGRTMIN+15', 49],
  ['SIGRTMAX-14', 50],
  ['SIGRTMAX', 64],
  ['SIGNOTHING', undefined],
  ['constructor', undefined],
])('%s is %s', (name, number) => expect(signalNumber(name)).toBe(number))
