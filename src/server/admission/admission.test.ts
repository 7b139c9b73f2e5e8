import { describe, expect, test } from 'vitest'
import type { LimitRangeItem, Pod, PodSpec, ResourceRequirements } from '../../api/generated/core-v1.ts'
import {
  INGRESSES,
  INGRESS_CLASSES,
  LIMIT_RANGES,
  NODES,
  PERSISTENT_VOLUME_CLAIMS,
  PODS,
  PRIORITY_CLASSES,
  RUNTIME_CLASSES,
  STORAGE_CLASSES,
} from '../../client/resources.ts'
import { answerOf, aPod } from './fixtures.ts'
import { startServer } from '../fixtures.ts'

const withResources = (resources: ResourceRequirements): Pod =>
  aPod('p', { containers: [{ name: 'c', image: 'i', resources }] })

describe('LimitRanger', () => {
  async function startWith(...limits: LimitRangeItem[]) {
    const started = await startServer()
    await started.client.create(LIMIT_RANGES, { metadata: { name: 'l', namespace: 'default' }, spec: { limits } })
    return started
  }
  const DEFAULTS: LimitRangeItem = {
    type: 'Container',
    default: { cpu: '500m', memory: '256Mi' },
    defaultRequest: { cpu: '100m', memory: '256Mi' },
  }

  const fills: [what: string, has: ResourceRequirements, gets: ResourceRequirements][] = [
    ['nothing', {}, { limits: { cpu: '500m', memory: '256Mi' }, requests: { cpu: '100m', memory: '256Mi' } }],
    [
      'a limit, which is its request too',
      { limits: { cpu: '200m' } },
      { limits: { cpu: '200m', memory: '256Mi' }, requests: { cpu: '200m', memory: '256Mi' } },
    ],
    [
      'requests',
      { requests: { cpu: '50m', memory: '64Mi' } },
      { limits: { cpu: '500m', memory: '256Mi' }, requests: { cpu: '50m', memory: '64Mi' } },
    ],
  ]
  for (const [what, has, gets] of fills) {
    test(`fills in what a container with ${what} leaves open`, async () => {
      const { client } = await startWith(DEFAULTS)
      const made = await client.create(PODS, withResources(has))
      expect(made.spec?.containers?.[0]?.resources).toEqual(gets)
    })
  }

  test('tells what it filled in', async () => {
    const { client } = await startWith(DEFAULTS)
    const made = await client.create(PODS, aPod('p'))
    expect(made.metadata.annotations).toEqual({
      'kubernetes.io/limit-ranger':
        'LimitRanger plugin set: cpu, memory request for container c; cpu, memory limit for container c',
    })
  })

  test('adds what it gives containers to what the Pod asks for as a whole', async () => {
    const { client } = await startWith({ type: 'Container', defaultRequest: { memory: '1Gi' } })
    const created = await client.create(PODS, {
      metadata: { name: 'p', namespace: 'default' },
      spec: { containers: [{ name: 'c', image: 'i' }], resources: { limits: { cpu: '3' } } },
    })
    expect(created.spec?.resources).toEqual({ limits: { cpu: '3' }, requests: { cpu: '3', memory: '1Gi' } })
  })

  test('lets a claim go that is smaller than it may be by now', async () => {
    const { client } = await startServer()
    const metadata = { name: 'c', namespace: 'default', finalizers: ['example.com/keep'] }
    const resources = { requests: { storage: '1Gi' } }
    const made = await client.create(PERSISTENT_VOLUME_CLAIMS, {
      metadata,
      spec: { accessModes: ['ReadWriteOnce'], resources },
    })
    const limits = [{ type: 'PersistentVolumeClaim', min: { storage: '5Gi' } }]
    await client.create(LIMIT_RANGES, { metadata: { name: 'l', namespace: 'default' }, spec: { limits } })
    const released = { ...made, metadata: { ...metadata, finalizers: [] } }
    expect(await answerOf(client.update(PERSISTENT_VOLUME_CLAIMS, released))).toContain('minimum storage usage')
    await client.delete(PERSISTENT_VOLUME_CLAIMS, metadata)
    await client.update(PERSISTENT_VOLUME_CLAIMS, released)
    expect((await client.list(PERSISTENT_VOLUME_CLAIMS, { namespace: 'default' })).items).toEqual([])
  })

  const container = (fields: Partial<LimitRangeItem>): LimitRangeItem => ({ type: 'Container', ...fields })
  const bounds: [item: LimitRangeItem, has: ResourceRequirements, why: string][] = [
    [{ type: 'Pod', max: { cpu: '1' } }, { limits: { cpu: '3' } }, 'maximum cpu usage per Pod is 1, but limit is 3'],
    [{ type: 'Pod', max: { cpu: '1' } }, {}, 'maximum cpu usage per Pod is 1.  No limit is specified'],
    [
      container({ min: { cpu: '1' } }),
      { requests: { cpu: '100m' } },
      'minimum cpu usage per Container is 1, but request is 100m',
    ],
    [{ type: 'Pod', min: { cpu: '1' } }, {}, 'minimum cpu usage per Pod is 1.  No request is specified'],
    [
      container({ maxLimitRequestRatio: { cpu: '2' } }),
      { requests: { cpu: '1' }, limits: { cpu: '3' } },
      'cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000',
    ],
    [
      container({ maxLimitRequestRatio: { cpu: '2' } }),
      { requests: { cpu: '1' } },
      'cpu max limit to request ratio per Container is 2, but no limit is specified or limit is 0',
    ],
  ]
  for (const [item, has, why] of bounds) {
    test(`refuses: ${why}`, async () => {
      const { client } = await startWith(item)
      expect(await answerOf(client.create(PODS, withResources(has)))).toBe(`pods "p" is forbidden: ${why}`)
    })
  }

  test('bounds claims', async () => {
    const { client } = await startWith({
      type: 'PersistentVolumeClaim',
      max: { storage: '2Gi' },
      min: { storage: '1Gi' },
    })
    const claim = {
      metadata: { name: 'c', namespace: 'default' },
      spec: { accessModes: ['ReadWriteOnce' as const], resources: { requests: { storage: '3Gi' } } },
    }
    expect(await answerOf(client.create(PERSISTENT_VOLUME_CLAIMS, claim))).toBe(
      'persistentvolumeclaims "c" is forbidden: maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi',
    )
  })
})

