/**
 * All controllers, in the order in which they are started
 * (https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/).
 */

import { withGroup } from '../base/async/group.ts'
import type { KeyPair } from '../base/tls/certificates.ts'
import type { Client } from '../client/client.ts'
import { controllerAccountController } from './controlleraccount/controller.ts'
import { attachDetachController } from './attachdetach/controller.ts'
import { certificateController } from './certificates/controller.ts'
import { clusterRoleAggregationController } from './clusterroleaggregation/controller.ts'
import { cronJobController } from './cronjob/controller.ts'
import { daemonSetController } from './daemonset/controller.ts'
import { deviceTaintEvictionController } from './devicetainteviction/controller.ts'
import { deploymentController } from './deployment/controller.ts'
import { endpointsController } from './endpoints/controller.ts'
import { endpointSliceController } from './endpointslice/controller.ts'
import { endpointSliceMirroringController } from './endpointslicemirroring/controller.ts'
import { ephemeralVolumeController } from './ephemeralvolume/controller.ts'
import { garbageCollector } from './garbagecollector/controller.ts'
import { jobController } from './job/controller.ts'
import type { Events } from './kit/events.ts'
import type { Controller, ControllerDeps } from './kit/loop.ts'
import { legacyTokenCleaner } from './legacytokencleaner/controller.ts'
import { localPathController } from './localpath/controller.ts'
import { namespaceController } from './namespace/controller.ts'
import { nodeLifecycleController } from './nodelifecycle/controller.ts'
import { nodeTtlController } from './nodettl/controller.ts'
import { persistentVolumeController } from './persistentvolume/controller.ts'
import { podAutoscalerController } from './podautoscaler/controller.ts'
import { podDisruptionBudgetController } from './poddisruptionbudget/controller.ts'
import { podGcController } from './podgc/controller.ts'
import { replicaSetController } from './replicaset/controller.ts'
import { replicationControllerController } from './replicationcontroller/controller.ts'
import { resourceClaimController } from './resourceclaim/controller.ts'
import { resourceQuotaController } from './resourcequota/controller.ts'
import { rootCaController } from './rootca/controller.ts'
import { serviceAccountController } from './serviceaccount/controller.ts'
import { type MintToken, serviceAccountTokenController } from './serviceaccounttoken/controller.ts'
import { serviceCidrController } from './servicecidr/controller.ts'
import { statefulSetController } from './statefulset/controller.ts'
import { taintEvictionController } from './tainteviction/controller.ts'
import { ttlAfterFinishedController } from './ttlafterfinished/controller.ts'
import { validatingAdmissionPolicyStatusController } from './validatingadmissionpolicystatus/controller.ts'
import { volumeExpandController } from './volumeexpand/controller.ts'
import {
  attributesClassProtectionController,
  claimProtectionController,
  volumeProtectionController,
} from './volumeprotection/controller.ts'

export type { Controller, ControllerDeps } from './kit/loop.ts'

/** What all controllers share, and who each of them is: its service account in kube-system. */
export interface ManagerDeps extends Omit<ControllerDeps, 'client' | 'events'> {
  /** The API as that account sees it. */
  readonly clientFor: (account: string) => Client
  /** A recorder whose events carry `component` as their source, and are written by `client`. */
  readonly eventsOf: (component: string, client: Client) => Events
  /** The cluster CA's certificates as PEM, published to every namespace; absent: not published. */
  readonly rootCa?: string
  /** Makes tokens that are kept in Secrets; absent: such Secrets stay empty. */
  readonly mint?: MintToken
  /** The API as the program itself sees it. */
  readonly client: Client
  /** Signs what is approved; absent: nothing is signed. */
  readonly authority?: KeyPair
}

/** Builds every controller; nothing runs yet. */
function allControllers(deps: ManagerDeps): readonly Controller[] {
  const { clientFor, eventsOf, rootCa, authority, mint, client, ...shared } = deps
  const itself: ControllerDeps = { ...shared, client, events: (component) => eventsOf(component, client) }
  const accounts = new Set<string>()
  const as = (account: string): ControllerDeps => {
    accounts.add(account)
    const client = clientFor(account)
    return { ...shared, client, events: (component) => eventsOf(component, client) }
  }
  const controllers = [
    namespaceController(as('namespace-controller')),
    serviceAccountController(as('service-account-controller')),
    ...(mint === undefined
      ? []
      : [serviceAccountTokenController(itself, { mint, ...(rootCa === undefined ? {} : { rootCa }) })]),
    ...(rootCa === undefined ? [] : [rootCaController(as('root-ca-cert-publisher'), rootCa)]),
    legacyTokenCleaner(as('legacy-service-account-token-cleaner')),
    replicaSetController(as('replicaset-controller')),
    deploymentController(as('deployment-controller')),
    statefulSetController(as('statefulset-controller')),
    daemonSetController(as('daemon-set-controller')),
    jobController(as('job-controller')),
    garbageCollector(as('generic-garbage-collector')),
    nodeLifecycleController(as('node-controller')),
    taintEvictionController(as('node-controller')),
    nodeTtlController(as('ttl-controller')),
    podGcController(as('pod-garbage-collector')),
    cronJobController(as('cronjob-controller')),
    ttlAfterFinishedController(as('ttl-after-finished-controller')),
    resourceQuotaController(as('resourcequota-controller')),
    podDisruptionBudgetController(as('disruption-controller')),
    podAutoscalerController(as('horizontal-pod-autoscaler')),
    persistentVolumeController(as('persistent-volume-binder')),
    attachDetachController(as('attachdetach-controller')),
    volumeExpandController(as('expand-controller')),
    localPathController(as('local-path-provisioner')),
    claimProtectionController(as('pvc-protection-controller')),
    volumeProtectionController(as('pv-protection-controller')),
    attributesClassProtectionController(as('volumeattributesclass-protection-controller')),
    ephemeralVolumeController(as('ephemeral-volume-controller')),
    resourceClaimController(as('resource-claim-controller')),
    deviceTaintEvictionController(as('device-taint-eviction-controller')),
    clusterRoleAggregationController(as('clusterrole-aggregation-controller')),
    serviceCidrController(as('service-cidrs-controller')),
    endpointSliceController(as('endpointslice-controller')),
    endpointsController(as('endpoint-controller')),
    endpointSliceMirroringController(as('endpointslicemirroring-controller')),
    replicationControllerController(as('replication-controller')),
    certificateController(as('certificate-controller'), authority),
    validatingAdmissionPolicyStatusController(as('validatingadmissionpolicy-status-controller')),
  ]
  return [...controllers, controllerAccountController(itself, accounts)]
}

/**
 * Runs every controller until `signal` aborts. The caller runs `deps.informers`. `running` is told of them before they
 * begin.
 */
export async function runControllers(
  deps: ManagerDeps,
  signal: AbortSignal,
  running?: (controllers: readonly Controller[]) => void,
): Promise<void> {
  const controllers = allControllers(deps)
  running?.(controllers)
  await withGroup(async (group) => {
    await Promise.all(controllers.map((controller) => controller.run(group.signal)))
  }, signal)
}
