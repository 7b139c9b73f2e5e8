import { describe, expect, test } from 'vitest'
import type { TokenRequest } from '../../../api/generated/authentication-v1.ts'
import type { Pod } from '../../../api/generated/core-v1.ts'
import type { Client } from '../../../client/client.ts'
import {
  CERTIFICATE_SIGNING_REQUESTS,
  CLUSTER_ROLES,
  CLUSTER_ROLE_BINDINGS,
  CSI_DRIVERS,
  LEASES,
  NODES,
  PERSISTENT_VOLUME_CLAIMS,
  PODS,
  SERVICE_ACCOUNTS,
} from '../../../client/resources.ts'
import { answerOf, aPod } from '../fixtures.ts'
import { startServer } from '../../fixtures.ts'

/** For `system:node:n`, by `openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj …`, as base64. */
const REQUEST_OF_N =
  'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIck1JR1JBZ0VBTUM4eEZUQVRCZ05WQkFvTURITjVjM1JsYlRwdWIyUmxjekVXTUJRR0ExVUVBd3dOYzNsegpkR1Z0T201dlpHVTZiakJaTUJNR0J5cUdTTTQ5QWdFR0NDcUdTTTQ5QXdFSEEwSUFCS0NJYUdueHk1WHc1YmsrCmduekpMRUN5OW1ZdnhQaVRRYk56Wkg2SHgreGdQclkrNVgwQkRjZTh2bnl3bnJXbEU1NlJlRENhbUx5RnhjR24KUGlabkkxR2dBREFLQmdncWhrak9QUVFEQWdOSkFEQkdBaUVBZ292OFloNjhYK2F5WVgwdC9rRjFSbFQ4cktyUgpRdTQzT2p4V3BXMVdMK01DSVFEZ1JtalRMaTk2aGVIZXBRalY1QlhCc3lpUkpmc3liUkd6RVJRdnlhM1I5dz09Ci0tLS0tRU5EIENFUlRJRklDQVRFIFJFUVVFU1QtLS0tLQo='

