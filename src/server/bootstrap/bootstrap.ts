/** What every cluster has from its first moment (https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#initial-namespaces). */

import type { Client } from '../../client/client.ts'
import { CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, NAMESPACES } from '../../client/resources.ts'
import type { ApiServerOptions } from '../options.ts'
import { ensure } from './ensure.ts'
import { nodeRole, nodeRoleBinding } from './node-role.ts'

const NAMESPACE_NAMES = ['default', 'kube-system', 'kube-public', 'kube-node-lease']

/** Creates what is missing. Runs at every start. */
export async function bootstrap(client: Client, _options: ApiServerOptions): Promise<void> {
  for (const name of NAMESPACE_NAMES) {
    // oxlint-disable-next-line no-await-in-loop -- in order
    await ensure(client, NAMESPACES, { metadata: { name } })
  }
  await ensure(client, CLUSTER_ROLES, nodeRole())
  await ensure(client, CLUSTER_ROLE_BINDINGS, nodeRoleBinding())
}
