import { expect, test } from 'vitest'

import { ManualClock } from '../../../base/manual-clock.ts'
import { seededRandom } from '../../../base/random.ts'
import { createClient } from '../../../client/client.ts'
import type { Transport } from '../../../client/transport.ts'
import { aCache, aNode, aPod } from '../../fixtures.ts'
import { Cycle } from '../../framework/cycle.ts'
import type { SchedulerPlugin } from '../../framework/plugin.ts'
import { pointsOf } from '../../framework/profile.ts'
import { fits, rejected } from '../../framework/verdict.ts'
import { podInfoOf } from '../../snapshot/pod-info.ts'
import { defaultPreemption } from './plugin.ts'

test('keeps the room for the Pod before the first victim goes: others are scheduled meanwhile', async () => {
  const done: string[] = []
  const transport: Transport = {
    async call({ verb }) {
      done.push(verb)
      return {}
    },
    watch() {
      throw new Error('nothing here is watched')
    },
  }
  const victims = ['one', 'two'].map((name) => aPod(name, { cpu: '2', node: 'a', spec: { priority: 0 } }))
  const snapshot = aCache([aNode('a', { cpu: '4' })], victims)
  const rejection = { kind: 'rejected' as const, reasons: ['full'], evictionMayHelp: true, plugin: 'Alone' }
  const alone: SchedulerPlugin = {
    name: 'Alone',
    filter: (_cycle, _pod, { pods }) => (pods.size === 0 ? fits : rejected('full')),
  }
  const points = pointsOf([{ plugin: alone, weight: 1 }])
  const plugin = defaultPreemption({
    client: createClient(transport),
    clock: new ManualClock(),
    random: seededRandom(1),
    budgets: () => [],
    tell: () => {},
  })
  const answer = await plugin.postFilter?.(
    {
      cycle: new Cycle(),
      pod: podInfoOf(aPod('great', { cpu: '4', spec: { priority: 100 } })),
      snapshot,
      rejections: { byNode: new Map([['a', rejection]]) },
      profile: { schedulerName: 'test', points, percentageOfNodesToScore: 0 },
      nominate: (node) => done.push(`nominate ${node}`),
    },
    new AbortController().signal,
  )
  expect(answer).toEqual({ nominatedNode: 'a', message: '' })
  expect(done).toEqual(['nominate a', 'patch', 'delete', 'patch', 'delete'])
})
