/**
 * What the ephemeralcontainers, resize and status subresources of a Pod may change
 * (https://kubernetes.io/docs/concepts/workloads/pods/ephemeral-containers/,
 * https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/).
 */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { goQuote } from '../../../../meta/go-quote.ts'
import { dnsSubdomain } from '../../../../meta/names.ts'
import { cmpQuantity } from '../../../../meta/quantity.ts'
import {
  deepEqual,
  ENOUGH,
  forbiddenField,
  IMMUTABLE,
  invalidEach,
  invalidValue,
  judgeAll,
} from '../../../../meta/validation.ts'
import type { Container, ContainerStatus, Pod, PodSpec, ResourceRequirements } from '../../../generated/core-v1.ts'
import { describeChanges } from './describe-changes.ts'
import { containersOf, isMirrorPod, isSidecar, qosClassOf } from './facts.ts'
import { validateAnnotationUpdate } from './validate-annotations.ts'
import {
  validateAddresses,
  validateClaimStatuses,
  validateNoAllocated,
  validateObservedGeneration,
  validatePodConditions,
} from './validate-status.ts'
import { validatePodAtAnyTime } from './validate.ts'

type Shared = DeepReadonly<Pod>

/** Every fault of an update of the ephemeral containers: they may only be added. */
export function validateEphemeralContainersUpdate(pod: Shared, old: Shared, root: FieldPath): FieldError[] {
  const faults = validatePodAtAnyTime(pod, root)
  if (isMirrorPod(old)) return [...faults, forbiddenField(root, 'static pods do not support ephemeral containers')]
  const path = root.child('spec', 'ephemeralContainers')
  for (const container of old.spec?.ephemeralContainers ?? []) {
    const now = pod.spec?.ephemeralContainers?.find(({ name }) => name === container.name)
    const name = goQuote(container.name)
    if (now === undefined)
      faults.push(forbiddenField(path, `existing ephemeral containers ${name} may not be removed\n`))
    else if (!deepEqual(now, container)) {
      const words = `existing ephemeral containers ${name} may not be changed\n${describeChanges(container, now)}`
      faults.push(forbiddenField(path, words))
    }
  }
  return faults
}

/** Every fault of an update of what a running Pod asks for. */
export function validateResize(pod: Shared, old: Shared, root: FieldPath): FieldError[] {
  const faults = validatePodAtAnyTime(pod, root)
  if (isMirrorPod(old)) return [...faults, forbiddenField(root, 'static pods cannot be resized')]
  if (old.spec?.os?.name === 'windows') return [...faults, forbiddenField(root, 'windows pods cannot be resized')]
  const path = root.child('spec')
  if (qosClassOf(pod) !== (old.status?.qosClass ?? qosClassOf(old))) {
    faults.push(invalidValue(path, qosClassOf(pod), 'Pod QOS Class may not change as a result of resizing'))
  }
  const order = sameContainers(pod, old, path)
  if (order.length > 0) return [...faults, ...order]
  for (const list of ['containers', 'initContainers'] as const) {
    for (const [at, container] of (old.spec?.[list] ?? []).entries()) {
      if (faults.length > ENOUGH) break
      const now = pod.spec?.[list]?.[at]?.resources
      const here = path.child(list).index(at).child('resources')
      faults.push(...validateContainerResize(now, container, here))
    }
  }
  return [...faults, ...onlyResizable(pod, old, path)]
}

function sameContainers(pod: Shared, old: Shared, path: FieldPath): FieldError[] {
  const names = (spec: DeepReadonly<PodSpec> | undefined, list: 'containers' | 'initContainers') =>
    (spec?.[list] ?? []).map(({ name }) => name)
  return (['containers', 'initContainers'] as const).flatMap((list) => {
    if (deepEqual(names(pod.spec, list), names(old.spec, list))) return []
    return [forbiddenField(path, `${list} may not be renamed or reordered on resize`)]
  })
}

type Resources = DeepReadonly<ResourceRequirements> | undefined

function validateContainerResize(now: Resources, container: DeepReadonly<Container>, path: FieldPath): FieldError[] {
  const faults: FieldError[] = []
  for (const part of ['limits', 'requests'] as const) {
    const removed = Object.keys(container.resources?.[part] ?? {}).some((name) => now?.[part]?.[name] === undefined)
    if (removed) faults.push(forbiddenField(path.child(part), `resource ${part} cannot be removed`))
  }
  return faults
}

