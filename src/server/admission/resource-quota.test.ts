import { describe, expect, test } from 'vitest'
import type { Pod, ResourceQuotaSpec, Service, ServiceSpec } from '../../api/generated/core-v1.ts'
import {
  DEVICE_CLASSES,
  LEASES,
  PERSISTENT_VOLUME_CLAIMS,
  PODS,
  RESOURCE_CLAIMS,
  RESOURCE_QUOTAS,
  SERVICES,
} from '../../client/resources.ts'
import { answerOf, aPod } from './fixtures.ts'
import { startServer } from '../fixtures.ts'

async function startWith(
  hard: Record<string, string>,
  used: Record<string, string> = {},
  spec: Partial<ResourceQuotaSpec> = {},
) {
  const started = await startServer()
  const metadata = { name: 'q', namespace: 'default' }
  const quota = await started.client.create(RESOURCE_QUOTAS, { metadata, spec: { hard, ...spec } })
  const none = Object.fromEntries(Object.keys(hard).map((name) => [name, '0']))
  await started.client.updateStatus(RESOURCE_QUOTAS, {
    ...structuredClone(quota as typeof quota & { spec: ResourceQuotaSpec }),
    status: { hard, used: { ...none, ...used } },
  } as never)
  const usedNow = async () => (await started.client.get(RESOURCE_QUOTAS, metadata)).status?.used
  return { ...started, used: usedNow }
}

const service = (name: string, spec: Partial<ServiceSpec> = {}): Service => ({
  metadata: { name, namespace: 'default' },
  spec: { ports: [{ port: 80 }], ...spec },
})

const asking = (requests: Record<string, string>): Pod =>
  aPod('p', { containers: [{ name: 'c', image: 'i', resources: { requests } }] })

