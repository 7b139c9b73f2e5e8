/**
 * What the resize subresource of a Pod may change
 * (https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/,
 * https://kubernetes.io/docs/tasks/configure-pod-container/resize-pod-resources/).
 */

import type { DeepReadonly } from '../../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../../meta/field-path.ts'
import { cmpQuantity } from '../../../../../meta/quantity.ts'
import { deepEqual, ENOUGH, forbiddenField, invalidValue } from '../../../../../meta/validation.ts'
import type { Pod, ResourceRequirements } from '../../../../generated/core-v1.ts'
import { isMirrorPod, isSidecar, qosClassOf } from '../facts.ts'
import { validatePodAtAnyTime } from '../validate.ts'

type Shared = DeepReadonly<Pod>
type Resources = DeepReadonly<ResourceRequirements> | undefined

const LISTS = ['initContainers', 'containers'] as const
const SIDES = ['requests', 'limits'] as const

/** Every fault of an update of what a running Pod asks for. */
export function validateResize(pod: Shared, old: Shared, root: FieldPath): FieldError[] {
  if (isMirrorPod(old)) return [forbiddenField(root.key(''), 'static pods cannot be resized')]
  if (old.spec?.os?.name === 'windows') return [forbiddenField(root.key(''), 'windows pods cannot be resized')]
  const faults = validatePodAtAnyTime(pod, root)
  const path = root.child('spec')
  const qosClass = old.status?.qosClass ?? qosClassOf(old)
  if (qosClassOf(pod) !== qosClass) {
    // Kubernetes tells the class that the Pod has, not the one that it would have.
    faults.push(invalidValue(path, qosClass, 'Pod QOS Class may not change as a result of resizing'))
  }
  if (!nodeResizes(old)) faults.push(forbiddenField(path, 'Pod running on node without support for resize'))
  faults.push(...validateWhole(pod.spec?.resources, old.spec?.resources, path))
  const order = LISTS.toReversed().flatMap((list) => sameContainers(pod, old, list, path.child(list)))
  if (order.length > 0) return [...faults, ...order]
  for (const list of LISTS) {
    for (const [at, container] of (old.spec?.[list] ?? []).entries()) {
      if (faults.length > ENOUGH) break
      const now = pod.spec?.[list]?.[at]?.resources
      const here = path.child(list).index(at).child('resources')
      faults.push(...removed(now, container.resources, here, 'resource'))
    }
  }
  return [...faults, ...containersKept(pod, old, path), ...initContainersKept(pod, old, path)]
}

/** A node that tells what running containers have knows how to change it. */
function nodeResizes({ status }: Shared): boolean {
  const running = status?.containerStatuses?.find(({ state }) => state?.running !== undefined)
  return running === undefined || running.resources !== undefined
}

const isSet = (resources: Resources) => SIDES.some((side) => Object.keys(resources?.[side] ?? {}).length > 0)

/** What the Pod states as a whole. */
function validateWhole(now: Resources, before: Resources, path: FieldPath): FieldError[] {
  if (!isSet(now) && !isSet(before)) return []
  const here = path.child('resources')
  if (now === undefined) return [forbiddenField(here, 'pod-level resources cannot be removed')]
  const faults = removed(now, before, here, 'pod-level resource')
  if (isResizeOf(now, before)) return faults
  return [...faults, forbiddenField(path, 'only cpu and memory resources are mutable at pod-level')]
}

function removed(now: Resources, before: Resources, path: FieldPath, what: string): FieldError[] {
  return SIDES.flatMap((side) => {
    const gone = Object.keys(before?.[side] ?? {}).some((name) => now?.[side]?.[name] === undefined)
    return gone ? [forbiddenField(path.child(side), `${what} ${side} cannot be removed`)] : []
  })
}

function sameContainers(pod: Shared, old: Shared, list: (typeof LISTS)[number], path: FieldPath): FieldError[] {
  const before = old.spec?.[list] ?? []
  const now = pod.spec?.[list] ?? []
  if (now.length !== before.length) return [forbiddenField(path, `${list} may not be added or removed on resize`)]
  return before.flatMap(({ name }, at) =>
    now[at]?.name === name
      ? []
      : [forbiddenField(path.index(at).child('name'), `${list} may not be renamed or reordered on resize`)],
  )
}

function containersKept(pod: Shared, old: Shared, path: FieldPath): FieldError[] {
  return (old.spec?.containers ?? []).flatMap((container, at) => {
    const now = pod.spec?.containers[at]
    if (isResizeOf(now?.resources, container.resources) && deepEqual(now?.resizePolicy, container.resizePolicy))
      return []
    return [forbiddenField(path, 'only cpu and memory resources are mutable')]
  })
}

function initContainersKept(pod: Shared, old: Shared, path: FieldPath): FieldError[] {
  return (old.spec?.initContainers ?? []).flatMap((container, at) => {
    const here = path.child('initContainers').index(at)
    const now = pod.spec?.initContainers?.[at]
    const policies = now?.resizePolicy ?? []
    const isKept = deepEqual(now?.resizePolicy, container.resizePolicy)
    const isResize = isResizeOf(now?.resources, container.resources) && isKept
    const changes = !sameAmounts(now?.resources, container.resources, () => true) || !isKept
    const restarts = policies.filter(({ restartPolicy }) => restartPolicy === 'RestartContainer')
    return [
      ...(isResize
        ? []
        : [forbiddenField(here, 'only cpu and memory resources for init or sidecar containers are mutable')]),
      ...(changes && !isSidecar(container) ? restarts : []).map(() =>
        forbiddenField(here, 'non-sidecar init containers with a resize policy of RestartContainer cannot be resized'),
      ),
    ]
  })
}

/** Whether the change is one of CPU and memory alone. */
const isResizeOf = (now: Resources, before: Resources) =>
  sameAmounts(now, before, (name) => name !== 'cpu' && name !== 'memory') &&
  deepEqual(now?.claims ?? [], before?.claims ?? [])

function sameAmounts(a: Resources, b: Resources, counts: (name: string) => boolean): boolean {
  return SIDES.every((side) => {
    const names = new Set([...Object.keys(a?.[side] ?? {}), ...Object.keys(b?.[side] ?? {})])
    return [...names].filter(counts).every((name) => {
      const left = a?.[side]?.[name]
      const right = b?.[side]?.[name]
      return left !== undefined && right !== undefined && cmpQuantity(left, right) === 0
    })
  })
}
