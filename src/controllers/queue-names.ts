/** Under which names kube-controller-manager's metrics tell of its work queues, where they are not the controllers' own. */

import type { WorkQueue } from '../base/work-queue.ts'
import type { Controller } from './kit/loop.ts'

const NAMES: Readonly<Record<string, string>> = {
  certificatesigningrequest: 'certificate',
  'clusterrole-aggregation': 'ClusterRoleAggregator',
  'device-taint-eviction': 'device-taint-eviction-controller',
  endpoints: 'endpoint',
  endpointslice: 'endpoint_slice',
  endpointslicemirroring: 'endpoint_slice_mirroring',
  'ephemeral-volume': 'ephemeral_volume',
  garbagecollector: 'garbage_collector_attempt_to_delete',
  'garbagecollector-orphan': 'garbage_collector_attempt_to_orphan',
  'horizontal-pod-autoscaling': 'horizontalpodautoscaler',
  'job-orphan': 'job_orphan_pod',
  'node-ttl': 'ttlcontroller',
  nodelifecycle: 'node_lifecycle_controller',
  'persistentvolume-claims': 'claims',
  'persistentvolume-volumes': 'volumes',
  podgc: 'orphaned_pods_nodes',
  'pv-protection': 'pvprotection',
  'pvc-protection': 'pvcprotection',
  replication: 'replicationmanager',
  resourceclaim: 'resource_claim',
  resourcequota: 'resourcequota_primary',
  'root-ca-certificate-publisher': 'root_ca_cert_publisher',
  'service-cidr': 'ipaddresses',
  'serviceaccount-token': 'serviceaccount_tokens_service',
  'taint-eviction': 'noexec_taint_pod',
  'ttl-after-finished': 'ttl_jobs_to_delete',
  'vac-protection': 'vacprotection',
  volumeexpand: 'volume_expand',
}

/** All queues of the controllers, by those names; a second one of a name has a number. */
export function namedQueues(controllers: readonly Controller[]): ReadonlyMap<string, WorkQueue> {
  const named = new Map<string, WorkQueue>()
  for (const { name: own, queue } of controllers.flatMap(({ queues = [] }) => queues)) {
    const name = NAMES[own] ?? own
    let free = name
    for (let number = 2; named.has(free); number++) free = `${name}_${number}`
    named.set(free, queue)
  }
  return named
}
