/**
 * Takes back what this project's servers gave all nodes before the node authorizer was there to judge them
 * (https://kubernetes.io/docs/reference/access-authn-authz/node/#rbac-node-permissions). What anybody else wrote into a
 * binding stays as it is, as Kubernetes leaves it.
 */

import type { ClusterRoleBinding } from '../../api/generated/rbac-v1.ts'
import type { Client } from '../../client/client.ts'
import { CLUSTER_ROLE_BINDINGS } from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { NODES_GROUP } from '../authz/node-identity.ts'

/** Under which names the server itself writes, or once wrote. */
const SERVER: ReadonlySet<string> = new Set(['kube-apiserver', 'system:apiserver'])
/** Bindings that once named the group of all nodes. */
const ONCE_WIDE = ['system:node', 'system:node-proxier']

/** Runs at every start, when the bindings are there. */
export async function withdrawNodeGrants(client: Client): Promise<void> {
  await Promise.all(ONCE_WIDE.map((name) => withdraw(client, name)))
}

async function withdraw(client: Client, name: string): Promise<void> {
  const binding = await client.get(CLUSTER_ROLE_BINDINGS, { name })
  const subjects = binding.subjects ?? []
  const kept = subjects.filter((subject) => subject.kind !== 'Group' || subject.name !== NODES_GROUP)
  if (kept.length === subjects.length || !isServersOwn(binding)) return
  await client.patch(CLUSTER_ROLE_BINDINGS, { name }, 'merge', { subjects: kept })
}

/** Whether nobody but the server wrote whom the binding names. */
function isServersOwn({ metadata }: DeepReadonly<ClusterRoleBinding>): boolean {
  const writers = (metadata.managedFields ?? []).filter(({ fieldsV1 }) => Object.hasOwn(fieldsV1 ?? {}, 'f:subjects'))
  return writers.length > 0 && writers.every(({ manager }) => SERVER.has(manager ?? ''))
}
