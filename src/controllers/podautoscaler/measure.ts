/** One metric of an autoscaler: what it measures now, and how many replicas it asks for (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details). */

import { isPodReady } from '../../api/core/v1/pod/facts.ts'
import type {
  HorizontalPodAutoscaler,
  MetricIdentifier,
  MetricSpec,
  MetricStatus,
} from '../../api/generated/autoscaling-v2.ts'
import type { Client } from '../../client/client.ts'
import { type DeepReadonly, draftOf } from '../../meta/deep-readonly.ts'
import { canonicalQuantity, formatQuantity, milliValue, parseQuantity } from '../../meta/quantity.ts'
import { nameOf } from '../kit/ownership.ts'
import { messageOf } from '../kit/pod-control.ts'
import type { ReadPod } from '../kit/pods.ts'
import { selectorText } from '../../meta/selector-text.ts'
import type { Definitions } from '../kit/scale.ts'
import { externalMetric, type MetricsQuery, objectMetric, podsMetric, resourceMetrics } from './read-metrics.ts'
import {
  averageProposal,
  type Proposal,
  sharedProposal,
  type Tolerances,
  utilizationProposal,
  valueProposal,
} from './replicas.ts'

export type ReadAutoscaler = DeepReadonly<HorizontalPodAutoscaler>
type ReadMetric = DeepReadonly<MetricSpec>

export interface Target {
  readonly query: MetricsQuery
  /** What the scale asks for, and what it counts. */
  readonly current: number
  readonly counted: number
  readonly pods: readonly ReadPod[]
  readonly tolerances: Tolerances
  readonly nowMs: number
}

/** What one metric says. */
export interface Reading {
  readonly replicas: number
  /** How events name the metric. */
  readonly name: string
  readonly status: MetricStatus
}

/** How a failure is told. */
interface FailureWords {
  readonly reason: string
  readonly what: string
  readonly where?: string
}

/** A metric that says nothing, and the reason that conditions and events give. */
export class MetricFailure extends Error {
  override readonly name = 'MetricFailure'
  readonly reason: string
  /** What the event says; the message says in which metric. */
  readonly detail: string

  constructor({ reason, what, where = '' }: FailureWords, cause: unknown) {
    const detail = messageOf(cause)
    super(`failed to get ${what} metric value: ${where}${detail}`, { cause })
    this.reason = reason
    this.detail = detail
  }
}

const milli = (value: number): string => canonicalQuantity(`${Math.round(value)}m`) ?? '0'

/** An amount of a resource in thousandths, written as such amounts are: memory in powers of two. */
export function amountText(resource: string, value: number): string {
  const amount = parseQuantity(`${Math.round(value)}m`) ?? '0'
  if (typeof amount === 'string') return amount
  return formatQuantity(amount, resource === 'memory' ? 'BinarySI' : 'DecimalSI')
}

export interface MeasureDeps {
  readonly client: Client
  readonly definitions: Definitions
}

/** Throws `MetricFailure`. */
export async function measure(
  deps: MeasureDeps,
  metric: ReadMetric,
  target: Target,
  signal: AbortSignal,
): Promise<Reading> {
  try {
    return await read(deps, metric, target, signal)
  } catch (error) {
    signal.throwIfAborted()
    throw new MetricFailure(wordsOf(metric), error)
  }
}

function wordsOf({ type, resource, containerResource, object, external }: ReadMetric): FailureWords {
  switch (type) {
    case 'Resource':
      return { reason: 'FailedGetResourceMetric', what: `${resource?.name} resource` }
    case 'ContainerResource':
      return { reason: 'FailedGetContainerResourceMetric', what: `${containerResource?.container} container` }
    case 'Pods':
      return { reason: 'FailedGetPodsMetric', what: 'pods' }
    case 'Object': {
      const isAverage = object?.target.averageValue !== undefined
      const where = isAverage ? `failed to get ${object?.metric.name} object metric: ` : ''
      return { reason: 'FailedGetObjectMetric', what: 'object', where }
    }
    case 'External': {
      const name = external?.metric.name
      const isAverage = external?.target.averageValue !== undefined
      const where = isAverage ? `failed to get ${name} external metric: ` : `failed to get external metric ${name}: `
      return { reason: 'FailedGetExternalMetric', what: `${name} external`, where }
    }
    default:
      return { reason: 'InvalidMetricSourceType', what: type }
  }
}

async function read(deps: MeasureDeps, metric: ReadMetric, target: Target, signal: AbortSignal): Promise<Reading> {
  const { resource, containerResource, pods, object, external } = metric
  if (resource !== undefined) {
    const { replicas, status, name } = await resourceReading(deps.client, resource, target, signal)
    return {
      replicas,
      name: `${resource.name} resource${name}`,
      status: { type: 'Resource', resource: { name: resource.name, current: status } },
    }
  }
  if (containerResource !== undefined) {
    const { name: resourceName, container } = containerResource
    const { replicas, status, name } = await resourceReading(deps.client, containerResource, target, signal)
    return {
      replicas,
      name: `${resourceName} container resource${name}`,
      status: { type: 'ContainerResource', containerResource: { name: resourceName, container, current: status } },
    }
  }
  if (pods !== undefined) return podsReading(deps, pods, target, signal)
  if (object !== undefined) return objectReading(deps, object, target, signal)
  if (external !== undefined) return externalReading(deps, external, target, signal)
  throw new Error(`unknown metric source type ${JSON.stringify(metric.type)}`)
}

