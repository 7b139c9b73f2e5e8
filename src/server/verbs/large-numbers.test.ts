import { beforeEach, describe, expect, test } from 'vitest'
import type { Client } from '../../client/client.ts'
import { DEPLOYMENTS } from '../../client/resources.ts'
import { startServer } from '../fixtures.ts'

/** No double holds it: as JSON it would become another. */
const LARGE = 9_007_199_254_740_993n
const LARGER = LARGE + 2n
const at = { name: 'one', namespace: 'default' }

function deployment(seconds: unknown, annotations: Record<string, string> = {}) {
  const labels = { app: 'one' }
  const toleration = { key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: LARGE }
  const pod = {
    terminationGracePeriodSeconds: seconds,
    tolerations: [toleration],
    containers: [{ name: 'c', image: 'i' }],
  }
  const spec = { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } }
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { ...at, annotations }, spec } as never
}

describe('numbers that need all of 64 bits', () => {
  let client: Client
  beforeEach(async () => {
    client = (await startServer()).client
  })
  const stored = async () => {
    const { spec } = await client.get(DEPLOYMENTS, at)
    const { terminationGracePeriodSeconds, tolerations } = spec!.template.spec!
    return [terminationGracePeriodSeconds, tolerations?.[0]?.tolerationSeconds] as unknown[]
  }
  const template = { spec: { template: { spec: { terminationGracePeriodSeconds: LARGER } } } }
  const path = '/spec/template/spec/terminationGracePeriodSeconds'

  test.each([
    ['merge', template],
    ['strategic', template],
    [
      'json',
      [
        { op: 'test', path, value: LARGE },
        { op: 'replace', path, value: LARGER },
      ],
    ],
  ] as const)('are created and patched (%s)', async (type, body) => {
    await client.create(DEPLOYMENTS, deployment(LARGE))
    expect(await stored()).toEqual([LARGE, LARGE])
    await client.patch(DEPLOYMENTS, at, type, body)
    expect(await stored()).toEqual([LARGER, LARGE])
  })

  test('are applied, compared and taken over from kubectl, who noted what it applied', async () => {
    const text = `{"apiVersion":"apps/v1","kind":"Deployment","spec":{"template":{"spec":{"terminationGracePeriodSeconds":${LARGE}}}}}`
    const noted = { 'kubectl.kubernetes.io/last-applied-configuration': text }
    await client.create(DEPLOYMENTS, deployment(LARGE, noted), { fieldManager: 'kubectl-client-side-apply' })
    await client.patch(DEPLOYMENTS, at, 'apply', deployment(LARGE), { fieldManager: 'kubectl' })
    expect(await stored()).toEqual([LARGE, LARGE])
    const note = (await client.get(DEPLOYMENTS, at)).metadata.annotations?.[
      'kubectl.kubernetes.io/last-applied-configuration'
    ]
    expect(note).toContain(`"terminationGracePeriodSeconds":${LARGE},"tolerations"`)
    const other = client.patch(DEPLOYMENTS, at, 'apply', deployment(LARGER), { fieldManager: 'other' })
    await expect(other).rejects.toMatchObject({ status: { reason: 'Conflict' } })
    await client.patch(DEPLOYMENTS, at, 'apply', deployment(LARGER), { fieldManager: 'other', force: true })
    expect(await stored()).toEqual([LARGER, LARGE])
  })

  test('are told as numbers where another type is wanted', async () => {
    const body = { ...(deployment(LARGE) as object), spec: { template: { spec: { nodeName: LARGE } } } }
    const apply = client.patch(DEPLOYMENTS, at, 'apply', body as never, { fieldManager: 'one' })
    await expect(apply).rejects.toThrow(`expected string, got &value.valueUnstructured{Value:${LARGE}}`)
  })
})
