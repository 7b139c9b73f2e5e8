/**
 * Pods get what their RuntimeClass costs and where it may run
 * (https://kubernetes.io/docs/concepts/containers/runtime-class/).
 */

import type { Pod, PodSpec } from '../../api/generated/core-v1.ts'
import type { RuntimeClass } from '../../api/generated/node-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { goQuote } from '../../meta/go-quote.ts'
import { deepEqual } from '../../meta/validation.ts'
import { cmpQuantity } from '../../meta/quantity.ts'
import { asGiven } from '../../wire/json/nil.ts'
import type { WatchCache } from '../watchcache/watch-cache.ts'
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts'
import { creates, refusal } from './refuse.ts'

type Amounts = Readonly<Record<string, string>>

export function runtimeClass(classes: WatchCache): AdmissionPlugin {
  return {
    name: 'RuntimeClass',
    mutate(request) {
      const spec = specOf(request)
      if (spec === undefined) return
      const found = classOf(request, spec, classes)
      if (found === undefined) return
      setOverhead(request, spec, found)
      setScheduling(request, spec, found)
    },
    validate(request) {
      const spec = specOf(request)
      if (spec === undefined) return
      const allowed = classOf(request, spec, classes)?.overhead?.podFixed
      if (asGiven(spec, 'overhead') !== undefined && allowed === undefined) {
        throw refusal(request, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead')
      }
    },
  }
}

function specOf(request: AdmissionRequest): PodSpec | undefined {
  return creates(request, 'pods') ? (request.object as Pod).spec : undefined
}

function classOf(
  request: AdmissionRequest,
  { runtimeClassName }: PodSpec,
  classes: WatchCache,
): DeepReadonly<RuntimeClass> | undefined {
  if (runtimeClassName === undefined) return undefined
  const found = classes.get('', runtimeClassName)?.object as DeepReadonly<RuntimeClass> | undefined
  if (found === undefined) throw refusal(request, `pod rejected: RuntimeClass ${goQuote(runtimeClassName)} not found`)
  return found
}

function setOverhead(request: AdmissionRequest, spec: PodSpec, { overhead }: DeepReadonly<RuntimeClass>): void {
  if (overhead === undefined) return
  const fixed = overhead.podFixed ?? {}
  const own = asGiven(spec, 'overhead')
  if (own !== undefined && !sameAmounts(own, fixed)) {
    throw refusal(request, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")
  }
  spec.overhead = { ...fixed }
}

function sameAmounts(a: Amounts, b: Amounts): boolean {
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => b[name] !== undefined && cmpQuantity(a[name] ?? '0', b[name] ?? '0') === 0)
  )
}

function setScheduling(request: AdmissionRequest, spec: PodSpec, { scheduling }: DeepReadonly<RuntimeClass>): void {
  if (scheduling === undefined) return
  for (const [key, value] of Object.entries(scheduling.nodeSelector ?? {})) {
    const own = spec.nodeSelector?.[key]
    if (own !== undefined && own !== value) {
      const why = `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`
      throw refusal(request, why)
    }
    spec.nodeSelector ??= {}
    spec.nodeSelector[key] = value
  }
  const own = spec.tolerations ?? []
  const added = (scheduling.tolerations ?? []).filter((each) => !own.some((other) => deepEqual(other, each)))
  if (added.length > 0) spec.tolerations = [...own, ...added.map((each) => ({ ...each }))]
}
