/** All kinds that mean something of their own, in discovery's order; every other resource is served generically. */

import { resourceFacts } from './generated/resources.ts'
import { controllerRevisions } from './apps/v1/controllerrevision/resource.ts'
import { daemonSets } from './apps/v1/daemonset/resource.ts'
import { deployments } from './apps/v1/deployment/resource.ts'
import { replicaSets } from './apps/v1/replicaset/resource.ts'
import { statefulSets } from './apps/v1/statefulset/resource.ts'
import { horizontalPodAutoscalers } from './autoscaling/v2/horizontalpodautoscaler/resource.ts'
import { cronJobs } from './batch/v1/cronjob/resource.ts'
import { jobs } from './batch/v1/job/resource.ts'
import { leases } from './coordination/v1/lease/resource.ts'
import { bindings } from './core/v1/binding/resource.ts'
import { componentStatuses } from './core/v1/componentstatus/resource.ts'
import { configMaps } from './core/v1/configmap/resource.ts'
import { endpoints } from './core/v1/endpoints/resource.ts'
import { events } from './core/v1/event/resource.ts'
import { limitRanges } from './core/v1/limitrange/resource.ts'
import { namespaces } from './core/v1/namespace/resource.ts'
import { nodes } from './core/v1/node/resource.ts'
import { persistentVolumeClaims } from './core/v1/persistentvolumeclaim/resource.ts'
import { persistentVolumes } from './core/v1/persistentvolume/resource.ts'
import { pods } from './core/v1/pod/resource.ts'
import { podTemplates } from './core/v1/podtemplate/resource.ts'
import { replicationControllers } from './core/v1/replicationcontroller/resource.ts'
import { resourceQuotas } from './core/v1/resourcequota/resource.ts'
import { secrets } from './core/v1/secret/resource.ts'
import { serviceAccounts } from './core/v1/serviceaccount/resource.ts'
import { services } from './core/v1/service/resource.ts'
import { endpointSlices } from './discovery/v1/endpointslice/resource.ts'
import { ingresses } from './networking/v1/ingress/resource.ts'
import { ingressClasses } from './networking/v1/ingressclass/resource.ts'
import { networkPolicies } from './networking/v1/networkpolicy/resource.ts'
import { runtimeClasses } from './node/v1/runtimeclass/resource.ts'
import { podDisruptionBudgets } from './policy/v1/poddisruptionbudget/resource.ts'
import { clusterRoles } from './rbac/v1/clusterrole/resource.ts'
import { clusterRoleBindings } from './rbac/v1/clusterrolebinding/resource.ts'
import { roles } from './rbac/v1/role/resource.ts'
import { roleBindings } from './rbac/v1/rolebinding/resource.ts'
import { priorityClasses } from './scheduling/v1/priorityclass/resource.ts'
import { mutatingAdmissionPolicies } from './admissionregistration/v1/mutatingadmissionpolicy/resource.ts'
import { mutatingAdmissionPolicyBindings } from './admissionregistration/v1/mutatingadmissionpolicybinding/resource.ts'
import { mutatingWebhookConfigurations } from './admissionregistration/v1/mutatingwebhookconfiguration/resource.ts'
import { validatingAdmissionPolicies } from './admissionregistration/v1/validatingadmissionpolicy/resource.ts'
import { validatingAdmissionPolicyBindings } from './admissionregistration/v1/validatingadmissionpolicybinding/resource.ts'
import { validatingWebhookConfigurations } from './admissionregistration/v1/validatingwebhookconfiguration/resource.ts'
import { customResourceDefinitions } from './apiextensions/v1/customresourcedefinition/resource.ts'
import { apiServices } from './apiregistration/v1/apiservice/resource.ts'
import { localSubjectAccessReviews } from './authorization/v1/localsubjectaccessreview/resource.ts'
import { selfSubjectAccessReviews } from './authorization/v1/selfsubjectaccessreview/resource.ts'
import { subjectAccessReviews } from './authorization/v1/subjectaccessreview/resource.ts'
import { certificateSigningRequests } from './certificates/v1/certificatesigningrequest/resource.ts'
import { newEvents } from './events/v1/event/resource.ts'
import { flowSchemas } from './flowcontrol/v1/flowschema/resource.ts'
import { priorityLevelConfigurations } from './flowcontrol/v1/prioritylevelconfiguration/resource.ts'
import { ipAddresses } from './networking/v1/ipaddress/resource.ts'
import { serviceCidrs } from './networking/v1/servicecidr/resource.ts'
import { deviceClasses } from './resource/v1/deviceclass/resource.ts'
import { resourceClaims } from './resource/v1/resourceclaim/resource.ts'
import { resourceClaimTemplates } from './resource/v1/resourceclaimtemplate/resource.ts'
import { resourceSlices } from './resource/v1/resourceslice/resource.ts'
import { csiDrivers } from './storage/v1/csidriver/resource.ts'
import { csiNodes } from './storage/v1/csinode/resource.ts'
import { csiStorageCapacities } from './storage/v1/csistoragecapacity/resource.ts'
import { volumeAttachments } from './storage/v1/volumeattachment/resource.ts'
import { volumeAttributesClasses } from './storage/v1/volumeattributesclass/resource.ts'
import { storageClasses } from './storage/v1/storageclass/resource.ts'
import type { ResourceDefinition } from './resource.ts'

/** The meanings, in order. */
export const catalog: readonly ResourceDefinition[] = [
  bindings,
  componentStatuses,
  configMaps,
  endpoints,
  events,
  limitRanges,
  namespaces,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  podTemplates,
  replicationControllers,
  resourceQuotas,
  secrets,
  serviceAccounts,
  services,
  controllerRevisions,
  daemonSets,
  deployments,
  replicaSets,
  statefulSets,
  horizontalPodAutoscalers,
  cronJobs,
  jobs,
  leases,
  endpointSlices,
  ingresses,
  ingressClasses,
  networkPolicies,
  runtimeClasses,
  podDisruptionBudgets,
  clusterRoles,
  clusterRoleBindings,
  roles,
  roleBindings,
  priorityClasses,
  storageClasses,
  mutatingAdmissionPolicies,
  mutatingAdmissionPolicyBindings,
  mutatingWebhookConfigurations,
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
  validatingWebhookConfigurations,
  customResourceDefinitions,
  apiServices,
  localSubjectAccessReviews,
  selfSubjectAccessReviews,
  subjectAccessReviews,
  certificateSigningRequests,
  newEvents,
  flowSchemas,
  priorityLevelConfigurations,
  ipAddresses,
  serviceCidrs,
  deviceClasses,
  resourceClaims,
  resourceClaimTemplates,
  resourceSlices,
  csiDrivers,
  csiNodes,
  csiStorageCapacities,
  volumeAttachments,
  volumeAttributesClasses,
]

const byKey = index(catalog)

/** What the kind behind a resource means: its own definition, or an empty one (`apps/v1/deployments`, `v1/pods`). */
export function definitionOf(key: string): ResourceDefinition {
  return byKey.get(key) ?? { key }
}

function index(definitions: readonly ResourceDefinition[]): ReadonlyMap<string, ResourceDefinition> {
  const found = new Map<string, ResourceDefinition>()
  for (const definition of definitions) {
    if (!Object.hasOwn(resourceFacts, definition.key))
      throw new Error(`no resource is known by the key ${definition.key}`)
    if (found.has(definition.key)) throw new Error(`two definitions have the key ${definition.key}`)
    found.set(definition.key, definition)
  }
  return found
}
