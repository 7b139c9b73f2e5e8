import { describe, expect, test } from 'vitest'
import type { Pod } from '../../api/generated/core-v1.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import type { SchedulerPlugin } from '../framework/plugin.ts'
import { schedulingGates } from '../plugins/scheduling-gates/plugin.ts'
import { type QueuedPod, queueProfile, SchedulingQueue } from './scheduling-queue.ts'

const taints: SchedulerPlugin = { name: 'Taints', wakeOn: ['Node/taints'] }
const room: SchedulerPlugin = { name: 'Room', wakeOn: ['AssignedPod/delete', 'Node/add'] }

const aPod = (uid: string, spec: Partial<NonNullable<Pod['spec']>> = {}): Pod => ({
  metadata: { name: uid, namespace: 'default', uid },
  spec: { containers: [], ...spec },
})

const aQueue = () => {
  const clock = new ManualClock(0)
  const profile = queueProfile([taints, room, schedulingGates])
  return { clock, queue: new SchedulingQueue({ clock, profileOf: () => profile }) }
}

const popped = (queue: SchedulingQueue): QueuedPod => {
  const queued = queue.pop()
  if (queued === undefined) throw new Error('nothing is active')
  return queued
}

const refuse = (queue: SchedulingQueue, queued: QueuedPod, by: string) =>
  queue.refused(queued, queued.pod, new Set([by]))

describe('SchedulingQueue', () => {
  test('gives higher priorities first, then who came first', async () => {
    const { clock, queue } = aQueue()
    queue.put(aPod('early'))
    await clock.advance(10)
    queue.put(aPod('late'))
    queue.put(aPod('urgent', { priority: 100 }))
    expect([popped(queue).uid, popped(queue).uid, popped(queue).uid]).toEqual(['urgent', 'early', 'late'])
    expect(queue.pop()).toBeUndefined()
  })

  test('a refused Pod sleeps until an event that its refuser names, then backs off', async () => {
    const { clock, queue } = aQueue()
    queue.put(aPod('a'))
    refuse(queue, popped(queue), 'Taints')
    queue.happened('Node/add')
    expect(queue.counts).toEqual({ active: 0, backoff: 0, unschedulable: 1, gated: 0 })
    queue.happened('Node/taints')
    expect(queue.counts.backoff).toBe(1)
    await clock.advance(1_000)
    expect(popped(queue)).toMatchObject({ uid: 'a', attempts: 2 })
  })

  test('backs off twice as long each time, ten seconds at most', async () => {
    const { clock, queue } = aQueue()
    queue.put(aPod('a'))
    for (const seconds of [1, 2, 4, 8, 10, 10]) {
      refuse(queue, popped(queue), 'Room')
      queue.happened('AssignedPod/delete')
      await clock.advance(seconds * 1_000 - 1)
      expect(queue.counts.active).toBe(0)
      await clock.advance(1)
      expect(queue.counts.active).toBe(1)
    }
  })

  test('an event that happens while the Pod is being tried is not missed', async () => {
    const { clock, queue } = aQueue()
    queue.put(aPod('a'))
    const queued = popped(queue)
    queue.happened('AssignedPod/delete')
    refuse(queue, queued, 'Room')
    expect(queue.counts.backoff).toBe(1)
    await clock.advance(1_000)
    expect(queue.counts.active).toBe(1)
  })

  test('a Pod that no event wakes is tried again after five minutes', async () => {
    const { clock, queue } = aQueue()
    queue.put(aPod('a'))
    refuse(queue, popped(queue), 'Taints')
    await clock.advance(299_000)
    expect(queue.counts.active).toBe(0)
    await clock.advance(31_000)
    expect(queue.counts.active).toBe(1)
    queue.close()
    expect(clock.pending).toBe(0)
  })

  test('a gated Pod waits until its gates are gone', () => {
    const { queue } = aQueue()
    queue.put(aPod('a', { schedulingGates: [{ name: 'example.com/wait' }] }))
    queue.happened('Node/add')
    expect(queue.counts).toEqual({ active: 0, backoff: 0, unschedulable: 0, gated: 1 })
    queue.put(aPod('a'), ['Pod/scheduling-gates'])
    expect(popped(queue).uid).toBe('a')
  })

  test('a deleted Pod is forgotten wherever it waits', async () => {
    const { clock, queue } = aQueue()
    queue.put(aPod('active'))
    queue.delete('active')
    queue.put(aPod('asleep'))
    refuse(queue, popped(queue), 'Taints')
    queue.delete('asleep')
    await clock.advance(400_000)
    expect(queue.pop()).toBeUndefined()
  })

  test('ready() resolves when a Pod becomes active', async () => {
    const { queue } = aQueue()
    const controller = new AbortController()
    const ready = queue.ready(controller.signal).then(() => 'ready')
    queue.put(aPod('a'))
    await expect(ready).resolves.toBe('ready')
  })
})
