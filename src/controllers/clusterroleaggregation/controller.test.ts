import { describe, expect, test } from 'vitest'
import type { ClusterRole } from '../../api/generated/rbac-v1.ts'
import { gatherRules } from './controller.ts'

const role = (name: string, labels: Record<string, string>, resource: string): ClusterRole => ({
  metadata: { name, labels },
  rules: [{ apiGroups: [''], resources: [resource], verbs: ['get'] }],
})

describe('gatherRules()', () => {
  const gathering: ClusterRole = {
    metadata: { name: 'all', labels: { gather: 'yes' } },
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { gather: 'yes' } }] },
    rules: [],
  }

  test('takes the rules of the roles its selectors pick, in the order of their names, each once, never its own', () => {
    const roles = [
      gathering,
      role('b', { gather: 'yes' }, 'pods'),
      role('a', { gather: 'yes' }, 'services'),
      role('c', { gather: 'yes' }, 'pods'),
      role('d', { gather: 'no' }, 'secrets'),
    ]
    expect(gatherRules(gathering, roles).flatMap(({ resources }) => resources)).toEqual(['services', 'pods'])
  })
})
