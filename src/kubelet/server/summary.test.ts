import { describe, expect, test } from 'vitest'

import { metricsText } from '../metrics/text.ts'
import type { Snapshot } from '../usage/snapshot.ts'
import { cadvisorFamilies, resourceFamilies } from './resource-metrics.ts'
import { summaryOf } from './summary.ts'

const memory = { usageBytes: 300, workingSetBytes: 200, rssBytes: 100, pageFaults: 5, majorPageFaults: 1 }
const disk = {
  device: '1',
  capacityBytes: 1000,
  availableBytes: 400,
  usedBytes: 600,
  inodes: 100,
  inodesFree: 60,
}
const at = Date.UTC(2026, 0, 1)
const snapshot: Snapshot = {
  at,
  node: {
    cpuNanos: 7_000_000_000,
    memoryCapacityBytes: 1000,
    memory,
    pods: { cpuNanos: 4_000_000_000, memory, memoryLimitBytes: 900, processes: 9 },
    nodeFs: disk,
    maxPids: 32_768,
    runningPids: 100,
  },
  nanoCores: 250_000_000,
  imageFs: undefined,
  imageUse: { bytes: 77, inodes: 4 },
  pods: [
    {
      namespace: 'default',
      name: 'web "1"',
      uid: 'u1',
      startedAt: at - 60_000,
      usage: { cpuNanos: 3_000_000_000, memory, processes: 2 },
      nanoCores: 5,
      containers: [
        {
          name: 'app',
          id: 'c1',
          image: 'nginx',
          startedAt: at - 30_000,
          stats: {
            id: 'c1',
            name: 'app',
            labels: {},
            cpu: { timestamp: at, usageCoreNanoSeconds: 2_000_000_000 },
            memory: { timestamp: at, workingSetBytes: 150 },
            writableLayer: { timestamp: at, mountpoint: '/x', usedBytes: 10, inodesUsed: 3 },
          },
          nanoCores: 4,
          logs: { bytes: 20, inodes: 1 },
        },
      ],
      volumes: [{ name: 'cache', bytes: 30, inodes: 2 }],
    },
  ],
}
const options = { node: 'node-1', startedAt: at - 100_000, onlyCpuAndMemory: false }

describe('/stats/summary', () => {
  test("tells the machine's own figures, not the sum of its containers'", () => {
    expect(summaryOf(snapshot, options).node).toMatchObject({
      nodeName: 'node-1',
      startTime: '2025-12-31T23:58:20Z',
      cpu: { usageNanoCores: 250_000_000, usageCoreNanoSeconds: 7_000_000_000 },
      memory: { availableBytes: 800, workingSetBytes: 200, rssBytes: 100 },
      fs: { availableBytes: 400, capacityBytes: 1000, usedBytes: 600, inodesUsed: 40 },
      runtime: { imageFs: { usedBytes: 77, capacityBytes: 1000 } },
      rlimit: { maxpid: 32_768, curproc: 100 },
      systemContainers: [{ name: 'pods', memory: { availableBytes: 700 } }],
    })
  })

  test('tells what a Pod takes of the disk: volumes, logs and what its containers wrote', () => {
    const [pod] = summaryOf(snapshot, options).pods
    expect(pod).toMatchObject({
      podRef: { name: 'web "1"', namespace: 'default', uid: 'u1' },
      volume: [{ name: 'cache', usedBytes: 30, inodesUsed: 2, capacityBytes: 1000 }],
      'ephemeral-storage': { usedBytes: 60, inodesUsed: 6 },
      process_stats: { process_count: 2 },
      containers: [{ name: 'app', rootfs: { usedBytes: 10 }, logs: { usedBytes: 20 }, cpu: { usageNanoCores: 4 } }],
    })
  })

  test('leaves disks out when only CPU and memory are wanted', () => {
    const { node, pods } = summaryOf(snapshot, { ...options, onlyCpuAndMemory: true })
    expect(Object.keys(node)).not.toContain('fs')
    expect(Object.keys(pods[0] ?? {})).not.toContain('volume')
  })
})

test('/metrics/resource tells when each figure was taken, and hides no character of a name', () => {
  const lines = metricsText(resourceFamilies(snapshot)).split('\n')
  expect(lines).toContain(
    `container_cpu_usage_seconds_total{container="app",namespace="default",pod="web \\"1\\""} 2 ${at}`,
  )
  expect(lines).toContain(`pod_cpu_usage_seconds_total{namespace="default",pod="web \\"1\\""} 3 ${at}`)
  expect(lines).toContain(`node_cpu_usage_seconds_total 7 ${at}`)
  expect(lines).toContain('# TYPE node_memory_working_set_bytes gauge')
  expect(lines).toContain('resource_scrape_error 0')
})

test('/metrics/cadvisor tells what containers use by id and image', () => {
  const text = metricsText(cadvisorFamilies(snapshot, { cpus: 2 }))
  expect(text).toContain('container_fs_usage_bytes{container="app",id="c1",image="nginx",name="c1"')
  expect(text).toContain('\nmachine_cpu_cores 2\n')
})
