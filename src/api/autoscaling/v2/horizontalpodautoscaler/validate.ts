/** What a HorizontalPodAutoscaler may ask for. */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { dnsLabel, pathSegmentName } from '../../../../meta/names.ts'
import { cmpQuantity } from '../../../../meta/quantity.ts'
import {
  forbiddenField,
  invalidEach,
  invalidValue,
  nonNegative,
  notSupported,
  positive,
  required,
} from '../../../../meta/validation.ts'
import type {
  CrossVersionObjectReference,
  HorizontalPodAutoscaler,
  HPAScalingRules,
  MetricIdentifier,
  MetricSpec,
  MetricTarget,
} from '../../../generated/autoscaling-v2.ts'
import { validateContainerResourceName } from '../../../core/v1/resource-names.ts'

const MAX_PERIOD_SECONDS = 1800
const MAX_STABILIZATION_SECONDS = 3600
const SELECT_POLICIES = ['Disabled', 'Max', 'Min']
const POLICY_TYPES = ['Percent', 'Pods']
const METRIC_TYPES = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource']
/** Every fault, in field order. */
export function validateAutoscaler({ spec }: DeepReadonly<HorizontalPodAutoscaler>, root: FieldPath): FieldError[] {
  const path = root.child('spec')
  if (spec === undefined) return [required(path)]
  const { minReplicas, maxReplicas, metrics = [], behavior } = spec
  const faults: FieldError[] = []
  const above = 'must be greater than or equal to '
  if (minReplicas !== undefined && minReplicas < 1)
    faults.push(invalidValue(path.child('minReplicas'), minReplicas, `${above}1`))
  if (maxReplicas === 0) faults.push(required(path.child('maxReplicas'), 'must be set and greater than 0'))
  if (maxReplicas < 0) faults.push(invalidValue(path.child('maxReplicas'), maxReplicas, `${above}1`))
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    faults.push(invalidValue(path.child('maxReplicas'), maxReplicas, `${above}\`minReplicas\``))
  }
  faults.push(...validateReference(spec.scaleTargetRef, path.child('scaleTargetRef'), true))
  for (const [position, metric] of metrics.entries())
    faults.push(...validateMetric(metric, path.child('metrics').index(position)))
  if (minReplicas === 0 && !metrics.some(({ type }) => type === 'Object' || type === 'External')) {
    const words = 'must specify at least one Object or External metric to support scaling to zero replicas'
    faults.push(forbiddenField(path.child('metrics'), words))
  }
  if (behavior?.scaleUp !== undefined)
    faults.push(...validateRules(behavior.scaleUp, path.child('behavior', 'scaleUp')))
  if (behavior?.scaleDown !== undefined)
    faults.push(...validateRules(behavior.scaleDown, path.child('behavior', 'scaleDown')))
  return faults
}

/** Numbers of Pods are counted from zero. */
export function validateAutoscalerStatus(
  { status }: DeepReadonly<HorizontalPodAutoscaler>,
  root: FieldPath,
): FieldError[] {
  const path = root.child('status')
  return [
    ...nonNegative(status?.currentReplicas, path.child('currentReplicas')),
    ...nonNegative(status?.desiredReplicas, path.child('desiredReplicas')),
  ]
}

function validateReference(
  reference: DeepReadonly<CrossVersionObjectReference> | undefined,
  path: FieldPath,
  isTarget: boolean,
): FieldError[] {
  const faults = (['kind', 'name'] as const).flatMap((name) => {
    const value = reference?.[name] ?? ''
    return value === '' ? [required(path.child(name))] : invalidEach(path.child(name), value, pathSegmentName(value))
  })
  const version = reference?.apiVersion ?? ''
  // The one thing with a scale in the group that has no name.
  const mayLackGroup = !isTarget || reference?.kind === 'ReplicationController'
  const fault = versionFault(version, mayLackGroup)
  return fault === undefined ? faults : [...faults, invalidValue(path.child('apiVersion'), version, fault)]
}

