/** A kubelet's /stats/summary, read with care: it comes from another program (https://kubernetes.io/docs/reference/instrumentation/node-metrics/). Pure. */

/** What was used since a start, and what is used now. Undefined: not told. */
export interface Usage {
  readonly cpuNanoSeconds: number | undefined
  readonly cpuNanoCores: number | undefined
  readonly memoryBytes: number | undefined
}

export interface PodUsage {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly containers: ReadonlyMap<string, Usage>
}

export interface NodeSummary {
  readonly node: Usage
  /** By `namespace/name`. */
  readonly pods: ReadonlyMap<string, PodUsage>
}

/** Throws when it is no summary. */
export function readSummary(value: unknown): NodeSummary {
  const { node, pods } = fields(value)
  if (typeof node !== 'object' || !Array.isArray(pods)) throw new Error('the kubelet did not answer with a summary')
  const read = pods.map(podUsage).filter(({ name }) => name !== '')
  return { node: usageOf(node), pods: new Map(read.map((pod) => [`${pod.namespace}/${pod.name}`, pod])) }
}

function podUsage(value: unknown): PodUsage {
  const { podRef, containers } = fields(value)
  const { name, namespace, uid } = fields(podRef)
  const listed = Array.isArray(containers) ? containers : []
  return {
    name: text(name),
    namespace: text(namespace),
    uid: text(uid),
    containers: new Map(listed.map((one) => [text(fields(one)['name']), usageOf(one)])),
  }
}

function usageOf(value: unknown): Usage {
  const { cpu, memory } = fields(value)
  return {
    cpuNanoSeconds: amount(fields(cpu)['usageCoreNanoSeconds']),
    cpuNanoCores: amount(fields(cpu)['usageNanoCores']),
    memoryBytes: amount(fields(memory)['workingSetBytes']),
  }
}

const fields = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const amount = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
