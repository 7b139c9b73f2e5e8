import { describe, expect, test } from 'vitest'

import type { PersistentVolumeClaim } from '../../api/generated/core-v1.ts'
import { channel } from '../../base/async/channel.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { createClient } from '../../client/client.ts'
import type { ApiCall } from '../../client/transport.ts'
import { GrpcError } from '../grpc/error.ts'
import type { VolumeEvent } from './csi/csi-use.ts'
import { dueSize, Expansion, type Grow } from './expansion.ts'

type Status = NonNullable<PersistentVolumeClaim['status']>

const claimed = (status: Status) => ({
  claim: {
    metadata: { namespace: 'ns', name: 'data', uid: 'c1' },
    status: { capacity: { storage: '1Gi' }, ...status },
  },
  persistentVolume: { metadata: { name: 'pv.1' }, spec: { capacity: { storage: '2Gi' } } },
})

const pending: Status = {
  allocatedResources: { storage: '2Gi' },
  allocatedResourceStatuses: { storage: 'NodeResizePending' },
  conditions: [
    { type: 'FileSystemResizePending', status: 'True' },
    { type: 'Unused', status: 'True' },
  ],
}

describe('dueSize()', () => {
  const cases: readonly (readonly [when: string, status: Status, due: string | undefined])[] = [
    ['the node’s part is pending', pending, '2Gi'],
    ['the claim has it all', { ...pending, capacity: { storage: '2Gi' } }, undefined],
    [
      'the controller still works',
      { ...pending, allocatedResourceStatuses: { storage: 'ControllerResizeInProgress' } },
      undefined,
    ],
    ['the node could not', { ...pending, allocatedResourceStatuses: { storage: 'NodeResizeInfeasible' } }, undefined],
    ['it was done before', { allocatedResources: { storage: '2Gi' } }, undefined],
    ['no stage is told', {}, '2Gi'],
  ]
  for (const [when, status, due] of cases) {
    test(`is ${due ?? 'none'} when ${when}`, () => expect(dueSize(claimed(status))).toBe(due))
  }
})

const never = new AbortController().signal

/** Expands a claim's volume so; the answer is what was written and told. */
async function expand(grow: Grow | undefined, { readOnly = false } = {}) {
  const written: unknown[] = []
  const told: VolumeEvent[] = []
  const client = createClient({
    async call(call: ApiCall) {
      if (call.verb === 'patch') written.push((call.body as PersistentVolumeClaim).status)
      return {}
    },
    watch: () => channel(1),
  })
  const expansion = new Expansion({ client, clock: new ManualClock(), nodeName: 'n1' })
  const use = { claimed: claimed(pending), name: 'pv.1', readOnly, tell: (event: VolumeEvent) => told.push(event) }
  const failure = await expansion.expand(use, async () => grow, never).catch((error: unknown) => error)
  return { written, told: told.map(({ reason, message }) => `${reason}: ${message}`), failure }
}

const inProgress = { allocatedResourceStatuses: { storage: 'NodeResizeInProgress' } }

describe('the node’s part of an expansion', () => {
  test('is written into the claim, and told of both', async () => {
    const asked: unknown[] = []
    const { written, told } = await expand(async (bytes) => void asked.push(bytes))
    expect(asked).toEqual([2 ** 31])
    expect(written).toEqual([
      inProgress,
      {
        capacity: { storage: '2Gi' },
        allocatedResourceStatuses: { storage: null },
        conditions: [{ type: 'Unused', status: 'True' }],
      },
    ])
    const success = 'FileSystemResizeSuccessful: MountVolume.NodeExpandVolume succeeded for volume "pv.1" n1'
    expect(told).toEqual([success, success])
  })

  test('is not done to what may not be written', async () => {
    const { written, told } = await expand(async () => {}, { readOnly: true })
    const refusal =
      'FileSystemResizeFailed: MountVolume.NodeExpandVolume failed for volume "pv.1" requested read-only file system'
    expect([written, told]).toEqual([[], [refusal, refusal]])
  })

  test('is nothing where there is nothing to do on nodes', async () => {
    expect(await expand(undefined)).toEqual({ written: [], told: [], failure: undefined })
  })

  const failures = [
    { code: 'Internal', says: ': rpc error: code = Internal desc = no', stage: undefined },
    { code: 'OutOfRange', says: 'rpc error: code = OutOfRange desc = no', stage: 'NodeResizeInfeasible' },
  ] as const
  for (const { code, says, stage } of failures) {
    test(`that fails with ${code} leaves a condition`, async () => {
      const { written, failure } = await expand(() => Promise.reject(new GrpcError(code, 'no')))
      const why = `Expander.NodeExpand failed to expand the volume ${says}`
      expect(failure).toMatchObject({ message: why })
      const [, last] = written as readonly Status[]
      expect(last?.conditions?.at(-1)).toMatchObject({
        type: 'NodeResizeError',
        message: `failed to expand pvc with ${why}`,
      })
      expect(last?.allocatedResourceStatuses?.['storage']).toBe(stage)
    })
  }

  test('that has to wait until nobody uses the volume is no failure', async () => {
    const { failure } = await expand(() => Promise.reject(new GrpcError('FailedPrecondition', 'in use')))
    expect(failure).toBeUndefined()
  })
})
