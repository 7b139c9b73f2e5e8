import { describe, expect, test } from 'vitest'

import { ManualClock } from '../../base/manual-clock.ts'
import { seededRandom } from '../../base/random.ts'
import { createClient } from '../../client/client.ts'
import { FakeApi } from '../../client/fake-api.ts'
import { PODS } from '../../client/resources.ts'
import { measuredTransport } from '../../client/measured-transport.ts'
import { featureFamily } from '../metrics/feature-metrics.ts'
import { KubeletMetrics } from '../metrics/kubelet-metrics.ts'
import { measuredImages, measuredRuntime } from '../metrics/measured.ts'
import { metricsText } from '../../base/metrics/text.ts'
import { simulatedNode } from '../simulated-node.ts'
import type { CountedPod } from './kubelet-api.ts'
import { podFamilies } from './pod-metrics.ts'
import { volumeFamilies } from './volume-metrics.ts'

const linesOf = (families: Parameters<typeof metricsText>[0]) => metricsText(families).split('\n')

const aPod = (name: string, more: Partial<CountedPod> = {}, annotations: Readonly<Record<string, string>> = {}) => ({
  pod: {
    metadata: { name, namespace: 'default', uid: name, annotations },
    spec: {
      containers: [],
      volumes: [
        { name: 'cache', emptyDir: {} },
        { name: 'key', secret: { secretName: 'key' } },
      ],
    },
  },
  phase: 'syncing' as const,
  isRejected: false,
  made: new Map(),
  ...more,
})

describe('/metrics of the kubelet', () => {
  test('counts and times every call of the runtime, and those that failed', async () => {
    const clock = new ManualClock()
    const metrics = new KubeletMetrics()
    const node = simulatedNode({ clock, random: seededRandom(1), podCidr: '10.244.1.0/24' })
    const runtime = measuredRuntime(node.runtime, metrics, clock)
    const { signal } = new AbortController()
    await runtime.listContainers({}, signal)
    await runtime.listContainers({}, signal)
    await expect(runtime.startContainer('none', signal)).rejects.toThrow('none')
    await measuredImages(node.images, metrics, clock).listImages(signal)
    const lines = linesOf(metrics.own)
    expect(lines).toContain('kubelet_runtime_operations_total{operation_type="list_containers"} 2')
    expect(lines).toContain('kubelet_runtime_operations_total{operation_type="list_images"} 1')
    expect(lines).toContain('kubelet_runtime_operations_errors_total{operation_type="start_container"} 1')
    expect(lines).toContain(
      'kubelet_runtime_operations_duration_seconds_bucket{operation_type="list_containers",le="0.005"} 2',
    )
    expect(lines).toContain('kubelet_runtime_operations_duration_seconds_count{operation_type="start_container"} 1')
    expect(lines.some((line) => line.includes('errors_total{operation_type="list_containers"'))).toBe(false)
  })

  test('counts Pods that were refused by reason, and those for want of extended resources together', () => {
    const metrics = new KubeletMetrics()
    for (const reason of ['OutOfcpu', 'OutOfexample.com/a', 'OutOfexample.com/b']) metrics.rejected(reason)
    const lines = linesOf(metrics.own)
    expect(lines).toContain('kubelet_admission_rejections_total{reason="OutOfcpu"} 1')
    expect(lines).toContain('kubelet_admission_rejections_total{reason="OutOfExtendedResources"} 2')
  })

  test('tells Pods by where they come from and what becomes of them', () => {
    const lines = linesOf(
      podFamilies([
        aPod('web'),
        aPod('gone', { phase: 'terminated' }),
        aPod('refused', { isRejected: true, phase: 'terminating' }),
        aPod('static', {}, { 'kubernetes.io/config.source': 'file' }),
      ]),
    )
    expect(lines).toContain('kubelet_desired_pods{static=""} 3')
    expect(lines).toContain('kubelet_desired_pods{static="true"} 1')
    expect(lines).toContain('kubelet_active_pods{static=""} 1')
    expect(lines).toContain('kubelet_mirror_pods 1')
    expect(lines).toContain('kubelet_working_pods{config="desired",lifecycle="terminating",static=""} 1')
  })

  test('tells volumes that are wanted and that stand, and what a claim holds, once', () => {
    const disk = { device: '1', capacityBytes: 9, availableBytes: 4, usedBytes: 5, inodes: 8, inodesFree: 6 }
    const claim = { name: 'data', namespace: 'default' }
    const claimed = { name: 'v', bytes: 5, inodes: 2, disk, isOnNodeDisk: false, claim }
    const made = new Map([['cache', { kind: 'path', path: '/x', readOnly: false, isManaged: true } as const]])
    const lines = linesOf(volumeFamilies([aPod('a', { made }), aPod('b')], [claimed, claimed]))
    expect(lines).toContain(
      'volume_manager_total_volumes{plugin_name="kubernetes.io/empty-dir",state="actual_state_of_world"} 1',
    )
    expect(lines).toContain(
      'volume_manager_total_volumes{plugin_name="kubernetes.io/secret",state="desired_state_of_world"} 2',
    )
    const available = lines.filter((line) => line.startsWith('kubelet_volume_stats_available_bytes'))
    expect(available).toEqual([
      'kubelet_volume_stats_available_bytes{namespace="default",persistentvolumeclaim="data"} 4',
    ])
  })
})

