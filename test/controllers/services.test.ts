import { describe, expect, test } from 'vitest'
import type { Pod, ServiceSpec } from '../../src/api/generated/core-v1.ts'
import { ENDPOINT_SLICES, ENDPOINTS, PODS, SERVICES } from '../../src/client/resources.ts'
import { running, type World, withWorld } from './world.ts'

async function addPod(world: World, name: string, ip: string, isReady = true): Promise<Pod> {
  const pod = await world.client.create(PODS, {
    metadata: { name, namespace: 'default', labels: { app: 'web' } },
    spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i', ports: [{ name: 'web', containerPort: 8080 }] }] },
  })
  const status = isReady ? running(world.clock.now()) : { phase: 'Running' as const }
  await world.report(pod, { ...status, podIP: ip, podIPs: [{ ip }] })
  return pod as Pod
}

async function addService(world: World, spec: Partial<ServiceSpec> = {}): Promise<void> {
  await world.client.create(SERVICES, {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      clusterIP: '10.96.0.10',
      ipFamilies: ['IPv4'],
      selector: { app: 'web' },
      ports: [
        { name: 'http', port: 80, targetPort: 'web', protocol: 'TCP' },
        { name: 'adm', port: 81, targetPort: 9000, protocol: 'TCP' },
      ],
      ...spec,
    },
  })
  await world.settle()
}

const AT = { namespace: 'default' }

describe('a Service', () => {
  test('has its ready Pods in Endpoints and in an EndpointSlice', () =>
    withWorld(async (world) => {
      await addPod(world, 'one', '10.244.0.5')
      await addPod(world, 'sick', '10.244.0.6', false)
      await addService(world)
      const endpoints = await world.find(ENDPOINTS, 'web')
      expect(endpoints?.subsets).toMatchObject([
        {
          addresses: [{ ip: '10.244.0.5', targetRef: { kind: 'Pod', name: 'one', namespace: 'default' } }],
          notReadyAddresses: [{ ip: '10.244.0.6' }],
          ports: [
            { name: 'adm', port: 9000, protocol: 'TCP' },
            { name: 'http', port: 8080, protocol: 'TCP' },
          ],
        },
      ])
      const [slice, ...others] = await world.list(ENDPOINT_SLICES)
      expect(others).toEqual([])
      expect(slice?.metadata.labels).toEqual({
        'kubernetes.io/service-name': 'web',
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
      })
      expect(slice?.endpoints).toMatchObject([
        { addresses: ['10.244.0.5'], conditions: { ready: true, serving: true, terminating: false }, nodeName: 'n1' },
        { addresses: ['10.244.0.6'], conditions: { ready: false, serving: false, terminating: false } },
      ])
    }))

  test('follows a label away and a selector after it', () =>
    withWorld(async (world) => {
      await addPod(world, 'one', '10.244.0.5')
      await addService(world)
      const at = { namespace: 'default', name: 'one' }
      await world.client.patch(PODS, at, 'merge', { metadata: { labels: { app: 'apart' } } })
      await world.settle()
      expect((await world.find(ENDPOINTS, 'web'))?.subsets).toBeUndefined()
      expect((await world.list(ENDPOINT_SLICES)).flatMap(({ endpoints }) => endpoints ?? [])).toEqual([])
      await world.client.patch(SERVICES, { namespace: 'default', name: 'web' }, 'merge', {
        spec: { selector: { app: 'apart' } },
      })
      await world.settle()
      expect((await world.find(ENDPOINTS, 'web'))?.subsets?.[0]?.addresses?.[0]?.ip).toBe('10.244.0.5')
      expect(await world.list(ENDPOINT_SLICES)).toHaveLength(1)
    }))

  test('publishes Pods that are not ready when asked to', () =>
    withWorld(async (world) => {
      await addPod(world, 'sick', '10.244.0.6', false)
      await addService(world, { publishNotReadyAddresses: true })
      expect((await world.find(ENDPOINTS, 'web'))?.subsets?.[0]?.notReadyAddresses).toBeUndefined()
      expect((await world.list(ENDPOINT_SLICES))[0]?.endpoints?.[0]?.conditions?.ready).toBe(true)
    }))

  test('spreads many Pods over slices of a hundred', () =>
    withWorld(async (world) => {
      for (let index = 0; index < 150; index++) await addPod(world, `p${index}`, `10.244.1.${index}`)
      await addService(world)
      const sizes = (await world.list(ENDPOINT_SLICES)).map(({ endpoints = [] }) => endpoints.length)
      expect(sizes.toSorted((a, b) => a - b)).toEqual([50, 100])
    }))

  test('deleted takes its Endpoints and slices along', () =>
    withWorld(async (world) => {
      await addPod(world, 'one', '10.244.0.5')
      await addService(world)
      await world.client.delete(SERVICES, { namespace: 'default', name: 'web' })
      await world.settle()
      expect([await world.list(ENDPOINTS), await world.list(ENDPOINT_SLICES)]).toEqual([[], []])
    }))

  test('without a selector has the Endpoints that people write mirrored', () =>
    withWorld(async (world) => {
      await world.client.create(SERVICES, {
        metadata: { name: 'outside', namespace: 'default' },
        spec: { ports: [{ port: 80 }] },
      })
      await world.client.create(ENDPOINTS, {
        metadata: { name: 'outside', namespace: 'default', annotations: { note: 'x' } },
        subsets: [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 8080, protocol: 'TCP' }] }],
      })
      await world.settle()
      const [slice] = await world.list(ENDPOINT_SLICES)
      expect(slice?.metadata.labels).toMatchObject({ 'kubernetes.io/service-name': 'outside' })
      expect(slice?.metadata.annotations).toEqual({ note: 'x' })
      expect(slice?.endpoints).toEqual([{ addresses: ['192.0.2.1'], conditions: { ready: true } }])
      await world.client.delete(ENDPOINTS, { namespace: 'default', name: 'outside' })
      await world.settle()
      expect(await world.list(ENDPOINT_SLICES)).toEqual([])
    }))

  test('groups addresses by the ports they offer, and lists Pods that offer none in a slice of their own', () =>
    withWorld(async (world) => {
      const { metadata } = await addPod(world, 'one', '10.244.0.5')
      const plain = await world.client.create(PODS, {
        metadata: { ...AT, name: 'plain', labels: metadata.labels ?? {} },
        spec: { containers: [{ name: 'c', image: 'i' }] },
      })
      const ip = '10.244.0.6'
      await world.report(plain, { ...running(world.clock.now()), podIP: ip, podIPs: [{ ip }] })
      await addService(world)
      const endpoints = await world.find(ENDPOINTS, 'web')
      const shown = (endpoints?.subsets ?? []).map(({ addresses, ports }) => [
        addresses?.map(({ ip }) => ip),
        ports?.map(({ name }) => name),
      ])
      expect(shown).toEqual([
        [['10.244.0.5', '10.244.0.6'], ['adm']],
        [['10.244.0.5'], ['http']],
      ])
      await world.client.patch(SERVICES, { ...AT, name: 'web' }, 'merge', {
        spec: { ports: [{ name: 'http', port: 80, targetPort: 'web' }] },
      })
      await world.settle()
      const slices = await world.list(ENDPOINT_SLICES)
      const ports = slices.map((slice) => `${slice.endpoints?.[0]?.addresses[0]}: ${(slice.ports ?? []).length}`)
      expect(ports.toSorted()).toEqual(['10.244.0.5: 1', '10.244.0.6: 0'])
    }))
})
