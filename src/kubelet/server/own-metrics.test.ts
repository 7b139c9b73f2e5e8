import { describe, expect, test } from 'vitest'

import { ManualClock } from '../../base/manual-clock.ts'
import { seededRandom } from '../../base/random.ts'
import { KubeletMetrics } from '../metrics/kubelet-metrics.ts'
import { measuredImages, measuredRuntime } from '../metrics/measured.ts'
import { metricsText } from '../metrics/text.ts'
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