/** What is to be scaled is known by its group; what is measured may be of the group that has no name. */
function versionFault(version: string, mayLackGroup: boolean): string | undefined {
  const slashes = version.split('/').length - 1
  if (slashes > 1) return `unexpected GroupVersion string: ${version}`
  if (mayLackGroup || (slashes === 1 && !version.startsWith('/'))) return undefined
  return 'apiVersion must specify API group'
}

/** Of several sources Kubernetes looks at one only, in this order. */
const SOURCES = ['object', 'external', 'pods', 'resource', 'containerResource'] as const

function validateMetric(metric: DeepReadonly<MetricSpec>, path: FieldPath): FieldError[] {
  const type: string = metric.type ?? ''
  const known = METRIC_TYPES.includes(type)
  const unknown = known ? [] : [notSupported(path.child('type'), type, METRIC_TYPES)]
  const faults = type === '' ? [required(path.child('type'), 'must specify a metric source type')] : []
  faults.push(...unknown)
  const given = SOURCES.filter((source) => metric[source] !== undefined)
  const first = given[0]
  if (first !== undefined) faults.push(...validateSource(first, metric, path.child(first)))
  const own = `${type.charAt(0).toLowerCase()}${type.slice(1)}`
  if (known && !given.some((source) => source === own)) {
    faults.push(required(path.child(own), 'must populate information for the given metric source'))
  }
  // Kubernetes tells a type that it does not know twice.
  faults.push(...unknown)
  if (given.length < 2) return faults
  const others = given.filter((source) => source !== own)
  return [
    ...faults,
    ...others.map((source) => forbiddenField(path.child(source), 'must populate the given metric source only')),
  ]
}

function validateSource(
  source: (typeof SOURCES)[number],
  { resource, containerResource, pods, object, external }: DeepReadonly<MetricSpec>,
  path: FieldPath,
): FieldError[] {
  switch (source) {
    case 'resource':
      return [
        ...validateResourceName(resource?.name, path),
        ...validateResourceTarget(resource?.target, path.child('target')),
      ]
    case 'containerResource':
      return [
        ...validateResourceName(containerResource?.name, path),
        ...(containerResource?.name ? validateContainerResourceName(containerResource.name, path.child('name')) : []),
        ...validateContainerName(containerResource?.container ?? '', path.child('container')),
        ...validateResourceTarget(containerResource?.target, path.child('target')),
      ]
    case 'pods':
      return [
        ...validateIdentifier(pods?.metric, path.child('metric')),
        ...validateTarget(pods?.target, path.child('target')),
        ...(pods?.target.averageValue === undefined
          ? [required(path.child('target', 'averageValue'), 'must specify a positive target averageValue')]
          : []),
      ]
    case 'object':
      return [
        ...validateReference(object?.describedObject, path.child('describedObject'), false),
        ...validateIdentifier(object?.metric, path.child('metric')),
        ...validateTarget(object?.target, path.child('target')),
        ...(object?.target.value === undefined && object?.target.averageValue === undefined
          ? [required(path.child('target', 'averageValue'), 'must set either a target value or averageValue')]
          : []),
      ]
    case 'external':
      return [
        ...validateIdentifier(external?.metric, path.child('metric')),
        ...validateTarget(external?.target, path.child('target')),
        ...needsValue(external?.target, path.child('target')),
      ]
    default:
      return []
  }
}

function validateContainerName(name: string, path: FieldPath): FieldError[] {
  if (name === '') return [required(path, 'must specify a container')]
  return invalidEach(path, name, dnsLabel(name))
}

function validateResourceName(name: string | undefined, path: FieldPath): FieldError[] {
  return name ? [] : [required(path.child('name'), 'must specify a resource name')]
}

function validateResourceTarget(target: DeepReadonly<MetricTarget> | undefined, path: FieldPath): FieldError[] {
  const faults = validateTarget(target, path)
  if (target?.averageUtilization === undefined && target?.averageValue === undefined) {
    faults.push(
      required(path.child('averageUtilization'), 'must set either a target raw value or a target utilization'),
    )
  }
  if (target?.averageUtilization !== undefined && target.averageValue !== undefined) {
    faults.push(
      forbiddenField(path.child('averageValue'), 'may not set both a target raw value and a target utilization'),
    )
  }
  return faults
}

