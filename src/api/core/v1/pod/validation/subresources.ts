/**
 * What the ephemeralcontainers and status subresources of a Pod may change
 * (https://kubernetes.io/docs/concepts/workloads/pods/ephemeral-containers/).
 */

import type { DeepReadonly } from '../../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../../meta/field-path.ts'
import { goQuote } from '../../../../../meta/go-quote.ts'
import { dnsSubdomain } from '../../../../../meta/names.ts'
import {
  deepEqual,
  forbiddenField,
  IMMUTABLE,
  invalidEach,
  invalidValue,
  judgeAll,
} from '../../../../../meta/validation.ts'
import type { ContainerStatus, Pod, PodSpec } from '../../../../generated/core-v1.ts'
import { describeChanges } from '../describe-changes.ts'
import { containersOf, isMirrorPod } from '../facts.ts'
import { validateAnnotationUpdate } from './annotations.ts'
import {
  validateAddresses,
  validateClaimStatuses,
  validateNoAllocated,
  validateObservedGeneration,
  validatePodConditions,
} from './status.ts'
import { validatePodAtAnyTime } from '../validate.ts'

type Shared = DeepReadonly<Pod>

/** Every fault of an update of the ephemeral containers: they may only be added. */
export function validateEphemeralContainersUpdate(pod: Shared, old: Shared, root: FieldPath): FieldError[] {
  const faults = validatePodAtAnyTime(pod, root)
  if (isMirrorPod(old))
    return [...faults, forbiddenField(root.key(''), 'static pods do not support ephemeral containers')]
  const path = root.child('spec', 'ephemeralContainers')
  const byName = new Map(pod.spec?.ephemeralContainers?.map((one) => [one.name, one] as const))
  for (const container of old.spec?.ephemeralContainers ?? []) {
    const now = byName.get(container.name)
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
    const here = path.child('nominatedNodeName')
    faults.push(...invalidEach(here, nominated, dnsSubdomain(nominated)))
    if ((old.spec?.nodeName ?? '') !== '')
      faults.push(forbiddenField(here, 'may not be set on pods that are already bound to a node'))
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
