import { describe, expect, test } from 'vitest'
import type { Taint, Toleration } from '../../api/generated/core-v1.ts'
import { verdictOn } from './decide.ts'

const taint = (key: string): Taint => ({ key, effect: 'NoExecute' })
const tolerates = (key: string, tolerationSeconds?: number): Toleration => ({
  key,
  operator: 'Exists',
  ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
})

describe('a Pod on a tainted node', () => {
  const cases: readonly (readonly [name: string, Taint[], Toleration[], ReturnType<typeof verdictOn>])[] = [
    ['stays where only scheduling is forbidden', [{ key: 'a', effect: 'NoSchedule' }], [], 'stays'],
    ['goes when it does not tolerate the taint', [taint('a')], [tolerates('b')], 'goes'],
    ['goes when it tolerates one taint of two', [taint('a'), taint('b')], [tolerates('a', 9)], 'goes'],
    ['stays when it tolerates the taint for good', [taint('a')], [tolerates('a')], 'stays'],
    ['stays for a while', [taint('a')], [tolerates('a', 9)], { afterMs: 9_000 }],
    ['goes at once when the while is negative', [taint('a')], [tolerates('a', -1)], { afterMs: 0 }],
    [
      'is held to the shorter while',
      [taint('a'), taint('b')],
      [tolerates('a', 9), tolerates('b', 3)],
      { afterMs: 3_000 },
    ],
    [
      'is held to the first toleration that matches',
      [taint('a')],
      [tolerates('a', 9), tolerates('a', 3)],
      { afterMs: 9_000 },
    ],
    ['is held to none when the first is without a limit', [taint('a')], [tolerates('a'), tolerates('a', 3)], 'stays'],
  ]
  for (const [name, taints, tolerations, verdict] of cases) {
    test(`${name}`, () => expect(verdictOn(taints, tolerations)).toEqual(verdict))
  }
})
