import { describe, expect, test } from 'vitest'
import type { Lease } from '../api/generated/coordination-v1.ts'
import { aborted } from '../base/async/group.ts'
import { silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { seededRandom } from '../base/random.ts'
import type { DeepReadonly } from '../meta/deep-readonly.ts'
import { createClient } from './client.ts'
import { FakeApi } from './fake-api.ts'
import { leadInTurn } from './leader-election.ts'
import { LEASES } from './resources.ts'

const at = { namespace: 'kube-system', name: 'scheduler' }

function bench() {
  const api = new FakeApi()
  const clock = new ManualClock()
  const client = createClient(api)
  const leading: string[] = []
  const told: string[] = []
  const join = (identity: string, random = seededRandom(identity.length)) => {
    const stopping = new AbortController()
    const lead = async (signal: AbortSignal) => {
      leading.push(identity)
      await aborted(signal)
      leading.splice(leading.indexOf(identity), 1)
    }
    const deps = { client, clock, random, log: silentLog }
    const tell = ({ spec }: DeepReadonly<Lease>, what: string) =>
      told.push(`${identity} ${what} with ${spec?.holderIdentity ?? ''} as holder`)
    const running = leadInTurn(deps, { ...at, identity, tell }, lead, stopping.signal).catch((error: unknown) => error)
    return {
      async leave() {
        stopping.abort(new Error(`${identity} leaves`))
        return running
      },
    }
  }
  return { api, clock, client, leading, told, join }
}

describe('leader election', () => {
  test('one leads, and the next when the first gives the lease back', async () => {
    const { clock, client, leading, told, join } = bench()
    const first = join('first')
    await clock.settle()
    const second = join('second')
    await clock.advance(60_000)
    expect(leading).toEqual(['first'])
    expect(await first.leave()).toEqual(new Error('first leaves'))
    expect(leading).toEqual([])
    await clock.advance(10_000)
    expect(leading).toEqual(['second'])
    expect((await client.get(LEASES, at)).spec).toMatchObject({ holderIdentity: 'second', leaseTransitions: 1 })
    await second.leave()
    expect(told).toEqual([
      'first became leader with first as holder',
      'first stopped leading with  as holder',
      'second became leader with second as holder',
      'second stopped leading with  as holder',
    ])
    expect(clock.pending).toBe(0)
  })

  test('a leader that cannot renew stops before another may lead', async () => {
    const { api, clock, leading, join } = bench()
    const first = join('first')
    await clock.settle()
    expect(leading).toEqual(['first'])
    api.setDown(true)
    await clock.advance(9_000)
    expect(leading).toEqual(['first'])
    await clock.advance(3_000)
    expect(leading).toEqual([])
    api.setDown(false)
    const second = join('second')
    await clock.advance(30_000)
    expect(leading).toHaveLength(1)
    await Promise.all([first.leave(), second.leave()])
  })

  test('a lease whose holder is gone is taken after it has stood still for its length, whatever its clock says', async () => {
    const { clock, client, leading, join } = bench()
    await client.create(LEASES, {
      metadata: { ...at },
      spec: { holderIdentity: 'gone', leaseDurationSeconds: 15, renewTime: '2036-01-01T00:00:00.000000Z' },
    })
    const taker = join('taker')
    await clock.advance(14_000)
    expect(leading).toEqual([])
    await clock.advance(10_000)
    expect(leading).toEqual(['taker'])
    await taker.leave()
  })

  test('what fails while leading ends the election with its failure', async () => {
    const { api, clock } = bench()
    const failing = leadInTurn(
      { client: createClient(api), clock, random: seededRandom(1), log: silentLog },
      { ...at, identity: 'a' },
      async () => {
        throw new Error('broken')
      },
      new AbortController().signal,
    )
    await expect(failing).rejects.toThrow('broken')
  })
})
