import { beforeEach, describe, expect, test } from 'vitest'
import type { Client } from '../../client/client.ts'
import { JOBS, LEASES, LIMIT_RANGES } from '../../client/resources.ts'
import { answerOf } from '../admission/fixtures.ts'
import { startServer } from '../fixtures.ts'

const namespace = 'default'
let client: Client
beforeEach(async () => {
  ;({ client } = await startServer())
})

describe('what is created', () => {
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } as const

  test('is a Job with the labels of its Pods, unless it has labels of its own', async () => {
    const plain = await client.create(JOBS, { metadata: { namespace, name: 'a' }, spec: { template } })
    expect(plain.metadata.labels).toEqual(plain.spec?.template.metadata?.labels)
    const labels = { own: '1' }
    const labelled = await client.create(JOBS, { metadata: { namespace, name: 'b', labels }, spec: { template } })
    expect(labelled.metadata.labels).toEqual(labels)
  })

  test('is no Job whose name cannot be a label, and that is said of the template alone', async () => {
    const name = 'a'.repeat(64)
    const answer = await answerOf(client.create(JOBS, { metadata: { namespace, name }, spec: { template } }))
    expect(answer).toMatch(/ is invalid: spec\.template\.labels: .*must be no more than 63 bytes$/)
  })

  test('is a LimitRange that has a name, whatever its creator says', async () => {
    const made = await client.create(LIMIT_RANGES, { metadata: { namespace }, spec: { limits: [] } })
    expect(made.metadata.name).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('has no revision yet, and that is said when nothing else is wrong', async () => {
    const revised = { namespace, resourceVersion: '1' }
    const WHY = 'resourceVersion should not be set on objects to be created'
    expect(await answerOf(client.create(LEASES, { metadata: { ...revised, name: 'l' } }))).toBe(WHY)
    expect(await answerOf(client.create(LEASES, { metadata: { ...revised, name: '_' } }))).toMatch(/ is invalid: /)
  })

  test('is no Lease that its writer takes for another', async () => {
    const lease = { metadata: { namespace, name: 'l', uid: 'x' } }
    expect(await answerOf(client.update(LEASES, lease))).toBe(
      'Operation cannot be fulfilled on leases.coordination.k8s.io "l": StorageError: invalid object, Code: 4, ' +
        'Key: /registry/leases/default/l, ResourceVersion: 0, AdditionalErrorMsg: ' +
        'Precondition failed: UID in precondition: x, UID in object meta: ',
    )
  })

  test('is not replaced by who takes it for another', async () => {
    const { metadata } = await client.create(LEASES, { metadata: { namespace, name: 'l' } })
    const place =
      'Operation cannot be fulfilled on leases.coordination.k8s.io "l": StorageError: invalid object, Code: 4, Key: '
    const why = `Precondition failed: UID in precondition: x, UID in object meta: ${metadata.uid}`
    const update = (options: { dryRun?: boolean }) =>
      answerOf(client.update(LEASES, { metadata: { namespace, name: 'l', uid: 'x' } }, options))
    const told = (key: string) => `${place}${key}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`
    expect(await update({})).toBe(told('/registry/leases/default/l'))
    expect(await update({ dryRun: true })).toBe(told('/leases/default/l'))
  })
})
