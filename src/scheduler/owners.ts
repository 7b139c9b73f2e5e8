/** Those who speak for Pods, kept by informers. */

import type { InformerFactory } from '../client/informer.ts'
import { REPLICA_SETS, REPLICATION_CONTROLLERS, SERVICES, STATEFUL_SETS } from '../client/resources.ts'
import type { OwnerListers } from './plugins/pod-topology-spread/defaults.ts'

/** The informers about Services and the controllers whose Pods are spread without being asked. */
export function ownerInformers(informers: InformerFactory) {
  return {
    services: informers.of(SERVICES),
    replicationControllers: informers.of(REPLICATION_CONTROLLERS),
    replicaSets: informers.of(REPLICA_SETS),
    statefulSets: informers.of(STATEFUL_SETS),
  } satisfies OwnerListers
}
