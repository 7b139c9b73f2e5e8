/**
 * Where autoscalers get their figures: resource metrics, custom metrics and external metrics
 * (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#support-for-metrics-apis).
 */

import type { CrossVersionObjectReference, MetricIdentifier } from '../../api/generated/autoscaling-v2.ts'
import { fromTime } from '../../base/clock.ts'
import type { Client } from '../../client/client.ts'
import { POD_METRICS } from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { hasReason } from '../../meta/errors.ts'
import { selectorOf } from '../../meta/label-selector.ts'
import { milliValue } from '../../meta/quantity.ts'
import { groupOf } from '../kit/all-resources.ts'
import { messageOf } from '../kit/pod-control.ts'
import { type Definitions, resourceOf } from '../kit/scale.ts'
import type { PodMetric, PodMetrics } from './replicas.ts'

const CUSTOM = { group: 'custom.metrics.k8s.io', version: 'v1beta2' }
const EXTERNAL = { group: 'external.metrics.k8s.io', version: 'v1beta1' }
/** What a figure is taken to be of when nobody says. */
const WINDOW_MS = 60_000

export interface MetricsQuery {
  readonly namespace: string
  /** The Pods, as a label selector. */
  readonly selector: string
}

type Metric = DeepReadonly<MetricIdentifier>

/** What the Pods use of a resource, or one container of each. */
export async function resourceMetrics(
  client: Client,
  { namespace, selector }: MetricsQuery,
  { name, container }: { readonly name: string; readonly container?: string },
  signal: AbortSignal,
): Promise<PodMetrics> {
  const read = () => client.list(POD_METRICS, { namespace, labelSelector: selector }, signal)
  const { items } = await fetched('resource', read, signal)
  const metrics = new Map<string, PodMetric>()
  for (const { metadata, timestamp, window, containers } of items) {
    const counted = container === undefined ? containers : containers.filter((each) => each.name === container)
    const amounts = counted.map(({ usage }) => usage[name])
    if (amounts.length === 0 || amounts.some((amount) => amount === undefined)) continue
    const value = amounts.reduce((sum, amount) => sum + milliValue(amount ?? '0'), 0)
    const windowMs = /^\d+(\.\d+)?s$/.test(window) ? Number.parseFloat(window) * 1_000 : WINDOW_MS
    metrics.set(metadata.name ?? '', { value, atMs: fromTime(timestamp) ?? 0, windowMs })
  }
  if (items.length === 0) throw new Error('no metrics returned from resource metrics API')
  return metrics
}

/** A figure of each Pod. */
export async function podsMetric(client: Client, query: MetricsQuery, metric: Metric, signal: AbortSignal) {
  const target = { resource: { ...CUSTOM, resource: 'pods' }, namespace: query.namespace, name: '*' }
  const items = await custom(client, target, metric, signal)
  const metrics = new Map<string, PodMetric>()
  for (const item of items) {
    const name = textAt(fieldsOf(item['describedObject']), 'name')
    const seconds = item['windowSeconds']
    metrics.set(name, {
      value: milliValue(textAt(item, 'value')),
      atMs: fromTime(textAt(item, 'timestamp')) ?? 0,
      windowMs: typeof seconds === 'number' ? seconds * 1_000 : WINDOW_MS,
    })
  }
  if (metrics.size === 0) throw new Error('no metrics returned from custom metrics API')
  return metrics
}

/** A figure of one object, in thousandths. */
export async function objectMetric(
  { client, definitions }: { readonly client: Client; readonly definitions: Definitions },
  { namespace }: MetricsQuery,
  { describedObject, metric }: { describedObject: DeepReadonly<CrossVersionObjectReference>; metric: Metric },
  signal: AbortSignal,
): Promise<number> {
  const { kind, name, apiVersion = 'v1' } = describedObject
  const found = resourceOf(describedObject, definitions)
  if (found === undefined) {
    const missing = `no matches for kind ${JSON.stringify(kind)} in group ${JSON.stringify(groupOf(apiVersion))}`
    throw new Error(
      `unable to fetch metrics from custom metrics API: unable to map kind ${kindText(describedObject)} to resource: ${missing}`,
    )
  }
  const resource = found.group === '' ? found.resource : `${found.resource}.${found.group}`
  const [item] = await custom(client, { resource: { ...CUSTOM, resource }, namespace, name }, metric, signal)
  if (item === undefined) throw new Error('no metrics returned from custom metrics API')
  return milliValue(textAt(item, 'value'))
}

/** `Thing`, or `Thing.example.com`. */
function kindText({ kind, apiVersion = 'v1' }: DeepReadonly<CrossVersionObjectReference>): string {
  const group = groupOf(apiVersion)
  return group === '' ? kind : `${kind}.${group}`
}

/** A figure from outside the cluster, in thousandths. */
export async function externalMetric(
  client: Client,
  { namespace }: MetricsQuery,
  { name, selector }: Metric,
  signal: AbortSignal,
): Promise<number> {
  const options = selector === undefined ? {} : { labelSelector: selectorOf(selector).toString() }
  const target = { resource: { ...EXTERNAL, resource: name }, namespace }
  const absent = `${NOT_SERVED} (get ${name}.${EXTERNAL.group})`
  const read = () => served(() => client.transport.call({ ...target, verb: 'list', options }, signal), absent)
  const items = itemsOf(await fetched('external', read, signal))
  if (items.length === 0) throw new Error('no metrics returned from external metrics API')
  return items.reduce((sum, item) => sum + milliValue(textAt(item, 'value')), 0)
}

async function custom(
  client: Client,
  target: { readonly resource: { group: string; version: string; resource: string }; namespace: string; name: string },
  { name: subresource }: Metric,
  signal: AbortSignal,
) {
  const read = () => client.transport.call({ ...target, subresource, verb: 'get' }, signal)
  return itemsOf(
    await fetched('custom', () => served(read, 'no custom metrics API (custom.metrics.k8s.io) registered'), signal),
  )
}

/** What a server says of a group that nobody serves. */
const NOT_SERVED = 'the server could not find the requested resource'

async function served<T>(read: () => Promise<T>, absent: string): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (hasReason(error, 'NotFound') && error.message === NOT_SERVED) throw new Error(absent, { cause: error })
    throw error
  }
}

async function fetched<T>(api: string, read: () => Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await read()
  } catch (error) {
    signal.throwIfAborted()
    throw new Error(`unable to fetch metrics from ${api} metrics API: ${messageOf(error)}`, { cause: error })
  }
}

type Fields = Readonly<Record<string, unknown>>

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {})
const textAt = (fields: Fields, key: string): string => {
  const value = fields[key]
  return typeof value === 'string' ? value : ''
}

function itemsOf(value: unknown): readonly Fields[] {
  const { items } = fieldsOf(value)
  return Array.isArray(items) ? items.map(fieldsOf) : []
}