describe('Priority', () => {
  const high = { metadata: { name: 'high' }, value: 1234 }

  test('gives Pods the value of their class', async () => {
    const { client } = await startServer()
    await client.create(PRIORITY_CLASSES, high)
    const { spec } = await client.create(PODS, aPod('p', { priorityClassName: 'high' }))
    expect(spec).toMatchObject({ priority: 1234, priorityClassName: 'high', preemptionPolicy: 'PreemptLowerPriority' })
  })

  test('gives Pods without a class the default one, or zero', async () => {
    const { client } = await startServer()
    expect((await client.create(PODS, aPod('zero'))).spec).toMatchObject({ priority: 0 })
    await client.create(PRIORITY_CLASSES, { ...high, globalDefault: true, preemptionPolicy: 'Never' })
    const { spec } = await client.create(PODS, aPod('p'))
    expect(spec).toMatchObject({ priority: 1234, priorityClassName: 'high', preemptionPolicy: 'Never' })
  })

  const refused: [spec: Partial<PodSpec>, why: string][] = [
    [{ priorityClassName: 'no-such-class' }, 'no PriorityClass with name no-such-class was found'],
    [
      { priority: 5 },
      'the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name',
    ],
    [
      { preemptionPolicy: 'Never' },
      'the string value of PreemptionPolicy (Never) must not be provided in pod spec; priority admission controller computed PreemptLowerPriority from the given PriorityClass name',
    ],
  ]
  for (const [spec, why] of refused) {
    test(`refuses: ${why}`, async () => {
      const { client } = await startServer()
      expect(await answerOf(client.create(PODS, aPod('p', spec)))).toBe(`pods "p" is forbidden: ${why}`)
    })
  }

  test('allows one default class', async () => {
    const { client } = await startServer()
    await client.create(PRIORITY_CLASSES, { ...high, globalDefault: true })
    const second = { metadata: { name: 'low' }, value: 1, globalDefault: true }
    expect(await answerOf(client.create(PRIORITY_CLASSES, second))).toBe(
      'priorityclasses.scheduling.k8s.io "low" is forbidden: PriorityClass high is already marked as default. Only one default can exist',
    )
  })
})

describe('DefaultTolerationSeconds', () => {
  const added = (key: string) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 })
  const NOT_READY = added('node.kubernetes.io/not-ready')
  const UNREACHABLE = added('node.kubernetes.io/unreachable')

  test('lets Pods stay five minutes', async () => {
    const { client } = await startServer()
    expect((await client.create(PODS, aPod('p'))).spec?.tolerations).toEqual([NOT_READY, UNREACHABLE])
  })

  test('leaves Pods that say what they want', async () => {
    const { client } = await startServer()
    const own = { key: 'node.kubernetes.io/not-ready', operator: 'Exists' as const, effect: 'NoExecute' as const }
    expect((await client.create(PODS, aPod('p', { tolerations: [own] }))).spec?.tolerations).toEqual([own, UNREACHABLE])
    const other = { ...own, effect: 'NoSchedule' as const }
    expect((await client.create(PODS, aPod('r', { tolerations: [other] }))).spec?.tolerations).toEqual([
      other,
      NOT_READY,
      UNREACHABLE,
    ])
    const all = { operator: 'Exists' as const }
    expect((await client.create(PODS, aPod('q', { tolerations: [all] }))).spec?.tolerations).toEqual([all])
  })
})