function needsValue(target: DeepReadonly<MetricTarget> | undefined, path: FieldPath): FieldError[] {
  if (target?.value === undefined && target?.averageValue === undefined) {
    return [required(path.child('averageValue'), 'must set either a target value for metric or a per-pod target')]
  }
  if (target.value !== undefined && target.averageValue !== undefined) {
    return [forbiddenField(path.child('value'), 'may not set both a target value for metric and a per-pod target')]
  }
  return []
}

function validateIdentifier(metric: DeepReadonly<MetricIdentifier> | undefined, path: FieldPath): FieldError[] {
  const name = metric?.name ?? ''
  const at = path.child('name')
  return name === '' ? [required(at, 'must specify a metric name')] : invalidEach(at, name, pathSegmentName(name))
}

const TARGET_TYPES = ['AverageValue', 'Utilization', 'Value']

function validateTarget(target: DeepReadonly<MetricTarget> | undefined, path: FieldPath): FieldError[] {
  const { type, value, averageValue, averageUtilization } = target ?? {}
  const faults: FieldError[] = []
  if (!type) faults.push(required(path.child('type'), 'must specify a metric target type'))
  if (!TARGET_TYPES.includes(type ?? '')) {
    faults.push(invalidValue(path.child('type'), type ?? '', 'must be either Utilization, Value, or AverageValue'))
  }
  if (value !== undefined && cmpQuantity(value, '0') <= 0)
    faults.push(invalidValue(path.child('value'), value, 'must be positive'))
  if (averageValue !== undefined && cmpQuantity(averageValue, '0') <= 0) {
    faults.push(invalidValue(path.child('averageValue'), averageValue, 'must be positive'))
  }
  return [...faults, ...positive(averageUtilization, path.child('averageUtilization'))]
}

function validateRules(rules: DeepReadonly<HPAScalingRules>, path: FieldPath): FieldError[] {
  const { stabilizationWindowSeconds: window, selectPolicy, policies = [], tolerance } = rules
  const faults: FieldError[] = []
  const at = path.child('stabilizationWindowSeconds')
  if (window !== undefined && window < 0) faults.push(invalidValue(at, window, 'must be greater than or equal to zero'))
  if (window !== undefined && window > MAX_STABILIZATION_SECONDS) {
    faults.push(invalidValue(at, window, `must be less than or equal to ${MAX_STABILIZATION_SECONDS}`))
  }
  if (selectPolicy !== undefined && !SELECT_POLICIES.includes(selectPolicy)) {
    faults.push(notSupported(path.child('selectPolicy'), selectPolicy, SELECT_POLICIES))
  }
  if (policies.length === 0) faults.push(required(path.child('policies'), 'must specify at least one Policy'))
  for (const [position, { type, value, periodSeconds }] of policies.entries()) {
    const policy = path.child('policies').index(position)
    if (!POLICY_TYPES.includes(type)) faults.push(notSupported(policy.child('type'), type, POLICY_TYPES))
    if (value <= 0) faults.push(invalidValue(policy.child('value'), value, 'must be greater than zero'))
    if (periodSeconds <= 0)
      faults.push(invalidValue(policy.child('periodSeconds'), periodSeconds, 'must be greater than zero'))
    if (periodSeconds > MAX_PERIOD_SECONDS) {
      faults.push(
        invalidValue(
          policy.child('periodSeconds'),
          periodSeconds,
          `must be less than or equal to ${MAX_PERIOD_SECONDS}`,
        ),
      )
    }
  }
  if (tolerance !== undefined && cmpQuantity(tolerance, '0') < 0) {
    faults.push(invalidValue(path.child('tolerance'), tolerance, 'must be greater than or equal to 0'))
  }
  return faults
}
