import { describe, expect, test } from 'vitest'
import { CONFIG_MAPS, HORIZONTAL_POD_AUTOSCALERS, HORIZONTAL_POD_AUTOSCALERS_V1 } from '../../client/resources.ts'
import type { KubeObject } from '../../meta/types.ts'
import { startServer } from '../fixtures.ts'

const AT = { namespace: 'default', name: 'a' }
const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' }
const target = { type: 'AverageValue', averageValue: '10' }
const pods = { type: 'Pods', pods: { metric: { name: 'm' }, target } }
const cpu = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } } }
const behavior = { scaleUp: { stabilizationWindowSeconds: 5 } }

describe('an autoscaler that is applied in one version and then in the other', () => {
  type Step = readonly [manager: string, version: 'v1' | 'v2', spec: object]
  const cases: [what: string, steps: readonly Step[], spec: object, owners: readonly string[]][] = [
    [
      'loses what its applier gives up, even what only the other version can say',
      [
        ['m', 'v1', { maxReplicas: 3, targetCPUUtilizationPercentage: 50 }],
        ['m', 'v2', { maxReplicas: 3, metrics: [cpu, pods], behavior }],
        ['m', 'v1', { maxReplicas: 4 }],
      ],
      { maxReplicas: 4, metrics: [pods, cpu] },
      ['m autoscaling/v1'],
    ],
    [
      'keeps the metrics, of which the older version can say but one',
      [
        ['m', 'v2', { maxReplicas: 3, metrics: [cpu, pods] }],
        ['m', 'v1', { maxReplicas: 4 }],
      ],
      { maxReplicas: 4, metrics: [pods, cpu] },
      ['m autoscaling/v1'],
    ],
    [
      'keeps what another manager owns in the other version',
      [
        ['m', 'v1', { maxReplicas: 3 }],
        ['n', 'v2', { maxReplicas: 3, behavior }],
        ['m', 'v1', { maxReplicas: 3, minReplicas: 2 }],
        ['m', 'v1', { maxReplicas: 3 }],
      ],
      { maxReplicas: 3, minReplicas: 1, behavior },
      ['m autoscaling/v1', 'n autoscaling/v2'],
    ],
  ]
  test.each(cases)('%s', async (_, steps, spec, owners) => {
    const { client } = await startServer()
    for (const [fieldManager, version, asked] of steps) {
      const kind = version === 'v1' ? HORIZONTAL_POD_AUTOSCALERS_V1 : HORIZONTAL_POD_AUTOSCALERS
      const body = {
        apiVersion: `autoscaling/${version}`,
        kind: 'HorizontalPodAutoscaler',
        metadata: AT,
        spec: { scaleTargetRef, ...asked },
      }
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await client.patch<KubeObject>(kind, AT, 'apply', body, { fieldManager })
    }
    const after = await client.get(HORIZONTAL_POD_AUTOSCALERS, AT)
    expect(after.spec).toMatchObject(spec)
    expect(after.spec?.behavior !== undefined).toBe('behavior' in spec)
    const told = (after.metadata.managedFields ?? []).map(({ manager, apiVersion }) => `${manager} ${apiVersion}`)
    expect(told.sort()).toEqual(owners)
  })
})

test('a manager of the version /v1 is one of v1, and keeps its name', async () => {
  const { client } = await startServer()
  const at = { namespace: 'default', name: 'c' }
  await client.create(CONFIG_MAPS, { metadata: at, data: { a: '1' } })
  const owner = { manager: 'm', operation: 'Update' as const, apiVersion: '/v1', fieldsType: 'FieldsV1' as const }
  const managedFields = [{ ...owner, fieldsV1: { 'f:data': { 'f:a': {} } } }]
  await client.patch(CONFIG_MAPS, at, 'merge', { metadata: { managedFields }, data: { b: '1' } })
  const { metadata } = await client.get(CONFIG_MAPS, at)
  expect(metadata?.managedFields?.map(({ apiVersion }) => apiVersion)).toEqual(['/v1', 'v1'])
})
