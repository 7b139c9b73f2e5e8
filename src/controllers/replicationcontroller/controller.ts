/** ReplicationController: the older ReplicaSet (https://kubernetes.io/docs/concepts/workloads/controllers/replicationcontroller/). */

import type { ReplicationController } from '../../api/generated/core-v1.ts'
import { REPLICATION_CONTROLLERS } from '../../client/resources.ts'
import { selectorFromMap, selectorOf } from '../../meta/label-selector.ts'
import type { Controller, ControllerDeps } from '../kit/loop.ts'
import { replicaController, type ReplicaKind } from '../kit/replicas/replica-controller.ts'

const replicationControllers: ReplicaKind<ReplicationController> = {
  name: 'replication',
  ref: REPLICATION_CONTROLLERS,
  wanted: (owner) => owner.spec?.replicas ?? 1,
  minReadySeconds: (owner) => owner.spec?.minReadySeconds ?? 0,
  selector: ({ spec }) => (spec?.selector === undefined ? selectorOf(undefined) : selectorFromMap(spec.selector)),
  template: (owner) => owner.spec?.template,
  status: (owner) => owner.status,
  reportsTerminating: false,
}

export const replicationControllerController = (deps: ControllerDeps): Controller =>
  replicaController(replicationControllers, deps)