describe('quotas', () => {
  test('count what is made, and refuse what is too much', async () => {
    const { client, used } = await startWith({ services: '1', 'services.nodeports': '0' })
    await client.create(SERVICES, service('a'))
    expect(await used()).toEqual({ services: '1', 'services.nodeports': '0' })
    expect(await answerOf(client.create(SERVICES, service('b')))).toBe(
      'services "b" is forbidden: exceeded quota: q, requested: services=1, used: services=1, limited: services=1',
    )
    expect(await used()).toEqual({ services: '1', 'services.nodeports': '0' })
  })

  test('refuse an update that asks for more', async () => {
    const { client } = await startWith({ services: '1', 'services.nodeports': '0' })
    await client.create(SERVICES, service('a'))
    const change = client.patch(SERVICES, { namespace: 'default', name: 'a' }, 'merge', { spec: { type: 'NodePort' } })
    expect(await answerOf(change)).toBe(
      'services "a" is forbidden: exceeded quota: q, requested: services.nodeports=1, used: services.nodeports=0, limited: services.nodeports=0',
    )
  })

  test('note an update that asks for less, whatever is used', async () => {
    const { client, used } = await startWith({ 'services.nodeports': '3' })
    await client.create(SERVICES, service('a', { type: 'NodePort' }))
    expect(await used()).toEqual({ 'services.nodeports': '1' })
    await client.patch(SERVICES, { namespace: 'default', name: 'a' }, 'merge', { spec: { type: 'ClusterIP' } })
    expect(await used()).toEqual({ 'services.nodeports': '0' })
  })

  test('let exactly as many writes at once through as there is room for', async () => {
    const { client, used } = await startWith({ services: '5' })
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => answerOf(client.create(SERVICES, service(`s-${n}`)))),
    )
    expect(answers.filter((answer) => answer === 'allowed')).toHaveLength(5)
    expect(
      (await client.list(SERVICES, { namespace: 'default' })).items.filter(({ metadata }) =>
        metadata.name?.startsWith('s-'),
      ),
    ).toHaveLength(5)
    expect(await used()).toEqual({ services: '5' })
  })

  test('are not charged by a write that fails or only pretends', async () => {
    const { client, used } = await startWith({ services: '5' })
    await client.create(SERVICES, service('a'))
    expect(await answerOf(client.create(SERVICES, service('a')))).toContain('already exists')
    await client.create(SERVICES, service('b'), { dryRun: true })
    expect(await used()).toEqual({ services: '1' })
  })

  test('speak of amounts as they were written', async () => {
    const { client } = await startWith({ 'count/leases.coordination.k8s.io': '1', 'requests.storage': '2Gi' })
    const claim = (name: string, storage: string) => ({
      metadata: { name, namespace: 'default' },
      spec: { accessModes: ['ReadWriteOnce' as const], storageClassName: 'none', resources: { requests: { storage } } },
    })
    await client.create(PERSISTENT_VOLUME_CLAIMS, claim('c', '1536Mi'))
    expect(await answerOf(client.create(PERSISTENT_VOLUME_CLAIMS, claim('d', '1Gi')))).toBe(
      'persistentvolumeclaims "d" is forbidden: exceeded quota: q, requested: requests.storage=1Gi, used: requests.storage=1536Mi, limited: requests.storage=2Gi',
    )
    await client.create(LEASES, { metadata: { name: 'one', namespace: 'default' } })
    expect(await answerOf(client.create(LEASES, { metadata: { name: 'two', namespace: 'default' } }))).toBe(
      'leases.coordination.k8s.io "two" is forbidden: exceeded quota: q, requested: count/leases.coordination.k8s.io=1, used: count/leases.coordination.k8s.io=1, limited: count/leases.coordination.k8s.io=1',
    )
  })

  test('want Pods to say what they need', async () => {
    const { client, used } = await startWith({ 'requests.cpu': '1', 'limits.memory': '64Mi' })
    expect(await answerOf(client.create(PODS, aPod('none')))).toBe(
      'pods "none" is forbidden: failed quota: q: must specify limits.memory for: c; requests.cpu for: c',
    )
    const pod = aPod('fits', {
      containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '10m' }, limits: { memory: '16Mi' } } }],
    })
    await client.create(PODS, pod)
    expect(await used()).toEqual({ 'requests.cpu': '10m', 'limits.memory': '16Mi' })
  })

  test('say so when nobody has counted yet', async () => {
    const started = await startServer()
    const metadata = { name: 'q', namespace: 'default' }
    const quota = await started.client.create(RESOURCE_QUOTAS, { metadata, spec: { hard: { services: '1' } } })
    expect(await answerOf(started.client.create(SERVICES, service('a')))).toBe('allowed')
    await started.client.updateStatus(RESOURCE_QUOTAS, {
      ...(quota as object),
      status: { hard: { services: '1' } },
    } as never)
    expect(await answerOf(started.client.create(SERVICES, service('b')))).toBe(
      'services "b" is forbidden: status unknown for quota: q, resources: services',
    )
  })

  const scopes: [what: string, spec: Partial<ResourceQuotaSpec>, pod: Pod, answer: string][] = [
    ['BestEffort picks Pods without requests', { scopes: ['BestEffort'] }, aPod('p'), 'exceeded'],
    ['BestEffort leaves others', { scopes: ['BestEffort'] }, asking({ cpu: '1' }), 'allowed'],
    [
      'Terminating picks Pods with a deadline',
      { scopes: ['Terminating'] },
      aPod('p', { activeDeadlineSeconds: 5 }),
      'exceeded',
    ],
    ['Terminating leaves others', { scopes: ['Terminating'] }, aPod('p'), 'allowed'],
  ]
  for (const [what, spec, pod, answer] of scopes) {
    test(`have scopes: ${what}`, async () => {
      const { client } = await startWith({ pods: '0' }, {}, spec)
      expect(await answerOf(client.create(PODS, pod))).toContain(answer)
    })
  }

  test('charge for a Pod that comes into their scope', async () => {
    const { client, used } = await startWith({ pods: '1' }, {}, { scopes: ['Terminating'] })
    const pod = await client.create(PODS, aPod('p'))
    expect(await used()).toEqual({ pods: '0' })
    const ending = (name: string) => aPod(name, { activeDeadlineSeconds: 5 })
    await client.update(PODS, { ...pod, spec: { ...pod.spec!, activeDeadlineSeconds: 5 } } as Pod)
    expect(await used()).toEqual({ pods: '1' })
    expect(await answerOf(client.create(PODS, ending('q')))).toContain('exceeded quota: q, requested: pods=1')
  })
})

test('a claim for a Pod that asks for devices as a resource takes what the Pod has not taken', async () => {
  const byClass = 'requests.deviceclass.resource.kubernetes.io/gpu'
  const { client, used } = await startWith({ [byClass]: '2', 'requests.example.com/gpu': '2' })
  await client.create(DEVICE_CLASSES, { metadata: { name: 'gpu' }, spec: { extendedResourceName: 'example.com/gpu' } })
  const gpus = { 'example.com/gpu': '2' }
  const containers = [{ name: 'c', image: 'i', resources: { requests: gpus, limits: gpus } }]
  const pod = await client.create(PODS, aPod('p', { containers }))
  expect(await used()).toEqual({ [byClass]: '0', 'requests.example.com/gpu': '2' })
  const { name = '', uid = '' } = pod.metadata
  const exactly = { deviceClassName: 'gpu', allocationMode: 'ExactCount' as const, count: 2 }
  const claim = (claimName: string) => ({
    metadata: {
      name: claimName,
      namespace: 'default',
      annotations: { 'resource.kubernetes.io/extended-resource-claim': 'true' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name, uid, controller: true }],
    },
    spec: { devices: { requests: [{ name: 'r', exactly }] } },
  })
  await client.create(RESOURCE_CLAIMS, claim('first'))
  expect(await used()).toEqual({ [byClass]: '2', 'requests.example.com/gpu': '2' })
  expect(await answerOf(client.create(RESOURCE_CLAIMS, claim('second')))).toContain(
    `exceeded quota: q, requested: ${byClass}=2,requests.example.com/gpu=2, used: ${byClass}=2,requests.example.com/gpu=2`,
  )
})
