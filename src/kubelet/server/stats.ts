/** Usage of Pods and containers as /stats/summary and /metrics/resource tell it (https://kubernetes.io/docs/reference/instrumentation/node-metrics/). Pure. */

import { toTime } from '../../base/clock.ts'
import type { ContainerStats } from '../cri/runtime.ts'
import { POD_NAME, POD_NAMESPACE, POD_UID } from '../pods/identity.ts'

const sum = (values: readonly (number | undefined)[]) =>
  values.reduce<number>((total, value) => total + (value ?? 0), 0)

const cpuOf = (stats: readonly ContainerStats[], now: number) => ({
  time: toTime(now),
  usageNanoCores: sum(stats.map(({ cpu }) => cpu?.usageNanoCores)),
  usageCoreNanoSeconds: sum(stats.map(({ cpu }) => cpu?.usageCoreNanoSeconds)),
})

const memoryOf = (stats: readonly ContainerStats[], now: number) => ({
  time: toTime(now),
  usageBytes: sum(stats.map(({ memory }) => memory?.usageBytes)),
  workingSetBytes: sum(stats.map(({ memory }) => memory?.workingSetBytes)),
  rssBytes: sum(stats.map(({ memory }) => memory?.rssBytes)),
})

function byPod(stats: readonly ContainerStats[]): ReadonlyMap<string, ContainerStats[]> {
  const pods = new Map<string, ContainerStats[]>()
  for (const one of stats) {
    const uid = one.labels[POD_UID] ?? ''
    pods.set(uid, [...(pods.get(uid) ?? []), one])
  }
  return pods
}

/** The node's figures are those of its Pods together. */
export function summaryOf(
  stats: readonly ContainerStats[],
  { node, now }: { readonly node: string; readonly now: number },
) {
  return {
    node: { nodeName: node, cpu: cpuOf(stats, now), memory: memoryOf(stats, now) },
    pods: [...byPod(stats)].map(([uid, own]) => ({
      podRef: { name: own[0]?.labels[POD_NAME] ?? '', namespace: own[0]?.labels[POD_NAMESPACE] ?? '', uid },
      cpu: cpuOf(own, now),
      memory: memoryOf(own, now),
      containers: own.map((one) => ({
        name: one.name,
        cpu: cpuOf([one], now),
        memory: memoryOf([one], now),
        ...(one.writableLayer !== undefined && {
          rootfs: {
            time: toTime(now),
            usedBytes: one.writableLayer.usedBytes,
            inodesUsed: one.writableLayer.inodesUsed,
          },
        }),
      })),
    })),
  }
}

const escape = (value: string) => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

/** In the Prometheus text format. */
export function resourceMetrics(stats: readonly ContainerStats[]): string {
  const labels = (one: ContainerStats, container: boolean) =>
    `{${container ? `container="${escape(one.name)}",` : ''}namespace="${escape(one.labels[POD_NAMESPACE] ?? '')}",pod="${escape(one.labels[POD_NAME] ?? '')}"}`
  const lines: string[] = []
  const metric = (name: string, type: 'counter' | 'gauge', values: readonly string[]) =>
    lines.push(`# TYPE ${name} ${type}`, ...values.map((value) => `${name}${value}`))
  const pods = [...byPod(stats).values()]
  const seconds = (nanos: number) => nanos / 1e9
  metric(
    'container_cpu_usage_seconds_total',
    'counter',
    stats.map((one) => `${labels(one, true)} ${seconds(one.cpu?.usageCoreNanoSeconds ?? 0)}`),
  )
  metric(
    'container_memory_working_set_bytes',
    'gauge',
    stats.map((one) => `${labels(one, true)} ${one.memory?.workingSetBytes ?? 0}`),
  )
  metric(
    'pod_cpu_usage_seconds_total',
    'counter',
    pods.flatMap((own) =>
      own[0] ? [`${labels(own[0], false)} ${seconds(sum(own.map(({ cpu }) => cpu?.usageCoreNanoSeconds)))}`] : [],
    ),
  )
  metric(
    'pod_memory_working_set_bytes',
    'gauge',
    pods.flatMap((own) =>
      own[0] ? [`${labels(own[0], false)} ${sum(own.map(({ memory }) => memory?.workingSetBytes))}`] : [],
    ),
  )
  metric('node_cpu_usage_seconds_total', 'counter', [
    ` ${seconds(sum(stats.map(({ cpu }) => cpu?.usageCoreNanoSeconds)))}`,
  ])
  metric('node_memory_working_set_bytes', 'gauge', [` ${sum(stats.map(({ memory }) => memory?.workingSetBytes))}`])
  return `${lines.join('\n')}\n`
}
