/**
 * All controllers, in the order in which they are started
 * (https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/).
 */

import { withGroup } from '../base/async/group.ts'
import { clusterRoleAggregationController } from './clusterroleaggregation/controller.ts'
import { cronJobController } from './cronjob/controller.ts'
import { daemonSetController } from './daemonset/controller.ts'
import { deploymentController } from './deployment/controller.ts'
import { endpointsController } from './endpoints/controller.ts'
import { endpointSliceController } from './endpointslice/controller.ts'
import { endpointSliceMirroringController } from './endpointslicemirroring/controller.ts'
import { ephemeralVolumeController } from './ephemeralvolume/controller.ts'
import { garbageCollector } from './garbagecollector/controller.ts'
import { jobController } from './job/controller.ts'
import type { Controller, ControllerDeps } from './kit/loop.ts'
import { localPathController } from './localpath/controller.ts'
import { namespaceController } from './namespace/controller.ts'
import { nodeLifecycleController } from './nodelifecycle/controller.ts'
import { persistentVolumeController } from './persistentvolume/controller.ts'
import { podAutoscalerController } from './podautoscaler/controller.ts'
import { podDisruptionBudgetController } from './poddisruptionbudget/controller.ts'
import { podGcController } from './podgc/controller.ts'
import { replicaSetController } from './replicaset/controller.ts'
import { replicationControllerController } from './replicationcontroller/controller.ts'
import { resourceQuotaController } from './resourcequota/controller.ts'
import { rootCaController } from './rootca/controller.ts'
import { serviceAccountController } from './serviceaccount/controller.ts'
import { statefulSetController } from './statefulset/controller.ts'
import { taintEvictionController } from './tainteviction/controller.ts'
import { ttlAfterFinishedController } from './ttlafterfinished/controller.ts'
import { volumeProtectionController } from './volumeprotection/controller.ts'

export type { Controller, ControllerDeps } from './kit/loop.ts'

/** Builds every controller; nothing runs yet. */
export function allControllers(deps: ControllerDeps): readonly Controller[] {
  return [
    namespaceController(deps),
    serviceAccountController(deps),
    ...(deps.rootCa === undefined ? [] : [rootCaController(deps, deps.rootCa)]),
    replicaSetController(deps),
    deploymentController(deps),
    statefulSetController(deps),
    daemonSetController(deps),
    jobController(deps),
    garbageCollector(deps),
    nodeLifecycleController(deps),
    taintEvictionController(deps),
    podGcController(deps),
    cronJobController(deps),
    ttlAfterFinishedController(deps),
    resourceQuotaController(deps),
    podDisruptionBudgetController(deps),
    podAutoscalerController(deps),
    persistentVolumeController(deps),
    localPathController(deps),
    volumeProtectionController(deps),
    ephemeralVolumeController(deps),
    clusterRoleAggregationController(deps),
    endpointSliceController(deps),
    endpointsController(deps),
    endpointSliceMirroringController(deps),
    replicationControllerController(deps),
  ]
}

/** Runs every controller until `signal` aborts. The caller runs `deps.informers`. */
export async function runControllers(deps: ControllerDeps, signal: AbortSignal): Promise<void> {
  const controllers = allControllers(deps)
  await withGroup(async (group) => {
    await Promise.all(controllers.map((controller) => controller.run(group.signal)))
  }, signal)
}
