/** HorizontalPodAutoscaler, autoscaling/v2 (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import { asGiven } from '../../../../wire/json/nil.ts'
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerSpec,
  HorizontalPodAutoscalerStatus,
  HPAScalingRules,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  MetricValueStatus,
} from '../../../generated/autoscaling-v2.ts'
import { defineResource } from '../../../resource.ts'
import { ageColumn, nameColumn } from '../../../workload/columns.ts'
import { validateAutoscaler, validateAutoscalerStatus } from './validate.ts'

/** Of a new one nothing is measured yet. */
const NO_STATUS = (): HorizontalPodAutoscalerStatus => ({ desiredReplicas: 0, currentMetrics: [] })

export const horizontalPodAutoscalers = defineResource<HorizontalPodAutoscaler>(
  'autoscaling/v2/horizontalpodautoscalers',
  {
    setDefaults: ({ spec }) => {
      if (spec !== undefined) defaultAutoscaler(spec)
    },
    prepareForCreate: (draft) => {
      draft.status = NO_STATUS()
    },
    prepareForUpdate: (draft, old) => {
      draft.status = structuredClone(old.status ?? NO_STATUS()) as HorizontalPodAutoscalerStatus
    },
    validate: validateAutoscaler,
    validateUpdate: (object, _old, root) => validateAutoscaler(object, root),
    validateStatusUpdate: (object, _old, root) => validateAutoscalerStatus(object, root),
    countsGeneration: false,
    columns: [
      nameColumn(),
      {
        name: 'Reference',
        type: 'string',
        cell: ({ spec }) => `${spec?.scaleTargetRef.kind}/${spec?.scaleTargetRef.name}`,
      },
      { name: 'Targets', type: 'string', cell: targetsCell },
      {
        name: 'MinPods',
        type: 'string',
        cell: ({ spec }) => (spec?.minReplicas === undefined ? '<unset>' : String(spec.minReplicas)),
      },
      { name: 'MaxPods', type: 'string', cell: ({ spec }) => spec?.maxReplicas },
      { name: 'Replicas', type: 'string', cell: ({ status }) => status?.currentReplicas ?? 0 },
      ageColumn(),
    ],
  },
)

function defaultAutoscaler(spec: HorizontalPodAutoscalerSpec): void {
  spec.minReplicas ??= 1
  if ((spec.metrics ?? []).length === 0) {
    spec.metrics = [
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
    ]
  }
  if (spec.behavior === undefined) return
  spec.behavior.scaleUp = withRules(spec.behavior.scaleUp, {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Pods', value: 4, periodSeconds: 15 },
      { type: 'Percent', value: 100, periodSeconds: 15 },
    ],
  })
  spec.behavior.scaleDown = withRules(spec.behavior.scaleDown, {
    selectPolicy: 'Max',
    policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
  })
}

function withRules(given: HPAScalingRules | undefined, defaults: HPAScalingRules): HPAScalingRules {
  // None at all is not the same as none said: it is for validation to refuse.
  const policies = asGiven(given, 'policies') ?? defaults.policies
  return { ...defaults, ...given, ...(policies === undefined ? {} : { policies }) }
}

/** `cpu: 12%/80%, 3 + 1 more…`-like text of what is measured and wanted. */
function targetsCell({ spec, status }: DeepReadonly<HorizontalPodAutoscaler>): string {
  const metrics = spec?.metrics ?? []
  if (metrics.length === 0) return '<none>'
  const texts = metrics.map((metric, position) => metricText(metric, status?.currentMetrics?.[position]))
  return texts.length > 2 ? `${texts.slice(0, 2).join(', ')} + ${texts.length - 2} more...` : texts.join(', ')
}

type Shared<T> = DeepReadonly<T> | undefined

function metricText(metric: DeepReadonly<MetricSpec>, current: Shared<MetricStatus>): string {
  switch (metric.type) {
    case 'Resource':
      return `${metric.resource?.name}: ${measuredText(metric.resource?.target, current?.resource?.current)}`
    case 'ContainerResource':
      return `${metric.containerResource?.name}: ${measuredText(metric.containerResource?.target, current?.containerResource?.current)}`
    case 'Pods':
      return measuredText(metric.pods?.target, current?.pods?.current)
    case 'Object':
      return measuredText(metric.object?.target, current?.object?.current)
    case 'External':
      return measuredText(metric.external?.target, current?.external?.current)
    default:
      return '<unknown>'
  }
}

function measuredText(target: Shared<MetricTarget>, current: Shared<MetricValueStatus>): string {
  const unknown = '<unknown>'
  if (target?.averageUtilization !== undefined) {
    const now = current?.averageUtilization
    return `${now === undefined ? unknown : `${now}%`}/${target.averageUtilization}%`
  }
  if (target?.averageValue !== undefined) return `${current?.averageValue ?? unknown}/${target.averageValue}`
  return `${current?.value ?? unknown}/${target?.value ?? '<auto>'}`
}
