/** What a Job's `podFailurePolicy` says of a failed Pod (https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy). Pure. */

import type { PodFailurePolicyRule } from '../../api/generated/batch-v1.ts'
import type { ContainerStatus } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { keyOf } from '../kit/ownership.ts'
import type { ReadPod } from '../kit/pods.ts'
import type { ReadJob } from './facts.ts'

export type FailureAction =
  | { readonly action: 'Count' | 'Ignore' | 'FailIndex' }
  | { readonly action: 'FailJob'; readonly message: string }

const COUNT: FailureAction = { action: 'Count' }

/** The first rule that matches decides; without one the failure counts. */
export function failureAction(job: ReadJob, pod: ReadPod): FailureAction {
  const rules = job.spec?.podFailurePolicy?.rules ?? []
  if (pod.status?.phase !== 'Failed') return COUNT
  for (const [index, rule] of rules.entries()) {
    const why = matchRule(rule, pod)
    if (why === undefined) continue
    if (rule.action === 'FailJob') {
      return { action: 'FailJob', message: `${why} matching FailJob rule at index ${index}` }
    }
    if (rule.action === 'Ignore') return { action: 'Ignore' }
    if (rule.action === 'FailIndex' && job.spec?.backoffLimitPerIndex !== undefined) return { action: 'FailIndex' }
    return COUNT
  }
  return COUNT
}

function matchRule(rule: DeepReadonly<PodFailurePolicyRule>, pod: ReadPod): string | undefined {
  const { onExitCodes, onPodConditions } = rule
  if (onExitCodes !== undefined) {
    for (const container of [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]) {
      if (onExitCodes.containerName !== undefined && onExitCodes.containerName !== container.name) continue
      const exitCode = exitCodeOf(container)
      if (exitCode === undefined || exitCode === 0) continue
      if (onExitCodes.values.includes(exitCode) === (onExitCodes.operator === 'In')) {
        return `Container ${container.name} for pod ${keyOf(pod)} failed with exit code ${exitCode}`
      }
    }
    return undefined
  }
  for (const condition of pod.status?.conditions ?? []) {
    const isMeant = onPodConditions?.some(
      ({ type, status = 'True' }) => type === condition.type && status === condition.status,
    )
    if (isMeant === true) return `Pod ${keyOf(pod)} has condition ${condition.type}`
  }
  return undefined
}

const exitCodeOf = ({ state }: DeepReadonly<ContainerStatus>) => state?.terminated?.exitCode
