import { expect, test } from 'vitest'
import { silentLog } from '../../base/log.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { DEFAULT_KUBELET_CONFIG } from '../config/kubelet-config.ts'
import { aPod } from '../pods/fixtures.ts'
import type { PodWorker } from '../pods/worker.ts'
import { shutDownPods } from './shutdown.ts'

test('a node that goes down waits until the last status of each Pod is on its way', async () => {
  const clock = new ManualClock()
  const worker = { pod: aPod({}), phase: 'syncing', isEndTold: false, endWithNode: () => (worker.phase = 'terminated') }
  const deps = {
    clock,
    log: silentLog,
    config: { ...DEFAULT_KUBELET_CONFIG, shutdownGracePeriod: 30_000, shutdownGracePeriodCriticalPods: 10_000 },
    workers: { all: [worker as unknown as PodWorker] },
    metrics: { shutdownBegan() {}, shutdownEnded() {} },
  }
  let isOver = false
  const down = shutDownPods(deps, new AbortController().signal).then(() => (isOver = true))
  await clock.advance(5_000)
  expect([worker.phase, isOver]).toEqual(['terminated', false])
  worker.isEndTold = true
  await clock.advance(200)
  expect(isOver).toBe(true)
  await down
})
