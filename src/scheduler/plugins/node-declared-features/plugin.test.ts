import { describe, expect, test } from 'vitest'
import type { ContainerRestartRule, PodSpec } from '../../../api/generated/core-v1.ts'
import { aCache, aNode, aPod, outcome, place } from '../../fixtures.ts'
import { nodeDeclaredFeatures } from './plugin.ts'

const on = (action: ContainerRestartRule['action'], code: number): ContainerRestartRule => ({
  action,
  exitCodes: { operator: 'In', values: [code] },
})
const container = (...restartPolicyRules: ContainerRestartRule[]) => ({ name: 'c', image: 'x', restartPolicyRules })
const plain = container()
const EXITS = 'RestartAllContainersOnContainerExits'
const HOST_USERS = 'UserNamespacesHostNetworkSupport'

const needs: readonly { readonly of: string; readonly spec: Partial<PodSpec>; readonly features: string[] }[] = [
  { of: 'an ordinary Pod', spec: { containers: [plain] }, features: [] },
  { of: 'a container with rules for itself', spec: { containers: [container(on('Restart', 1))] }, features: [] },
  {
    of: 'a container that restarts all',
    spec: { containers: [plain, container(on('Restart', 1), on('RestartAllContainers', 2))] },
    features: [EXITS],
  },
  {
    of: 'an init container that restarts all',
    spec: { containers: [plain], initContainers: [container(on('RestartAllContainers', 2))] },
    features: [EXITS],
  },
  { of: 'users of its own', spec: { containers: [plain], hostUsers: false }, features: [] },
  {
    of: 'users of its own in the host’s network',
    spec: { containers: [plain], hostNetwork: true, hostUsers: false },
    features: [HOST_USERS],
  },
]

describe('what a node has to declare', () => {
  for (const { of, spec, features } of needs)
    test(`for ${of}: ${features.join() || 'nothing'}`, () => {
      const pod = aPod('p', { spec })
      const placed = (declaredFeatures: string[]) =>
        outcome(place(aCache([aNode('a', { declaredFeatures })]), pod, [nodeDeclaredFeatures]))
      expect(placed(['Another', ...features])).toBe('a')
      const refused = { a: ["node(s) didn't match Pod's required features"] }
      expect(placed(['Another'])).toEqual(features.length === 0 ? 'a' : refused)
    })
})