describe('NodeRestriction', () => {
  async function startWithNode() {
    const started = await startServer()
    const node = started.clientFor('system:node:n', ['system:nodes'])
    await started.client.create(NODES, { metadata: { name: 'n' } })
    await started.client.create(NODES, { metadata: { name: 'other' } })
    return { ...started, node }
  }
  const status = (name: string) => ({ namespace: 'default', name })

  test('lets a node change itself, but for taints and labels of administrators', async () => {
    const { node } = await startWithNode()
    const change = (name: string, body: object) => answerOf(node.patch(NODES, { name }, 'merge', body))
    expect(await change('n', { metadata: { labels: { a: 'b' } } })).toBe('allowed')
    expect(await change('other', { metadata: { labels: { a: 'b' } } })).toBe(
      'nodes "other" is forbidden: node "n" is not allowed to modify node "other"',
    )
    expect(await change('n', { spec: { taints: [] } })).toBe(
      'nodes "n" is forbidden: node "n" is not allowed to modify taints',
    )
    // Nobody judges whether that would be a valid change.
    expect(await change('n', { spec: { taints: [{ key: '', effect: 'Never' }] } })).toContain(
      'not allowed to modify taints',
    )
    expect(await change('n', { metadata: { labels: { 'node-restriction.kubernetes.io/x': 'y' } } })).toBe(
      'nodes "n" is forbidden: is not allowed to modify labels: node-restriction.kubernetes.io/x',
    )
  })

  test('lets a node write of its own Pods only', async () => {
    const { client, node } = await startWithNode()
    await client.create(PODS, aPod('mine', { nodeName: 'n' }))
    await client.create(PODS, aPod('theirs', { nodeName: 'other' }))
    const body = { status: { phase: 'Running' } }
    const report = (name: string) => answerOf(node.patch(PODS, status(name), 'merge', body, { subresource: 'status' }))
    expect(await report('mine')).toBe('allowed')
    expect(await report('theirs')).toBe(
      'pods "theirs" is forbidden: node "n" can only update pod status for pods with spec.nodeName set to itself',
    )
    expect(await answerOf(node.delete(PODS, status('theirs')))).toBe(
      'pods "theirs" is forbidden: node "n" can only delete pods with spec.nodeName set to itself',
    )
    expect(await answerOf(node.create(PODS, aPod('new', { nodeName: 'n' })))).toBe(
      'pods "new" is forbidden: pod does not have "kubernetes.io/config.mirror" annotation, node "n" can only create mirror pods',
    )
  })

  test('lets a node renew its own lease only', async () => {
    const { node } = await startWithNode()
    const lease = (name: string, namespace: string) =>
      answerOf(node.create(LEASES, { metadata: { name, namespace }, spec: {} }))
    expect(await lease('n', 'kube-node-lease')).toBe('allowed')
    expect(await lease('other', 'kube-node-lease')).toContain(
      'can only access node lease with the same name as the requesting node',
    )
    expect(await lease('n', 'default')).toContain('can only access leases in the "kube-node-lease" system namespace')
  })

  describe('tokens', () => {
    const projected = (audience: string) => ({
      name: 't',
      projected: { sources: [{ serviceAccountToken: { path: 't', audience } }] },
    })
    const cases: readonly { pod: Pod; audiences: string[]; want: string }[] = [
      { pod: aPod('named', { volumes: [projected('vault')] }), audiences: ['vault'], want: 'allowed' },
      {
        pod: aPod('unnamed', { volumes: [projected('vault')] }),
        audiences: ['other'],
        want: 'audience "other" not found in pod spec volume, system:node:n is not authorized to request tokens for this audience',
      },
      { pod: aPod('granted'), audiences: ['granted'], want: 'allowed' },
      { pod: aPod('two'), audiences: ['a', 'b'], want: 'node may only request 0 or 1 audiences' },
      {
        pod: aPod('driver', { volumes: [{ name: 'v', csi: { driver: 'd.example' } }] }),
        audiences: ['storage'],
        want: 'allowed',
      },
      {
        pod: aPod('claimed', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'none' } }] }),
        audiences: ['storage'],
        want: 'error validating audience "storage": persistentvolumeclaims "none" not found',
      },
    ]

    test('are for audiences that the Pod names, or that a role grants', async () => {
      const { client, node } = await startWithNode()
      await client.create(CSI_DRIVERS, {
        metadata: { name: 'd.example' },
        spec: { tokenRequests: [{ audience: 'storage' }] },
      })
      await client.create(CLUSTER_ROLES, {
        metadata: { name: 'audience' },
        rules: [{ apiGroups: [''], resources: ['granted'], verbs: ['request-serviceaccounts-token-audience'] }],
      })
      await client.create(CLUSTER_ROLE_BINDINGS, {
        metadata: { name: 'audience' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'audience' },
        subjects: [{ kind: 'Group', name: 'system:nodes', apiGroup: 'rbac.authorization.k8s.io' }],
      })
      for (const { pod, audiences, want } of cases) {
        const { metadata } = await client.create(PODS, { ...pod, spec: { ...pod.spec!, nodeName: 'n' } })
        const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name: metadata.name!, uid: metadata.uid! }
        const at = { namespace: 'default', name: 'default', subresource: 'token' }
        const told = await answerOf(
          node.createSubresource(SERVICE_ACCOUNTS, at, {
            apiVersion: 'authentication.k8s.io/v1',
            kind: 'TokenRequest',
            metadata: {},
            spec: { audiences, boundObjectRef },
          } as TokenRequest),
        )
        expect(told).toBe(want === 'allowed' ? want : `serviceaccounts "default" is forbidden: ${want}`)
      }
    })
  })

  test('lets a node report the size of its claims, and change nothing else of them', async () => {
    const { client, node } = await startWithNode()
    const spec = {
      accessModes: ['ReadWriteOnce' as const],
      resources: { requests: { storage: '1Gi' } },
      volumeName: 'v',
    }
    await client.create(PERSISTENT_VOLUME_CLAIMS, { metadata: { name: 'c', namespace: 'default' }, spec })
    const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }]
    await client.create(PODS, aPod('p', { nodeName: 'n', volumes }))
    const report = (body: object) =>
      answerOf(node.patch(PERSISTENT_VOLUME_CLAIMS, status('c'), 'merge', body, { subresource: 'status' }))
    expect(await report({ status: { capacity: { storage: '1Gi' } } })).toBe('allowed')
    expect(await report({ metadata: { labels: { a: 'b' } } })).toContain(
      'persistentvolumeclaims "c" is forbidden: node "n" is not allowed to update fields other than status.quantity and status.conditions: ',
    )
  })

  test('lets a node ask for certificates of its own name only', async () => {
    const { client, clientFor, node } = await startWithNode()
    const ask = (as: Client, name: string, signerName: string) =>
      answerOf(
        as.create(CERTIFICATE_SIGNING_REQUESTS, {
          metadata: { name },
          spec: { request: REQUEST_OF_N, signerName, usages: ['digital signature', 'client auth'] },
        }),
      )
    const other = clientFor('system:node:other', ['system:nodes'])
    const client509 = 'kubernetes.io/kube-apiserver-client-kubelet'
    expect(await ask(node, 'own', client509)).toBe('allowed')
    expect(await ask(other, 'theirs', client509)).toBe(
      'certificatesigningrequests.certificates.k8s.io "theirs" is forbidden: can only create a node CSR with CN=system:node:other',
    )
    expect(await ask(other, 'elsewhere', 'example.com/signer')).toBe('allowed')
    expect(await ask(client, 'admin', client509)).toBe('allowed')
  })
})
