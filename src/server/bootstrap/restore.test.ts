import { describe, expect, test } from 'vitest'
import { catalog } from '../../api/catalog.ts'
import type { PolicyRule } from '../../api/generated/rbac-v1.ts'
import { silentLog } from '../../base/log.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { seededRandom } from '../../base/random.ts'
import { type Client, createClient } from '../../client/client.ts'
import { CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, ROLES } from '../../client/resources.ts'
import { MASTERS_GROUP, userOf } from '../../client/user.ts'
import { createMemoryStorage } from '../../storage/memory/memory-storage.ts'
import { createApiServer } from '../api-server.ts'
import { startServer } from '../fixtures.ts'
import { missingRules } from './restore.ts'

const rule = (groups: string, resources: string, verbs: string): PolicyRule => ({
  apiGroups: groups.split(' '),
  resources: resources.split(' '),
  verbs: verbs.split(' '),
})

describe('missingRules()', () => {
  const wanted = rule('apps', 'deployments deployments/scale', 'get list')
  const cases = [
    { when: 'there are none', has: [], isMissing: true },
    { when: 'it is there', has: [wanted], isMissing: false },
    { when: 'a verb lacks', has: [rule('apps', 'deployments deployments/scale', 'get')], isMissing: true },
    { when: 'the group is another', has: [rule('batch', '*', '*')], isMissing: true },
    { when: 'others together allow it', has: [rule('*', '*', 'get'), rule('apps', '*', 'list')], isMissing: false },
    { when: 'it is allowed for a name only', has: [{ ...wanted, resourceNames: ['web'] }], isMissing: true },
  ]
  for (const { when, has, isMissing } of cases) {
    test(`${isMissing ? 'tells' : 'does not tell'} a rule when ${when}`, () => {
      expect(missingRules([wanted], has)).toEqual(isMissing ? [wanted] : [])
    })
  }

  test('knows paths from resources', () => {
    const paths: PolicyRule = { nonResourceURLs: ['/healthz'], verbs: ['get'] }
    expect(missingRules([paths], [rule('', '/healthz', 'get')])).toEqual([])
    expect(missingRules([paths], [rule('', 'pods', 'get')])).toEqual([paths])
  })
})

describe('a server that starts again', () => {
  const storage = createMemoryStorage()
  async function start(body: (client: Client) => Promise<void>): Promise<void> {
    const deps = { storage, clock: new ManualClock(), random: seededRandom(1), log: silentLog, catalog }
    const server = await createApiServer(deps)
    await server.admitControllers()
    await body(createClient(server.transportFor(userOf('tester', [MASTERS_GROUP]))))
    server.close()
  }
  const own = rule('example.com', 'things', 'get')

  test('gives roles back what they lack, keeps what was added, and leaves those alone whose owner says so', async () => {
    const off = { annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'false' } }
    await start(async (client) => {
      await client.patch(CLUSTER_ROLES, { name: 'system:kube-scheduler' }, 'merge', { rules: [own] })
      await client.patch(CLUSTER_ROLES, { name: 'system:kube-aggregator' }, 'merge', { metadata: off, rules: [own] })
      const at = { namespace: 'kube-system', name: 'system:controller:token-cleaner' }
      await client.patch(ROLES, at, 'merge', { rules: [] })
      await client.patch(CLUSTER_ROLE_BINDINGS, { name: 'system:monitoring' }, 'merge', { subjects: [] })
    })
    await start(async (client) => {
      const scheduler = await client.get(CLUSTER_ROLES, { name: 'system:kube-scheduler' })
      expect(scheduler.rules?.[0]).toEqual(own)
      expect(scheduler.rules?.length).toBeGreaterThan(10)
      expect((await client.get(CLUSTER_ROLES, { name: 'system:kube-aggregator' })).rules).toEqual([own])
      const cleaner = await client.get(ROLES, { namespace: 'kube-system', name: 'system:controller:token-cleaner' })
      expect(cleaner.rules).toHaveLength(2)
      expect((await client.get(CLUSTER_ROLE_BINDINGS, { name: 'system:monitoring' })).subjects).toEqual([
        { apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:monitoring' },
      ])
    })
    await storage.close()
  })

  const toNodes = { subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:nodes' }] }
  const writers = [
    { who: 'an earlier server', name: 'system:apiserver', isKept: false },
    { who: 'anybody else', name: 'tester', isKept: true },
  ]
  for (const { who, name, isKept } of writers) {
    test(`${isKept ? 'leaves' : 'takes back'} what ${who} gave all nodes`, async () => {
      const stored = createMemoryStorage()
      const { server, clientFor } = await startServer({ storage: stored })
      await clientFor(name, [MASTERS_GROUP]).patch(CLUSTER_ROLE_BINDINGS, { name: 'system:node' }, 'merge', toNodes)
      server.close()
      const { client } = await startServer({ storage: stored })
      const { subjects = [] } = await client.get(CLUSTER_ROLE_BINDINGS, { name: 'system:node' })
      expect(subjects).toEqual(isKept ? toNodes.subjects : [])
    })
  }
})
