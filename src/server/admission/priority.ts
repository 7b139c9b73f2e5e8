/**
 * Pods get the value of their priority class, and there is one default class at most
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/).
 */

import type { Pod } from '../../api/generated/core-v1.ts'
import type { PriorityClass } from '../../api/generated/scheduling-v1.ts'
import { SYSTEM_CLASSES } from '../../api/scheduling/v1/priorityclass/resource.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { WatchCache } from '../watchcache/watch-cache.ts'
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts'
import { creates, isResource, refusal } from './refuse.ts'

type Class = DeepReadonly<PriorityClass>

export function priority(classes: WatchCache): AdmissionPlugin {
  return {
    name: 'Priority',
    mutate(request) {
      if (request.subresource !== '' || !isResource(request, 'pods')) return
      if (creates(request, 'pods')) computePriority(request, classes)
      else if (request.operation === 'UPDATE') keepPriority(request.object as Pod, request.old as DeepReadonly<Pod>)
    },
    validate(request) {
      const { operation, subresource, object, name } = request
      if (subresource !== '' || !isResource(request, 'priorityclasses.scheduling.k8s.io')) return
      if (operation === 'DELETE' && Object.hasOwn(SYSTEM_CLASSES, name)) {
        throw refusal(request, 'this is a system priority class and cannot be deleted')
      }
      if (operation !== 'CREATE' && operation !== 'UPDATE') return
      const { globalDefault, metadata } = object as PriorityClass
      if (globalDefault !== true) return
      const other = defaultClass(classes)
      if (other === undefined || other.metadata.name === metadata.name) return
      const why = `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`
      throw refusal(request, why)
    },
  }
}

function computePriority(request: AdmissionRequest, classes: WatchCache): void {
  const pod = request.object as Pod
  const { spec } = pod
  if (spec === undefined) return
  const picked = classOf(request, spec.priorityClassName ?? '', classes)
  const value = picked?.value ?? 0
  const policy = picked?.preemptionPolicy ?? 'PreemptLowerPriority'
  if (picked !== undefined) spec.priorityClassName = picked.metadata.name!
  if (spec.priority !== undefined && spec.priority !== value) {
    throw refusal(
      request,
      `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
    )
  }
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy) {
    throw refusal(
      request,
      `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`,
    )
  }
  spec.priority = value
  spec.preemptionPolicy = policy
}

function classOf(request: AdmissionRequest, name: string, classes: WatchCache): Class | undefined {
  if (name === '') return defaultClass(classes)
  const found = classes.get('', name)?.object as Class | undefined
  if (found === undefined) throw refusal(request, `no PriorityClass with name ${name} was found`)
  return found
}

/** The default class; should there be several, the lowest. */
function defaultClass(classes: WatchCache): Class | undefined {
  const all = classes.all().map(({ object }) => object as Class)
  return all
    .filter(({ globalDefault }) => globalDefault === true)
    .reduce<Class | undefined>(
      (least, each) => (least === undefined || (each.value ?? 0) < (least.value ?? 0) ? each : least),
      undefined,
    )
}

/** Who repeats a Pod without what was computed means no change. */
function keepPriority({ spec }: Pod, old: DeepReadonly<Pod>): void {
  if (spec === undefined || old.spec === undefined) return
  if (spec.priority === undefined && old.spec.priority !== undefined) spec.priority = old.spec.priority
  if (spec.preemptionPolicy === undefined && old.spec.preemptionPolicy !== undefined) {
    spec.preemptionPolicy = old.spec.preemptionPolicy
  }
}