async function podsReading(
  { client }: MeasureDeps,
  source: NonNullable<ReadMetric['pods']>,
  target: Target,
  signal: AbortSignal,
): Promise<Reading> {
  const { query, pods, nowMs, tolerances, current } = target
  const { metric } = source
  const metrics = await toldAs(`metric ${metric.name}: `, () => podsMetric(client, query, metric, signal))
  const known = new Set(pods.map(nameOf))
  const own = new Map([...metrics].filter(([pod]) => known.has(pod)))
  const measured = { current, pods, metrics: own, isCpu: false, tolerances, nowMs }
  const { replicas, average } = averageProposal(measured, milliValue(source.target.averageValue ?? '0'))
  const told = { metric: draftOf<MetricIdentifier>(metric), current: { averageValue: milli(average) } }
  return { replicas, name: `pods metric ${metric.name}`, status: { type: 'Pods', pods: told } }
}

async function objectReading(
  deps: MeasureDeps,
  object: NonNullable<ReadMetric['object']>,
  target: Target,
  signal: AbortSignal,
): Promise<Reading> {
  const { metric, describedObject } = object
  const { kind, name: objectName } = describedObject
  const value = await toldAs(`metric ${metric.name}: ${kind} on ${target.query.namespace} ${objectName}/`, () =>
    objectMetric(deps, target.query, object, signal),
  )
  const { replicas, status } = shared(object.target, value, target)
  const told = {
    metric: draftOf<MetricIdentifier>(metric),
    describedObject: { ...describedObject },
    current: status,
  }
  // An average is told as that of an external metric, here as there.
  const name =
    object.target.averageValue === undefined
      ? `${kind} metric ${metric.name}`
      : `external metric ${metric.name}(${selectorText(metric.selector)})`
  return { replicas, name, status: { type: 'Object', object: told } }
}

async function externalReading(
  { client }: MeasureDeps,
  external: NonNullable<ReadMetric['external']>,
  target: Target,
  signal: AbortSignal,
): Promise<Reading> {
  const { metric } = external
  const selector = selectorText(metric.selector)
  const value = await toldAs(`external metric ${target.query.namespace}/${metric.name}/${selector}: `, () =>
    externalMetric(client, target.query, metric, signal),
  )
  const { replicas, status } = shared(external.target, value, target)
  const told = { metric: draftOf<MetricIdentifier>(metric), current: status }
  return {
    replicas,
    name: `external metric ${metric.name}(${selector})`,
    status: { type: 'External', external: told },
  }
}

async function toldAs<T>(what: string, fetch: () => Promise<T>): Promise<T> {
  try {
    return await fetch()
  } catch (error) {
    throw new Error(`unable to get ${what}${messageOf(error)}`, { cause: error })
  }
}

type Source = DeepReadonly<NonNullable<MetricSpec['resource']>> & { readonly container?: string }

async function resourceReading(client: Client, source: Source, target: Target, signal: AbortSignal) {
  const { name: resource, container, target: wanted } = source
  const { query, current, pods, tolerances, nowMs } = target
  const isRaw = wanted.averageValue !== undefined
  try {
    const metrics = await resourceMetrics(
      client,
      query,
      { name: resource, ...(container && { container }) },
      signal,
    ).catch((error: unknown) => {
      signal.throwIfAborted()
      throw new Error(`unable to get metrics for resource ${resource}: ${messageOf(error)}`, { cause: error })
    })
    const measured = { current, pods, metrics, isCpu: resource === 'cpu', tolerances, nowMs }
    if (isRaw) {
      const { replicas, average } = averageProposal(measured, milliValue(wanted.averageValue ?? '0'))
      return { replicas, name: '', status: { averageValue: amountText(resource, average) } }
    }
    const requests = new Map(pods.map((pod) => [nameOf(pod), requestOf(pod, resource, container)]))
    const proposal: Proposal = utilizationProposal(measured, wanted.averageUtilization ?? 0, requests)
    const { replicas, utilization, average } = proposal
    const status = {
      ...(utilization === undefined ? {} : { averageUtilization: utilization }),
      averageValue: amountText(resource, average),
    }
    return { replicas, name: ' utilization (percentage of request)', status }
  } catch (error) {
    signal.throwIfAborted()
    throw new Error(`failed to get ${resource} ${isRaw ? 'usage' : 'utilization'}: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

/** What a Pod requests of a resource, in thousandths; sidecars count. Throws when a container does not say. */
export function requestOf(pod: ReadPod, resource: string, only?: string): number {
  const { containers = [], initContainers = [], resources } = pod.spec ?? {}
  const whole = resources?.requests?.[resource]
  if (whole !== undefined && only === undefined) return milliValue(whole)
  const counted = [...initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always'), ...containers]
  let sum = 0
  for (const { name, resources: own } of counted) {
    if (only !== undefined && name !== only) continue
    const request = own?.requests?.[resource]
    if (request === undefined) {
      throw new Error(`missing request for ${resource} in container ${name} of Pod ${nameOf(pod)}`)
    }
    sum += milliValue(request)
  }
  return sum
}

/** A figure for all Pods together. */
function shared(
  { value: whole, averageValue }: { readonly value?: string; readonly averageValue?: string },
  value: number,
  { current, counted, pods, tolerances }: Target,
) {
  if (averageValue !== undefined) {
    const replicas = sharedProposal({ current: counted, tolerances }, value, milliValue(averageValue))
    return { replicas, status: { averageValue: milli(counted === 0 ? value : Math.ceil(value / counted)) } }
  }
  const ready = pods.filter((pod) => pod.status?.phase === 'Running' && isPodReady(pod)).length
  const replicas = valueProposal({ current, ready, tolerances }, value, milliValue(whole ?? '0'))
  return { replicas, status: { value: milli(value) } }
}
