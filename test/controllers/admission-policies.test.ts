import { expect, test } from 'vitest'
import { VALIDATING_ADMISSION_POLICIES } from '../../src/client/resources.ts'
import { withWorld } from './world.ts'

test('a validating admission policy tells in its status what its expressions cannot mean, as often as it changes', () =>
  withWorld(async (world) => {
    const { client } = world
    const rule = {
      apiGroups: ['apps'],
      apiVersions: ['v1'],
      operations: ['CREATE' as const],
      resources: ['deployments'],
    }
    await client.create(VALIDATING_ADMISSION_POLICIES, {
      metadata: { name: 'p' },
      spec: {
        matchConstraints: { resourceRules: [rule] },
        validations: [{ expression: 'object.spec.replicas > "1"' }],
      },
    })
    await world.settle()
    const before = await world.find(VALIDATING_ADMISSION_POLICIES, 'p')
    expect(before?.status?.observedGeneration).toBe(1)
    expect(before?.status?.typeChecking?.expressionWarnings).toEqual([
      {
        fieldRef: 'spec.validations[0].expression',
        warning: expect.stringContaining(
          "apps/v1, Kind=Deployment: ERROR: <input>:1:22: found no matching overload for '_>_' applied to '(int, string)'",
        ) as string,
      },
    ])
    const body = { spec: { validations: [{ expression: 'object.spec.replicas > 1' }] } }
    await client.patch(VALIDATING_ADMISSION_POLICIES, { name: 'p' }, 'merge', body)
    await world.settle()
    const after = await world.find(VALIDATING_ADMISSION_POLICIES, 'p')
    expect(after?.status?.observedGeneration).toBe(2)
    expect(after?.status?.typeChecking?.expressionWarnings).toBeUndefined()
  }))
