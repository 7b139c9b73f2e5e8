/** The admission plug-ins that are on, in Kubernetes's order. */

import type { LimitRange, Pod } from '../../api/generated/core-v1.ts'
import type { Clock } from '../../base/clock.ts'
import type { Random } from '../../base/random.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { Authorizer } from '../authz/authorizer.ts'
import type { RoleRules } from '../authz/rbac.ts'
import type { ResourceTable } from '../registry/served-resource.ts'
import type { WatchCache } from '../watchcache/watch-cache.ts'
import type { AdmissionPlugin } from './admission.ts'
import {
  certificateApproval,
  certificateConditionTimes,
  certificateRequester,
  certificateSigning,
  certificateSubjectRestriction,
} from './certificates.ts'
import { createAuthorization } from './create-authorization.ts'
import { defaultIngressClass, defaultStorageClass } from './default-classes.ts'
import { defaultTolerationSeconds } from './default-toleration-seconds.ts'
import { limitRanger } from './limit-ranger.ts'
import { namespaceLifecycle } from './namespace-lifecycle.ts'
import { podTopologyLabels, taintNodesByCondition } from './node-plugins.ts'
import { storageObjectInUseProtection } from './object-in-use-protection.ts'
import { nodeRestriction } from './node-restriction/plugin.ts'
import { nodeVolumes } from './node-volumes.ts'
import { podResizeValidator } from './pod-resize.ts'
import { mutatingAdmissionPolicies } from './policy/mutating.ts'
import { paramRights } from './policy/param-rights.ts'
import { validatingAdmissionPolicies } from './policy/validating.ts'
import type { PolicyMetrics } from './policy-metrics.ts'
import { podSecurity } from './pod-security/plugin.ts'
import { priority } from './priority.ts'
import { privilegeEscalation } from './privilege-escalation.ts'
import { resourceQuota } from './resource-quota.ts'
import { runtimeClass } from './runtime-class.ts'
import { serviceAccountAdmission } from './service-account.ts'
import { claimStatusAuthorization } from './claim-status.ts'
import { persistentVolumeClaimResize } from './claim-resize.ts'

/** What the plug-ins look things up in. */
export interface AdmissionSources {
  /** The objects of a resource by its key. */
  readonly cacheOf: (key: string) => WatchCache
  readonly resources: ResourceTable
  readonly authorizer: Authorizer
  readonly roles: RoleRules
  readonly clock: Clock
  readonly random: Random
  /** Absent: nobody counts. */
  readonly metrics?: PolicyMetrics
}

export function builtinAdmission(sources: AdmissionSources): readonly AdmissionPlugin[] {
  const { cacheOf, authorizer, roles, clock, random, metrics } = sources
  const namespaces = cacheOf('v1/namespaces')
  const pods = cacheOf('v1/pods')
  const limitRanges = cacheOf('v1/limitranges')
  const storageClasses = cacheOf('storage.k8s.io/v1/storageclasses')
  return [
    paramRights(sources),
    createAuthorization(authorizer),
    namespaceLifecycle(namespaces),
    limitRanger((namespace) => limitRanges.all(namespace).map(({ object }) => object as DeepReadonly<LimitRange>)),
    serviceAccountAdmission(cacheOf('v1/serviceaccounts'), random),
    nodeRestriction({
      pods,
      nodes: cacheOf('v1/nodes'),
      claims: cacheOf('v1/persistentvolumeclaims'),
      volumes: cacheOf('v1/persistentvolumes'),
      drivers: cacheOf('storage.k8s.io/v1/csidrivers'),
      authorizer,
    }),
    taintNodesByCondition,
    nodeVolumes,
    podSecurity({
      labelsOf: (namespace) => namespaces.get('', namespace)?.object.metadata.labels,
      podsIn: (namespace) => pods.all(namespace).map(({ object }) => object as DeepReadonly<Pod>),
      metrics,
    }),
    priority(cacheOf('scheduling.k8s.io/v1/priorityclasses')),
    defaultTolerationSeconds,
    defaultStorageClass(storageClasses),
    storageObjectInUseProtection,
    persistentVolumeClaimResize(storageClasses),
    runtimeClass(cacheOf('node.k8s.io/v1/runtimeclasses')),
    certificateRequester,
    certificateConditionTimes(clock),
    certificateApproval(authorizer),
    certificateSigning(authorizer),
    certificateSubjectRestriction,
    claimStatusAuthorization(authorizer),
    defaultIngressClass(cacheOf('networking.k8s.io/v1/ingressclasses')),
    podTopologyLabels(cacheOf('v1/nodes')),
    podResizeValidator(cacheOf('v1/nodes')),
    mutatingAdmissionPolicies({ ...sources, namespaces }),
    privilegeEscalation({ authorizer, roles }),
    validatingAdmissionPolicies({ ...sources, namespaces }),
    resourceQuota({
      quotas: cacheOf('v1/resourcequotas'),
      pods,
      claims: cacheOf('resource.k8s.io/v1/resourceclaims'),
      classes: cacheOf('resource.k8s.io/v1/deviceclasses'),
      clock,
    }),
  ]
}