describe('RuntimeClass', () => {
  const gvisor = {
    metadata: { name: 'gvisor' },
    handler: 'runsc',
    overhead: { podFixed: { cpu: '250m' } },
    scheduling: { nodeSelector: { sandbox: 'yes' }, tolerations: [{ key: 'sandbox', operator: 'Exists' as const }] },
  }

  test('adds overhead, selector and tolerations', async () => {
    const { client } = await startServer()
    await client.create(RUNTIME_CLASSES, gvisor)
    const { spec } = await client.create(PODS, aPod('p', { runtimeClassName: 'gvisor' }))
    expect(spec).toMatchObject({ overhead: { cpu: '250m' }, nodeSelector: { sandbox: 'yes' } })
    expect(spec?.tolerations?.map(({ key }) => key)).toContain('sandbox')
  })

  const refused: [spec: Partial<PodSpec>, why: string][] = [
    [{ runtimeClassName: 'nope' }, 'pod rejected: RuntimeClass "nope" not found'],
    [{ runtimeClassName: 'a\nb' }, 'pod rejected: RuntimeClass "a\\nb" not found'],
    [
      { runtimeClassName: 'gvisor', overhead: { cpu: '1' } },
      "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
    ],
    [
      { runtimeClassName: 'gvisor', nodeSelector: { sandbox: 'no' } },
      'conflict: runtimeClass.scheduling.nodeSelector[sandbox] = yes; pod.spec.nodeSelector[sandbox] = no',
    ],
    [{ overhead: { cpu: '1' } }, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead'],
  ]
  for (const [spec, why] of refused) {
    test(`refuses: ${why}`, async () => {
      const { client } = await startServer()
      await client.create(RUNTIME_CLASSES, gvisor)
      expect(await answerOf(client.create(PODS, aPod('p', spec)))).toBe(`pods "p" is forbidden: ${why}`)
    })
  }
})

describe('default classes', () => {
  const claim = (storageClassName?: string) => ({
    metadata: { name: 'c', namespace: 'default' },
    spec: {
      accessModes: ['ReadWriteOnce' as const],
      resources: { requests: { storage: '1Gi' } },
      ...(storageClassName === undefined ? {} : { storageClassName }),
    },
  })
  const storageClass = (name: string, isDefault: boolean) => ({
    metadata: { name, annotations: { 'storageclass.kubernetes.io/is-default-class': String(isDefault) } },
    provisioner: 'example.com/x',
  })

  test('a claim that names no class gets the newest default', async () => {
    const { client, clock } = await startServer()
    await client.create(STORAGE_CLASSES, storageClass('old', true))
    await clock.advance(5_000)
    await client.create(STORAGE_CLASSES, storageClass('new', true))
    await client.create(STORAGE_CLASSES, storageClass('none', false))
    expect((await client.create(PERSISTENT_VOLUME_CLAIMS, claim())).spec?.storageClassName).toBe('new')
  })

  test('a claim that names the empty class keeps it', async () => {
    const { client } = await startServer()
    await client.create(STORAGE_CLASSES, storageClass('old', true))
    expect((await client.create(PERSISTENT_VOLUME_CLAIMS, claim(''))).spec?.storageClassName).toBe('')
  })

  test('an Ingress that names no class gets the default', async () => {
    const { client } = await startServer()
    await client.create(INGRESS_CLASSES, {
      metadata: { name: 'web', annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
      spec: { controller: 'example.com/web' },
    })
    const made = await client.create(INGRESSES, {
      metadata: { name: 'i', namespace: 'default' },
      spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } } },
    })
    expect(made.spec?.ingressClassName).toBe('web')
  })
})

describe('nodes', () => {
  test('take no Pods until they are ready', async () => {
    const { client } = await startServer()
    const made = await client.create(NODES, { metadata: { name: 'n' } })
    expect(made.spec?.taints).toEqual([{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }])
  })

  test('tell Pods the zone they are in', async () => {
    const { client } = await startServer()
    const zone = { 'topology.kubernetes.io/zone': 'z', 'topology.kubernetes.io/region': 'r' }
    await client.create(NODES, { metadata: { name: 'n', labels: { ...zone, other: 'x' } } })
    const made = await client.create(PODS, aPod('p', { nodeName: 'n' }))
    expect(made.metadata.labels).toEqual(zone)
  })
})
