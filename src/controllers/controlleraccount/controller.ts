/**
 * Every controller has a service account of its own in `kube-system`, by which it is known and bound to its role
 * (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#controller-roles).
 */

import { createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import { SERVICE_ACCOUNTS } from '../../client/resources.ts'
import { hasReason } from '../../meta/errors.ts'
import { type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { nameOf } from '../kit/ownership.ts'

const NAMESPACE = 'kube-system'

/** Keeps the accounts of these names there. */
export function controllerAccountController(deps: ControllerDeps, names: ReadonlySet<string>): Controller {
  const { client } = deps
  const accounts = deps.informers.of(SERVICE_ACCOUNTS)
  const queue = createWorkQueue(deps.clock)
  for (const name of names) queue.add(name)
  accounts.on({
    deleted(account) {
      if (account.metadata.namespace === NAMESPACE && names.has(nameOf(account))) queue.add(nameOf(account))
    },
  })

  const reconcile = async (name: string, signal: AbortSignal): Promise<Outcome> => {
    if (accounts.get(`${NAMESPACE}/${name}`) !== undefined) return settled
    try {
      await client.create(SERVICE_ACCOUNTS, { metadata: { name, namespace: NAMESPACE } }, undefined, signal)
    } catch (error) {
      if (!hasReason(error, 'AlreadyExists')) throw error
    }
    return settled
  }
  return loopController({ name: 'controller-account', queue, reconcile, log: deps.log, waitFor: [accounts] })
}
