/** Writes into the status of ValidatingAdmissionPolicies what their expressions cannot mean (https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#type-checking). */

import type { ValidatingAdmissionPolicy } from '../../api/generated/admissionregistration-v1.ts'
import { createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import { VALIDATING_ADMISSION_POLICIES } from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { nameOf } from '../kit/ownership.ts'
import { expressionWarnings } from './type-check.ts'

const NAME = 'validatingadmissionpolicy-status'

export function validatingAdmissionPolicyStatusController(deps: ControllerDeps): Controller {
  const { client } = deps
  const policies = deps.informers.of(VALIDATING_ADMISSION_POLICIES)
  const queue = createWorkQueue(deps.clock)
  const wake = (policy: DeepReadonly<ValidatingAdmissionPolicy>) => queue.add(nameOf(policy))
  policies.on({ added: wake, updated: wake })

  const reconcile = async (name: string, signal: AbortSignal): Promise<Outcome> => {
    const policy = policies.get(name)
    const { generation = 0 } = policy?.metadata ?? {}
    if (policy === undefined || generation <= (policy.status?.observedGeneration ?? 0)) return settled
    const warnings = expressionWarnings(policy)
    const typeChecking = warnings.length === 0 ? {} : { expressionWarnings: warnings }
    const body = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name },
      status: { observedGeneration: generation, typeChecking },
    }
    const options = { subresource: 'status', fieldManager: NAME, force: true }
    await client.patch(VALIDATING_ADMISSION_POLICIES, { name }, 'apply', body, options, signal)
    return settled
  }
  return loopController({ name: NAME, queue, reconcile, log: deps.log, waitFor: [policies] })
}
