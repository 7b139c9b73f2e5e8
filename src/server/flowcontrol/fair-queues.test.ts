import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../base/manual-clock.ts'
import { userOf } from '../../client/user.ts'
import { FairQueues } from './fair-queues.ts'
import type { FlowRequest } from './flow-request.ts'
import { FlowTraffic } from './flow-traffic.ts'
import { ONE_SEAT, type WorkEstimate } from './work-estimate.ts'

const traffic = new FlowTraffic('level', 'schema')

/** Requests whose names are noted in the order in which they are served. */
function world(limit: number, queues: number, lengthLimit = 50) {
  const clock = new ManualClock()
  const line = new FairQueues(clock, () => {})
  line.configure(limit, queues === 0 ? undefined : { queues, lengthLimit })
  const served: string[] = []
  const request = (name: string, work: WorkEstimate = ONE_SEAT): FlowRequest => ({
    info: { isResource: false, path: '/', verb: 'get' },
    user: userOf(name),
    work,
    seats: Math.max(work.initialSeats, work.finalSeats),
    traffic,
    distinguisher: name,
    arrivedMs: clock.monotonic(),
    arrivedVirtual: 0,
    queue: undefined,
    startedMs: undefined,
    onStart: () => served.push(name),
  })
  const arrive = (name: string, queue: number, work?: WorkEstimate) => {
    const arrived = request(name, work)
    return { arrived, verdict: line.arrive(arrived, [queue]) }
  }
  /** The oldest that is served ends. */
  const endOldest = () => {
    const [oldest] = line.executing
    if (oldest !== undefined) line.finish(oldest)
  }
  return { clock, line, served, arrive, endOldest }
}

const wide = (seats: number): WorkEstimate => ({ ...ONE_SEAT, initialSeats: seats })

describe('fair queues', () => {
  test('serve who finds room at once, have the next wait, and refuse who finds the queue full', () => {
    const { arrive } = world(2, 1, 1)
    expect(['a', 'b', 'c', 'd'].map((name) => arrive(name, 0).verdict)).toEqual([
      'executing',
      'executing',
      'waiting',
      'queue-full',
    ])
  })

  test('refuse who finds no seat where there are no queues', () => {
    const { arrive, endOldest } = world(1, 0)
    expect([arrive('a', 0).verdict, arrive('b', 0).verdict]).toEqual(['executing', 'concurrency-limit'])
    endOldest()
    expect(arrive('c', 0).verdict).toBe('executing')
  })

  test('serve one of a few after one of many, whoever came first', async () => {
    const { arrive, endOldest, served, clock } = world(1, 2)
    for (let n = 0; n < 20; n++) arrive('many', 0)
    for (let n = 0; n < 3; n++) arrive('few', 1)
    for (let n = 0; n < 8; n++) {
      // oxlint-disable-next-line no-await-in-loop -- each lasts a while
      await clock.advance(10)
      endOldest()
    }
    expect(served.filter((name) => name === 'few')).toHaveLength(3)
    expect(served.lastIndexOf('few')).toBeLessThan(7)
  })

  test('give a flow of wide requests no more seats over time than one of narrow ones', async () => {
    const { arrive, line, served, clock } = world(4, 2)
    for (let n = 0; n < 40; n++) arrive('wide', 0, wide(4))
    for (let n = 0; n < 40; n++) arrive('narrow', 1)
    for (let n = 0; n < 15; n++) {
      // oxlint-disable-next-line no-await-in-loop -- each lasts a while
      await clock.advance(10)
      const now = [...line.executing]
      for (const each of now) line.finish(each)
    }
    const count = (name: string) => served.filter((one) => one === name).length
    expect(count('narrow')).toBeGreaterThan(2.5 * count('wide'))
    expect(count('wide')).toBeGreaterThan(1)
  })

  test('let who needs the whole level have it once it is empty', () => {
    const { arrive, endOldest, line } = world(3, 1)
    arrive('a', 0)
    expect(arrive('huge', 0, wide(9)).verdict).toBe('waiting')
    expect(arrive('after it', 0).verdict).toBe('waiting')
    endOldest()
    expect([...line.executing].map(({ distinguisher }) => distinguisher)).toEqual(['huge'])
  })

  test('keep the seats of a write for as long as its watchers are told', async () => {
    const { arrive, endOldest, line, clock } = world(2, 1)
    arrive('write', 0, { initialSeats: 1, finalSeats: 2, additionalMs: 5 })
    expect(arrive('next', 0).verdict).toBe('waiting')
    endOldest()
    expect([line.executing.size, line.seatsInUse]).toEqual([0, 2])
    await clock.advance(5)
    expect([line.executing.size, line.seatsInUse]).toEqual([1, 1])
  })

  test('lose who goes away while waiting, and nothing else', () => {
    const { arrive, endOldest, line, served } = world(1, 1)
    arrive('a', 0)
    const { arrived } = arrive('gone', 0)
    arrive('b', 0)
    expect([line.abandon(arrived), line.abandon(arrived)]).toEqual([true, false])
    endOldest()
    expect([served, line.waiting, line.waitingSeats]).toEqual([['a', 'b'], 0, 0])
    endOldest()
    expect([line.isIdle, line.seatsInUse]).toEqual([true, 0])
  })

  test('serve who waits as soon as there are more seats, and keep queues that go until they are empty', () => {
    const { arrive, endOldest, line } = world(1, 4)
    arrive('a', 3)
    arrive('b', 3)
    line.configure(2, { queues: 2, lengthLimit: 50 })
    expect([line.executing.size, line.queue(3)?.executing]).toEqual([2, 2])
    endOldest()
    endOldest()
    expect([line.isIdle, line.queue(3)]).toEqual([true, undefined])
  })
})
