import { describe, expect, test } from 'vitest'
import type { Client } from '../../client/client.ts'
import type { KubeObject } from '../../meta/types.ts'
import type { ResourceRef } from '../../client/resources.ts'
import { startServer } from '../fixtures.ts'

const made = async (
  client: Client,
  [group, version, resource, kind]: readonly string[],
  name: string,
  rest: object,
) => {
  const ref = {
    group,
    version,
    resource,
    kind,
    namespaced: resource === 'poddisruptionbudgets',
  } as ResourceRef<KubeObject>
  const namespace = resource === 'poddisruptionbudgets' ? { namespace: 'default' } : {}
  try {
    await client.create(ref, { metadata: { name, ...namespace }, ...rest } as KubeObject, { dryRun: true })
    return []
  } catch (error) {
    const { details } = (error as { status: { details: { causes: { field: string }[] } } }).status
    return details.causes.map(({ field }) => field)
  }
}

const BUDGET = ['policy', 'v1', 'poddisruptionbudgets', 'PodDisruptionBudget']
const DRIVER = ['storage.k8s.io', 'v1', 'csidrivers', 'CSIDriver']
const SERVICE = ['apiregistration.k8s.io', 'v1', 'apiservices', 'APIService']
const api = { spec: { group: 'a.io', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1 } }

describe('the name of a kind that judges it otherwise than most', () => {
  const cases: [kind: readonly string[], name: string, rest: object, faults: number][] = [
    [BUDGET, 'A_b:c', { spec: {} }, 0],
    [BUDGET, 'a'.repeat(254), { spec: {} }, 0],
    [BUDGET, 'a/b', { spec: {} }, 1],
    [DRIVER, 'a'.repeat(64), { spec: {} }, 0],
    [DRIVER, 'A_b', { spec: {} }, 1],
    [SERVICE, 'A_b', api, 1],
    [SERVICE, 'v1.a.io', api, 0],
  ]
  test.each(cases)('%s %s', async (kind, name, rest, faults) => {
    const { client } = await startServer()
    expect(await made(client, kind, name, rest)).toEqual(Array.from({ length: faults }, () => 'metadata.name'))
  })
})
