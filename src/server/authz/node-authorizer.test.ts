import { describe, expect, test } from 'vitest'
import {
  CONFIG_MAPS,
  LEASES,
  NODES,
  PERSISTENT_VOLUMES,
  PODS,
  SECRETS,
  SELF_SUBJECT_ACCESS_REVIEWS,
} from '../../client/resources.ts'
import type { PodSpec } from '../../api/generated/core-v1.ts'
import { answerOf, aPod } from '../admission/fixtures.ts'
import { startServer } from '../fixtures.ts'

/** A server with two nodes; what is asked is asked by the node `n`. */
async function startWithNodes() {
  const { client, clientFor } = await startServer()
  for (const name of ['n', 'other']) {
    // oxlint-disable-next-line no-await-in-loop
    await client.create(NODES, { metadata: { name } })
  }
  const node = clientFor('system:node:n', ['system:nodes'])
  const bind = (nodeName: string, spec: Partial<PodSpec>) =>
    client.create(PODS, aPod(`on-${nodeName}`, { nodeName, ...spec }))
  return { client, node, bind }
}

/** Whether it was let in, and why not. What is let in and not there counts as let in. */
async function verdict(request: Promise<unknown>): Promise<string> {
  const answer = await answerOf(request)
  return /^\S+ "\S+" not found$/.test(answer)
    ? 'allowed'
    : answer.replace(/^.* (at the cluster scope|in the namespace "\S+"): /, '')
}

const at = (name: string) => ({ namespace: 'default', name })
const NOT_RELATED = "no relationship found between node 'n' and this object"

describe('a node', () => {
  const volumes: NonNullable<PodSpec['volumes']> = [
    { name: 's', secret: { secretName: 'secret' } },
    { name: 'm', configMap: { name: 'map' } },
    { name: 'c', persistentVolumeClaim: { claimName: 'claim' } },
  ]

  test('reads the Secrets and ConfigMaps that its Pods name, as long as they do', async () => {
    const { client, node, bind } = await startWithNodes()
    expect(await verdict(node.get(SECRETS, at('secret')))).toBe(NOT_RELATED)
    await bind('n', { volumes })
    expect(await verdict(node.get(SECRETS, at('secret')))).toBe('allowed')
    expect(await verdict(node.get(CONFIG_MAPS, at('map')))).toBe('allowed')
    expect(await verdict(node.get(SECRETS, { namespace: 'kube-system', name: 'secret' }))).toBe(NOT_RELATED)
    await client.delete(PODS, at('on-n'), { gracePeriodSeconds: 0 })
    expect(await verdict(node.get(SECRETS, at('secret')))).toBe(NOT_RELATED)
  })

  test('reads what is added to its Pods later', async () => {
    const { client, node, bind } = await startWithNodes()
    await bind('n', { volumes })
    expect(await verdict(node.get(SECRETS, at('late')))).toBe(NOT_RELATED)
    const env = [{ name: 'E', valueFrom: { secretKeyRef: { name: 'late', key: 'k' } } }]
    const ephemeralContainers = [{ name: 'e', image: 'i', env }]
    const part = { subresource: 'ephemeralcontainers' }
    await client.patch(PODS, at('on-n'), 'strategic', { spec: { ephemeralContainers } }, part)
    expect(await verdict(node.get(SECRETS, at('late')))).toBe('allowed')
  })

  test('reads nothing that only Pods of other nodes name', async () => {
    const { node, bind } = await startWithNodes()
    await bind('other', { volumes })
    expect(await verdict(node.get(SECRETS, at('secret')))).toBe(NOT_RELATED)
    expect(await verdict(node.get(PODS, at('on-other')))).toBe(NOT_RELATED)
  })

  test('reads the volume of a claim of its Pods, and the Secret that mounts it', async () => {
    const { client, node, bind } = await startWithNodes()
    await bind('n', { volumes })
    const ref = (claim: string) => ({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      namespace: 'default',
      name: claim,
    })
    const csi = (name: string) => ({
      driver: 'd',
      volumeHandle: 'h',
      nodeStageSecretRef: { name, namespace: 'default' },
    })
    const make = (name: string, claim: string) =>
      client.create(PERSISTENT_VOLUMES, {
        metadata: { name },
        spec: {
          capacity: { storage: '1Gi' },
          accessModes: ['ReadWriteOnce'],
          claimRef: ref(claim),
          csi: csi(`of-${name}`),
        },
      })
    await make('mine', 'claim')
    await make('theirs', 'another')
    expect(await verdict(node.get(PERSISTENT_VOLUMES, { name: 'mine' }))).toBe('allowed')
    expect(await verdict(node.get(PERSISTENT_VOLUMES, { name: 'theirs' }))).toBe(NOT_RELATED)
    expect(await verdict(node.get(SECRETS, at('of-mine')))).toBe('allowed')
    expect(await verdict(node.get(SECRETS, at('of-theirs')))).toBe(NOT_RELATED)
  })

  test('lists what is its own only', async () => {
    const { node } = await startWithNodes()
    expect(await verdict(node.list(PODS, { fieldSelector: 'spec.nodeName=n' }))).toBe('allowed')
    expect(await verdict(node.list(PODS, { fieldSelector: 'spec.nodeName=other' }))).toBe(
      'can only list/watch pods with spec.nodeName field selector',
    )
    expect(await verdict(node.list(NODES, { fieldSelector: 'metadata.name=n' }))).toBe('allowed')
    expect(await verdict(node.list(NODES))).toBe("node 'n' cannot read all nodes, only its own Node object")
    expect(await verdict(node.get(NODES, { name: 'other' }))).toBe(
      "node 'n' cannot read 'other', only its own Node object",
    )
    expect(await verdict(node.list(SECRETS))).toBe('can only read namespaced object of this type')
    expect(await verdict(node.list(SECRETS, { namespace: 'default' }))).toBe('No Object name found')
    expect(await verdict(node.get(LEASES, { namespace: 'kube-node-lease', name: 'other' }))).toBe(
      'can only access node lease with the same name as the requesting node',
    )
  })

  test('is told why in a review', async () => {
    const { node } = await startWithNodes()
    const resourceAttributes = { verb: 'get', resource: 'secrets', namespace: 'default', name: 's' }
    const review = await node.create(SELF_SUBJECT_ACCESS_REVIEWS, { metadata: {}, spec: { resourceAttributes } })
    expect(review.status).toMatchObject({ allowed: false, reason: NOT_RELATED })
    const list = (value: string) => {
      const fieldSelector = { requirements: [{ key: 'spec.nodeName', operator: 'In', values: [value] }] }
      const spec = { resourceAttributes: { verb: 'list', resource: 'pods', fieldSelector } }
      return node.create(SELF_SUBJECT_ACCESS_REVIEWS, { metadata: {}, spec })
    }
    expect((await list('n')).status?.allowed).toBe(true)
    expect((await list('other')).status?.allowed).toBe(false)
  })
})