describe('/metrics of what Pods wait for', () => {
  const sample = (lines: readonly string[], start: string) => lines.filter((line) => line.startsWith(start))

  test('a start counts in full, and without images and init containers where storage cannot be late', () => {
    const metrics = new KubeletMetrics()
    const start = { seenMs: 1_000, createdMs: 9_000, pullMs: 5_000, initMs: 2_500, isStateful: false, hasNetwork: true }
    metrics.starts.started(start)
    metrics.starts.started({ ...start, isStateful: true })
    const lines = linesOf(metrics.own)
    expect(lines).toContain('kubelet_started_pods_total 2')
    expect(lines).toContain('kubelet_pod_start_total_duration_seconds_sum 18')
    expect(lines).toContain('kubelet_first_network_pod_start_sli_duration_seconds 1.5')
    expect(sample(lines, 'kubelet_pod_start_sli_duration_seconds_sum')).toEqual([
      'kubelet_pod_start_sli_duration_seconds_sum 1.5',
    ])
  })

  test.each([
    { bytes: 0, size: '0-10MB' },
    { bytes: 10 * 1024 ** 2, size: '10MB-100MB' },
    { bytes: 6 * 1024 ** 3, size: '5GB-10GB' },
    { bytes: 1024 ** 4, size: 'GT100GB' },
  ])('a pull of $bytes bytes counts as $size', ({ bytes, size }) => {
    const metrics = new KubeletMetrics()
    metrics.starts.pulled(1_500, bytes)
    expect(linesOf(metrics.own)).toContain(`kubelet_image_pull_duration_seconds_sum{image_size_in_bytes="${size}"} 1.5`)
  })

  test('what starts and what fails is told by kind, and volumes by plugin', () => {
    const metrics = new KubeletMetrics()
    metrics.starts.containerStarted('sidecar')
    metrics.starts.containerFailed('app', 'ErrImagePull')
    metrics.storage.mounted('kubernetes.io/secret', 0.2, false)
    metrics.storage.mounted('kubernetes.io/secret', 0.3, true)
    const lines = linesOf(metrics.own)
    expect(lines).toContain('kubelet_started_containers_total{container_type="init_container"} 1')
    expect(lines).toContain('kubelet_started_containers_errors_total{code="ErrImagePull",container_type="container"} 1')
    expect(
      sample(lines, 'storage_operation_duration_seconds_count').map((line) => /status="([^"]+)"/.exec(line)?.[1]),
    ).toEqual(['success', 'fail-unknown'])
    expect(sample(lines, 'volume_operation_total_seconds_count')).toHaveLength(1)
  })

  test('requests of the API are told by method and answer', async () => {
    const clock = new ManualClock()
    const metrics = new KubeletMetrics('10.0.0.1:6443')
    const client = createClient(measuredTransport(new FakeApi(), metrics.client, clock))
    await client.create(PODS, { metadata: { name: 'a', namespace: 'default' }, spec: { containers: [] } })
    await client.get(PODS, { namespace: 'default', name: 'a' })
    await expect(client.get(PODS, { namespace: 'default', name: 'none' })).rejects.toThrow('not found')
    const lines = linesOf(metrics.own)
    expect(sample(lines, 'rest_client_requests_total{')).toEqual([
      'rest_client_requests_total{code="201",host="10.0.0.1:6443",method="POST"} 1',
      'rest_client_requests_total{code="200",host="10.0.0.1:6443",method="GET"} 1',
      'rest_client_requests_total{code="404",host="10.0.0.1:6443",method="GET"} 1',
    ])
    expect(lines).toContain('rest_client_request_duration_seconds_count{host="10.0.0.1:6443",verb="GET"} 2')
  })
})

test.each([
  [{}, 0],
  [{ MemoryQoS: true }, 1],
])('the features of a node are told, with those that %j chooses', (featureGates, chosen) => {
  const lines = linesOf([featureFamily(featureGates)])
  expect(lines).toContain('kubernetes_feature_enabled{name="SidecarContainers",stage=""} 1')
  expect(lines).toContain(`kubernetes_feature_enabled{name="MemoryQoS",stage="ALPHA"} ${chosen}`)
})
