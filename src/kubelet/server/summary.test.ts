import { describe, expect, test } from 'vitest'

import { metricsText } from '../../base/metrics/text.ts'
import type { Snapshot } from '../usage/snapshot.ts'
import { cadvisorFamilies } from './cadvisor-metrics.ts'
import { resourceFamilies } from './resource-metrics.ts'
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
const stall = (totalMicros: number) => ({ totalMicros, avg10: 1.5, avg60: 0, avg300: 0 })
const pressure = { cpu: { some: stall(9_000_000), full: stall(0) }, io: { some: stall(8), full: stall(7) } }
const traffic = (bytes: number) => ({ bytes, packets: 3, errors: 1, dropped: 2 })
const eth0 = { name: 'eth0', received: traffic(500), sent: traffic(600) }
const swapping = { ...memory, swapBytes: 40 }
const snapshot: Snapshot = {
  at,
  node: {
    cpuNanos: 7_000_000_000,
    memoryCapacityBytes: 1000,
    memory: swapping,
    pods: { cpuNanos: 4_000_000_000, memory, memoryLimitBytes: 900, processes: 9 },
    nodeFs: disk,
    nodeDisk: {
      device: '/dev/sda',
      reads: 5,
      readsMerged: 1,
      sectorsRead: 16,
      readMs: 1500,
      writes: 6,
      writesMerged: 2,
      sectorsWritten: 8,
      writeMs: 2500,
      inProgress: 3,
      busyMs: 4000,
      weightedMs: 6000,
    },
    swapCapacityBytes: 100,
    pressure: {},
    interfaces: [{ ...eth0, name: 'cni0' }, eth0],
    maxPids: 32_768,
    runningPids: 100,
  },
  nanoCores: 250_000_000,
  podsNanoCores: 90_000_000,
  imageFs: undefined,
  imageUse: { bytes: 77, inodes: 4 },
  pods: [
    {
      namespace: 'default',
      name: 'web "1"',
      uid: 'u1',
      startedAt: at - 60_000,
      cgroup: '/kubepods/podu1',
      usage: { cpuNanos: 3_000_000_000, memory: swapping, processes: 2 },
      nanoCores: 5,
      details: undefined,
      pressure: {},
      interfaces: [eth0],
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
          usage: { cpuNanos: 2_000_000_000, memory: swapping, swapLimitBytes: 50, processes: 1 },
          details: {
            cpu: {
              userNanos: 1_500_000_000,
              periods: 10,
              throttledPeriods: 4,
              throttledNanos: 2e9,
              quotaMicros: 50_000,
            },
            memory: { cacheBytes: 12, outOfMemoryKills: 1, reservedBytes: 64 },
            processes: { files: 11, sockets: 2, states: new Map([['sleeping', 3]]), maxOpenFiles: 1024 },
            devices: [{ device: '8:0', readBytes: 4096, writtenBytes: 8192, reads: 1, writes: 2 }],
          },
          pressure,
          logs: { bytes: 20, inodes: 1 },
        },
      ],
      volumes: [
        { name: 'cache', bytes: 30, inodes: 2, disk, isOnNodeDisk: true },
        { name: 'token', bytes: 9, inodes: 5, disk: { ...disk, capacityBytes: 77 }, isOnNodeDisk: false },
        {
          name: 'data',
          bytes: 1,
          inodes: 1,
          disk,
          isOnNodeDisk: false,
          claim: { name: 'data-0', namespace: 'default' },
        },
      ],
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
      systemContainers: [{ name: 'pods', cpu: { usageNanoCores: 90_000_000 }, memory: { availableBytes: 700 } }],
      swap: { swapAvailableBytes: 60, swapUsageBytes: 40 },
      network: {
        name: 'eth0',
        rxBytes: 500,
        txBytes: 600,
        interfaces: [{ name: 'cni0', rxErrors: 1 }, { name: 'eth0' }],
      },
    })
  })

  test('tells what a Pod takes of the disk: volumes, logs and what its containers wrote', () => {
    const [pod] = summaryOf(snapshot, options).pods
    expect(pod).toMatchObject({
      podRef: { name: 'web "1"', namespace: 'default', uid: 'u1' },
      volume: [
        { name: 'cache', usedBytes: 30, inodesUsed: 2, capacityBytes: 1000 },
        { name: 'token', usedBytes: 9, capacityBytes: 77 },
        { name: 'data', pvcRef: { name: 'data-0', namespace: 'default' } },
      ],
      'ephemeral-storage': { usedBytes: 60, inodesUsed: 6 },
      process_stats: { process_count: 2 },
      containers: [{ name: 'app', rootfs: { usedBytes: 10 }, logs: { usedBytes: 20 }, cpu: { usageNanoCores: 4 } }],
    })
  })

  test('tells what a Pod sends, swaps and waits for', () => {
    const [pod] = summaryOf(snapshot, options).pods
    expect(pod).toMatchObject({ network: { name: 'eth0', rxBytes: 500 }, swap: { swapUsageBytes: 40 } })
    expect(pod?.containers[0]).toMatchObject({
      cpu: { psi: { some: { total: 9_000_000, avg10: 1.5 }, full: { total: 0 } } },
      io: { psi: { full: { total: 7 } } },
      swap: { swapAvailableBytes: 10 },
    })
    expect(pod?.cpu).not.toHaveProperty('psi')
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
  expect(lines).toContain(`container_swap_usage_bytes{container="app",namespace="default",pod="web \\"1\\""} 40 ${at}`)
  expect(lines).toContain(`node_swap_usage_bytes 40 ${at}`)
  expect(lines).toContain('resource_scrape_error 0')
})