/** Only CPU and memory of what keeps running may change. */
function onlyResizable(pod: Shared, old: Shared, path: FieldPath): FieldError[] {
  const faults: FieldError[] = []
  for (const [at, container] of (old.spec?.initContainers ?? []).entries()) {
    if (faults.length > ENOUGH) break
    const now = pod.spec?.initContainers?.[at]
    if (!isSidecar(container) && !sameAmounts(now?.resources, container.resources, () => true)) {
      const here = path.child('initContainers').index(at).child('resources')
      faults.push(forbiddenField(here, 'resources for non-sidecar init containers are immutable'))
    }
  }
  const fixed = (name: string) => name !== 'cpu' && name !== 'memory'
  const lists = ['containers', 'initContainers'] as const
  const isSame = lists.every((list) =>
    (old.spec?.[list] ?? []).every((container, at) =>
      sameAmounts(pod.spec?.[list]?.[at]?.resources, container.resources, fixed),
    ),
  )
  if (!isSame) {
    const words = `only cpu and memory resources are mutable\n${describeChanges(old.spec, pod.spec)}`
    faults.push(forbiddenField(path, words))
  }
  return faults
}

function sameAmounts(a: Resources, b: Resources, counts: (name: string) => boolean): boolean {
  return (['limits', 'requests'] as const).every((part) => {
    const names = new Set([...Object.keys(a?.[part] ?? {}), ...Object.keys(b?.[part] ?? {})])
    return [...names].filter(counts).every((name) => {
      const left = a?.[part]?.[name]
      const right = b?.[part]?.[name]
      return left !== undefined && right !== undefined && cmpQuantity(left, right) === 0
    })
  })
}

/** Every fault of an update of the status. */
export function validatePodStatusUpdate(pod: Shared, old: Shared, root: FieldPath): FieldError[] {
  const path = root.child('status')
  const faults = validateAnnotationUpdate(
    pod.metadata.annotations,
    old.metadata.annotations,
    root.child('metadata', 'annotations'),
  )
  const status = pod.status ?? {}
  faults.push(...validatePodConditions(status, path))
  const nominated = pod.status?.nominatedNodeName ?? ''
  if (nominated !== '' && nominated !== old.status?.nominatedNodeName) {
    faults.push(...invalidEach(path.child('nominatedNodeName'), nominated, dnsSubdomain(nominated)))
  }
  faults.push(...validateObservedGeneration(status, path))
  const qos = old.status?.qosClass
  if (qos !== undefined && pod.status?.qosClass !== qos) {
    faults.push(invalidValue(path.child('qosClass'), pod.status?.qosClass, IMMUTABLE))
  }
  for (const list of ['containerStatuses', 'initContainerStatuses'] as const) {
    faults.push(...validateStates(pod.status?.[list], old.status?.[list], old.spec, path.child(list)))
  }
  faults.push(
    ...validateClaimStatuses(pod, path),
    ...validateAddresses(status, path),
    ...validateNoAllocated(status, path),
  )
  return faults
}

/** What has ended for good does not come back to life. */
function validateStates(
  now: readonly DeepReadonly<ContainerStatus>[] | undefined,
  before: readonly DeepReadonly<ContainerStatus>[] | undefined,
  spec: DeepReadonly<PodSpec> | undefined,
  path: FieldPath,
): FieldError[] {
  return judgeAll(before, (status) => {
    const { name, state } = status
    if (state?.terminated === undefined || mayRunAgain(name, state.terminated.exitCode, spec)) return []
    const at = (now ?? []).findIndex((other) => other.name === name)
    if (at === -1 || now?.[at]?.state?.terminated !== undefined) return []
    return [forbiddenField(path.index(at).child('state'), 'may not be transitioned to non-terminated state')]
  })
}

function mayRunAgain(name: string, exitCode: number, spec: DeepReadonly<PodSpec> | undefined): boolean {
  const containers = containersOf(spec)
  const container = containers.find((other) => other.name === name)
  const rules = containers.flatMap(({ restartPolicyRules }) => restartPolicyRules ?? [])
  // A rule may start any container of the Pod again.
  if (container === undefined || rules.length > 0) return true
  const policy = container.restartPolicy ?? spec?.restartPolicy ?? 'Always'
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0)
}
