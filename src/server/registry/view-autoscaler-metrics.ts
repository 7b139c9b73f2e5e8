/**
 * Metrics, and how fast to scale, as autoscaling/v1 keeps them in annotations: in that version's own, older forms
 * (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#api-object).
 */

import type { MetricSpec, MetricStatus } from '../../api/generated/autoscaling-v2.ts'

/** An object as JSON has it. */
type Json = { readonly [field: string]: unknown }

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const at = (value: unknown, field: string): unknown => (isObject(value) ? value[field] : undefined)
const objectAt = (value: unknown, field: string): Json => {
  const found = at(value, field)
  return isObject(found) ? found : {}
}
/** Without the fields that are not there. */
const given = (fields: Json): Json =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null))

const KINDS = ['object', 'pods', 'resource', 'containerResource', 'external'] as const
type Kind = (typeof KINDS)[number]
type Convert = Readonly<Record<Kind, (metric: Json) => Json>>

const named = (metric: Json) => objectAt(metric, 'metric')
const described = (metric: Json) => {
  const { kind = '', name = '', apiVersion } = objectAt(metric, 'describedObject')
  return given({ kind, name, apiVersion })
}

const toOldSpec: Convert = {
  object: (metric) => {
    const { value = '0', averageValue } = objectAt(metric, 'target')
    const { name = '', selector } = named(metric)
    return given({ target: described(metric), metricName: name, targetValue: value, selector, averageValue })
  },
  pods: (metric) => {
    const { name = '', selector } = named(metric)
    return given({ metricName: name, targetAverageValue: objectAt(metric, 'target')['averageValue'] ?? '0', selector })
  },
  resource: (metric) => given({ name: metric['name'], ...oldTarget(metric) }),
  containerResource: (metric) =>
    given({ name: metric['name'], ...oldTarget(metric), container: metric['container'] ?? '' }),
  external: (metric) => {
    const { value, averageValue } = objectAt(metric, 'target')
    const { name = '', selector } = named(metric)
    return given({ metricName: name, metricSelector: selector, targetValue: value, targetAverageValue: averageValue })
  },
}

const oldTarget = (metric: Json) => {
  const { averageUtilization, averageValue } = objectAt(metric, 'target')
  return { targetAverageUtilization: averageUtilization, targetAverageValue: averageValue }
}

const toOldStatus: Convert = {
  object: (metric) => {
    const { value = '0', averageValue } = objectAt(metric, 'current')
    const { name = '', selector } = named(metric)
    return given({ target: described(metric), metricName: name, currentValue: value, selector, averageValue })
  },
  pods: (metric) => {
    const { name = '', selector } = named(metric)
    return given({
      metricName: name,
      currentAverageValue: objectAt(metric, 'current')['averageValue'] ?? '0',
      selector,
    })
  },
  resource: (metric) => given({ name: metric['name'], ...oldCurrent(metric) }),
  containerResource: (metric) =>
    given({ name: metric['name'], ...oldCurrent(metric), container: metric['container'] ?? '' }),
  external: (metric) => {
    const { value = '0', averageValue } = objectAt(metric, 'current')
    const { name = '', selector } = named(metric)
    return given({ metricName: name, metricSelector: selector, currentValue: value, currentAverageValue: averageValue })
  },
}

const oldCurrent = (metric: Json) => {
  const { averageUtilization, averageValue = '0' } = objectAt(metric, 'current')
  return { currentAverageUtilization: averageUtilization, currentAverageValue: averageValue }
}

const identified = (metric: Json, selector: string) =>
  given({ name: metric['metricName'] ?? '', selector: metric[selector] })

const toNewSpec: Convert = {
  object: (metric) => {
    const { averageValue, targetValue = '0' } = metric
    const isAverage = averageValue !== undefined
    // The older form cannot leave the value out.
    const value = isAverage && /^0+$/.test(String(targetValue)) ? undefined : targetValue
    const target = given({ type: isAverage ? 'AverageValue' : 'Value', value, averageValue })
    return { describedObject: objectAt(metric, 'target'), target, metric: identified(metric, 'selector') }
  },
  pods: (metric) => ({
    metric: identified(metric, 'selector'),
    target: { type: 'AverageValue', averageValue: metric['targetAverageValue'] ?? '0' },
  }),
  resource: (metric) => ({ name: metric['name'] ?? '', target: newTarget(metric) }),
  containerResource: (metric) => ({
    name: metric['name'] ?? '',
    target: newTarget(metric),
    container: metric['container'] ?? '',
  }),
  external: (metric) => {
    const { targetValue: value, targetAverageValue: averageValue } = metric
    const target = given({ type: value === undefined ? 'AverageValue' : 'Value', value, averageValue })
    return { metric: identified(metric, 'metricSelector'), target }
  },
}

function newTarget(metric: Json): Json {
  const { targetAverageUtilization: averageUtilization, targetAverageValue: averageValue } = metric
  const type = averageUtilization === undefined ? 'AverageValue' : 'Utilization'
  return given({ type, averageValue, averageUtilization })
}

const toNewStatus: Convert = {
  object: (metric) => ({
    metric: identified(metric, 'selector'),
    current: given({ value: metric['currentValue'] ?? '0', averageValue: metric['averageValue'] }),
    describedObject: objectAt(metric, 'target'),
  }),
  pods: (metric) => ({
    metric: identified(metric, 'selector'),
    current: { averageValue: metric['currentAverageValue'] ?? '0' },
  }),
  resource: (metric) => ({ name: metric['name'] ?? '', current: newCurrent(metric) }),
  containerResource: (metric) => ({
    name: metric['name'] ?? '',
    current: newCurrent(metric),
    container: metric['container'] ?? '',
  }),
  external: (metric) => ({
    metric: identified(metric, 'metricSelector'),
    current: given({ value: metric['currentValue'] ?? '0', averageValue: metric['currentAverageValue'] }),
  }),
}

const newCurrent = (metric: Json) =>
  given({
    averageValue: metric['currentAverageValue'] ?? '0',
    averageUtilization: metric['currentAverageUtilization'],
  })

function converted(metrics: readonly unknown[], convert: Convert): Json[] {
  return metrics.filter(isObject).map((metric) => {
    const parts = KINDS.filter((kind) => isObject(metric[kind])).map((kind) => [
      kind,
      convert[kind](objectAt(metric, kind)),
    ])
    return { type: metric['type'] ?? '', ...(Object.fromEntries(parts) as Json) }
  })
}

/** What an autoscaler goes by, as the annotation has it. */
export const writeMetrics = (metrics: readonly MetricSpec[]): string => JSON.stringify(converted(metrics, toOldSpec))

/** What was measured, as the annotation has it. */
export const writeCurrent = (metrics: readonly MetricStatus[]): string =>
  JSON.stringify(converted(metrics, toOldStatus))

/** What an annotation says an autoscaler goes by; `undefined` where it is no list. */
export const readMetrics = (text: string | undefined): Json[] | undefined => readList(text, toNewSpec)

/** What an annotation says was measured. */
export const readCurrent = (text: string | undefined): Json[] | undefined => readList(text, toNewStatus)

function readList(text: string | undefined, convert: Convert): Json[] | undefined {
  const value = readJson(text)
  return Array.isArray(value) ? converted(value, convert) : undefined
}

/** What a user may have written in an annotation, if it reads. */
export function readJson(text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