describe('/metrics/cadvisor', () => {
  const processors = { sockets: 1, cores: 2 }
  const ids = { bootId: 'b', machineId: 'm', systemUuid: 's' }
  const machine = {
    cpus: 2,
    processors,
    memoryBytes: 1000,
    swapBytes: 0,
    ...ids,
    kernelVersion: '6.1',
    osImage: 'Linux',
  }
  const lines = metricsText(cadvisorFamilies(snapshot, machine)).split('\n')
  const app = 'container="app",id="/kubepods/podu1/c1",image="nginx",name="c1",namespace="default",pod="web \\"1\\""'
  const pod = 'container="",id="/kubepods/podu1",image="",name="",namespace="default",pod="web \\"1\\""'
  const node = 'container="",id="/",image="",name="",namespace="",pod=""'
  const disks = `${node},device="/dev/sda"`
  const expected = [
    `container_cpu_usage_seconds_total{${app},cpu="total"} 2 ${at}`,
    `container_cpu_usage_seconds_total{${pod},cpu="total"} 3 ${at}`,
    `container_cpu_usage_seconds_total{${node},cpu="total"} 7 ${at}`,
    `container_cpu_cfs_throttled_periods_total{${app}} 4 ${at}`,
    `container_cpu_cfs_throttled_seconds_total{${app}} 2 ${at}`,
    `container_spec_cpu_quota{${app}} 50000 ${at}`,
    `container_memory_cache{${app}} 12 ${at}`,
    `container_memory_swap{${app}} 40 ${at}`,
    `container_memory_failures_total{${app},failure_type="pgfault",scope="hierarchy"} 5 ${at}`,
    `container_oom_events_total{${app}} 1 ${at}`,
    `container_fs_usage_bytes{${app}} 10 ${at}`,
    `container_fs_writes_bytes_total{${app},device="8:0"} 8192 ${at}`,
    `container_pressure_cpu_waiting_seconds_total{${app}} 9 ${at}`,
    `container_network_receive_bytes_total{${pod},interface="eth0"} 500 ${at}`,
    `container_network_transmit_packets_dropped_total{${node},interface="cni0"} 2 ${at}`,
    `container_spec_memory_reservation_limit_bytes{${app}} 64 ${at}`,
    `container_file_descriptors{${app}} 11 ${at}`,
    `container_sockets{${app}} 2 ${at}`,
    `container_tasks_state{${app},state="sleeping"} 3 ${at}`,
    `container_ulimits_soft{${app},ulimit="max_open_files"} 1024 ${at}`,
    `container_fs_reads_total{${disks}} 5 ${at}`,
    `container_fs_writes_bytes_total{${disks}} 4096 ${at}`,
    `container_fs_sector_reads_total{${disks}} 16 ${at}`,
    `container_fs_read_seconds_total{${disks}} 1.5 ${at}`,
    `container_fs_io_time_weighted_seconds_total{${disks}} 6 ${at}`,
    `container_fs_limit_bytes{${disks}} 1000 ${at}`,
    'cadvisor_version_info{cadvisorRevision="",cadvisorVersion="",dockerVersion="",kernelVersion="6.1",osVersion="Linux"} 1',
    'machine_cpu_cores{boot_id="b",machine_id="m",system_uuid="s"} 2',
    'machine_cpu_sockets{boot_id="b",machine_id="m",system_uuid="s"} 1',
    'machine_cpu_physical_cores{boot_id="b",machine_id="m",system_uuid="s"} 2',
  ]
  for (const line of expected) test(`says ${line}`, () => expect(lines).toContain(line))

  test('says nothing of what nobody has measured', () => {
    expect(lines.filter((line) => line.startsWith(`container_cpu_cfs_periods_total{${pod}`))).toEqual([])
    expect(lines.filter((line) => line.startsWith('container_pressure_memory'))).toEqual([])
  })
})
