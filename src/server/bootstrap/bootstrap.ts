/** What every cluster has from its first moment (https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#initial-namespaces). */

import { LOCAL_PATH_PROVISIONER } from '../../api/core/v1/persistentvolume/local-path.ts'
import { IS_DEFAULT_CLASS } from '../../api/storage/v1/storageclass/resource.ts'
import { nextTurn } from '../../base/async/turn.ts'
import type { Client } from '../../client/client.ts'
import {
  CLUSTER_ROLE_BINDINGS,
  CLUSTER_ROLES,
  ENDPOINT_SLICES,
  ENDPOINTS,
  NAMESPACES,
  PRIORITY_CLASSES,
  ROLE_BINDINGS,
  ROLES,
  SERVICE_ACCOUNTS,
  SERVICE_CIDRS,
  SERVICES,
  STORAGE_CLASSES,
} from '../../client/resources.ts'
import type { ApiServerOptions } from '../options.ts'
import { ensure } from './ensure.ts'
import { localVolumesBinding, localVolumesRole, nodeRole, nodeRoleBinding } from './node-role.ts'
import { namespacedBindings, namespacedRoles } from './namespaced-roles.ts'
import { restoreBinding, restoreRole } from './restore.ts'
import { bootstrapBindings, bootstrapRoles, laterBindings, laterRoles } from './roles.ts'
import { withdrawNodeGrants } from './withdraw.ts'

const NAMESPACE_NAMES = ['default', 'kube-system', 'kube-public', 'kube-node-lease']
const PRIORITIES = [
  {
    name: 'system-cluster-critical',
    value: 2_000_000_000,
    description:
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
  {
    name: 'system-node-critical',
    value: 2_000_001_000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
] as const

/** Creates what is missing. Runs at every start. What waits for nothing else is written together: then it shares a flush. */
export async function bootstrap(client: Client, options: ApiServerOptions): Promise<void> {
  await Promise.all(NAMESPACE_NAMES.map((name) => ensure(client, NAMESPACES, { metadata: { name } })))
  await Promise.all([
    // The controller would make them a moment later; here nobody has to wait for it.
    ...NAMESPACE_NAMES.map((namespace) =>
      ensure(client, SERVICE_ACCOUNTS, { metadata: { name: 'default', namespace } }),
    ),
    ...[...bootstrapRoles(), nodeRole(), localVolumesRole()].map((role) => restoreRole(client, CLUSTER_ROLES, role)),
    ...[...bootstrapBindings(), nodeRoleBinding(), localVolumesBinding()].map((one) =>
      restoreBinding(client, CLUSTER_ROLE_BINDINGS, one),
    ),
    ...PRIORITIES.map((priority) => ensurePriority(client, priority)),
    ensureStorageClass(client),
    ensure(client, SERVICE_CIDRS, { metadata: { name: 'kubernetes' }, spec: { cidrs: [options.serviceRange] } }),
  ])
  await withdrawNodeGrants(client)
  if (options.advertise !== undefined) await ensureOwnService(client, options.serviceRange, options.advertise)
}

const TOGETHER = 16

/** Gives each controller the role it needs. Apart from the rest: nobody but the controllers has to wait for it. */
export async function bootstrapControllers(client: Client): Promise<void> {
  const writes = [
    ...laterRoles().map((role) => () => restoreRole(client, CLUSTER_ROLES, role)),
    ...namespacedRoles().map((role) => () => restoreRole(client, ROLES, role)),
    ...laterBindings().map((binding) => () => restoreBinding(client, CLUSTER_ROLE_BINDINGS, binding)),
    ...namespacedBindings().map((binding) => () => restoreBinding(client, ROLE_BINDINGS, binding)),
  ]
  for (let at = 0; at < writes.length; at += TOGETHER) {
    // oxlint-disable-next-line no-await-in-loop -- some at a time, so that others get their turn
    await Promise.all(writes.slice(at, at + TOGETHER).map((write) => write()))
    await nextTurn()
  }
}

function ensurePriority(client: Client, { name, value, description }: (typeof PRIORITIES)[number]): Promise<void> {
  const preemptionPolicy = 'PreemptLowerPriority'
  return ensure(client, PRIORITY_CLASSES, { metadata: { name }, value, description, preemptionPolicy })
}

/** The class that claims without a class get. Once made it is its owner's: one that is no longer the default stays so. */
async function ensureStorageClass(client: Client): Promise<void> {
  await ensure(client, STORAGE_CLASSES, {
    metadata: { name: 'standard', annotations: { [IS_DEFAULT_CLASS]: 'true' } },
    provisioner: LOCAL_PATH_PROVISIONER,
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'WaitForFirstConsumer',
  })
}

/** The Service `kubernetes`, by which Pods reach the API: always the first address of the range. */
async function ensureOwnService(
  client: Client,
  range: string,
  { address, port }: NonNullable<ApiServerOptions['advertise']>,
): Promise<void> {
  const labels = { component: 'apiserver', provider: 'kubernetes' }
  const metadata = { name: 'kubernetes', namespace: 'default', labels }
  await ensure(client, SERVICES, {
    metadata,
    spec: {
      type: 'ClusterIP',
      clusterIP: firstAddress(range),
      clusterIPs: [firstAddress(range)],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
      ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: port }],
    },
  })
  // No Pod can reach a server that only listens on loopback; endpoints may not say such an address either.
  if (address.startsWith('127.')) return
  const mirror = { 'endpointslice.kubernetes.io/skip-mirror': 'true' }
  const slice = { 'kubernetes.io/service-name': 'kubernetes' }
  await Promise.all([
    ensure(client, ENDPOINTS, {
      metadata: { name: 'kubernetes', namespace: 'default', labels: mirror },
      subsets: [{ addresses: [{ ip: address }], ports: [{ name: 'https', port, protocol: 'TCP' }] }],
    }),
    ensure(client, ENDPOINT_SLICES, {
      metadata: { name: 'kubernetes', namespace: 'default', labels: slice },
      addressType: 'IPv4',
      endpoints: [{ addresses: [address], conditions: { ready: true } }],
      ports: [{ name: 'https', port, protocol: 'TCP' }],
    }),
  ])
}

/** `10.96.0.1` of `10.96.0.0/16`. */
function firstAddress(range: string): string {
  const [base = ''] = range.split('/')
  const bytes = base.split('.').map(Number)
  bytes[3] = (bytes[3] ?? 0) + 1
  return bytes.join('.')
}
