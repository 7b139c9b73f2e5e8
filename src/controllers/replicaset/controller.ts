/** ReplicaSet: keeps a stated number of like Pods alive (https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/). */

import type { ReplicaSet } from '../../api/generated/apps-v1.ts'
import { REPLICA_SETS } from '../../client/resources.ts'
import { selectorOf } from '../../meta/label-selector.ts'
import type { Controller, ControllerDeps } from '../kit/loop.ts'
import { replicaController, type ReplicaKind } from '../kit/replicas/replica-controller.ts'

const replicaSets: ReplicaKind<ReplicaSet> = {
  name: 'replicaset',
  ref: REPLICA_SETS,
  wanted: (owner) => owner.spec?.replicas ?? 1,
  minReadySeconds: (owner) => owner.spec?.minReadySeconds ?? 0,
  selector: (owner) => selectorOf(owner.spec?.selector),
  template: (owner) => owner.spec?.template,
  status: (owner) => owner.status,
  reportsTerminating: true,
}

export const replicaSetController = (deps: ControllerDeps): Controller => replicaController(replicaSets, deps)
