/**
 * A typed reference to every resource Kubernetes serves: what `Client` calls take to know path and type. The list is
 * written in discovery's order; a test compares it with the facts (https://kubernetes.io/docs/reference/kubernetes-api/).
 */

import type {
  Binding,
  ComponentStatus,
  ConfigMap,
  Endpoints,
  Event,
  LimitRange,
  Namespace,
  Node,
  PersistentVolumeClaim,
  PersistentVolume,
  Pod,
  PodTemplate,
  ReplicationController,
  ResourceQuota,
  Secret,
  ServiceAccount,
  Service,
} from '../api/generated/core-v1.ts'
import type { APIService } from '../api/generated/apiregistration-v1.ts'
import type { ControllerRevision, DaemonSet, Deployment, ReplicaSet, StatefulSet } from '../api/generated/apps-v1.ts'
import type { Event as EventV1 } from '../api/generated/events-v1.ts'
import type { SelfSubjectReview, TokenReview } from '../api/generated/authentication-v1.ts'
import type {
  LocalSubjectAccessReview,
  SelfSubjectAccessReview,
  SelfSubjectRulesReview,
  SubjectAccessReview,
} from '../api/generated/authorization-v1.ts'
import type { HorizontalPodAutoscaler } from '../api/generated/autoscaling-v2.ts'
import type { HorizontalPodAutoscaler as HorizontalPodAutoscalerV1 } from '../api/generated/autoscaling-v1.ts'
import type { CronJob, Job } from '../api/generated/batch-v1.ts'
import type { CertificateSigningRequest } from '../api/generated/certificates-v1.ts'
import type { IngressClass, Ingress, IPAddress, NetworkPolicy, ServiceCIDR } from '../api/generated/networking-v1.ts'
import type { PodDisruptionBudget } from '../api/generated/policy-v1.ts'
import type { ClusterRoleBinding, ClusterRole, RoleBinding, Role } from '../api/generated/rbac-v1.ts'
import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  StorageClass,
  VolumeAttachment,
  VolumeAttributesClass,
} from '../api/generated/storage-v1.ts'
import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  MutatingWebhookConfiguration,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  ValidatingWebhookConfiguration,
} from '../api/generated/admissionregistration-v1.ts'
import type { CustomResourceDefinition } from '../api/generated/apiextensions-v1.ts'
import type { PriorityClass } from '../api/generated/scheduling-v1.ts'
import type { Lease } from '../api/generated/coordination-v1.ts'
import type { RuntimeClass } from '../api/generated/node-v1.ts'
import type { EndpointSlice } from '../api/generated/discovery-v1.ts'
import type { DeviceClass, ResourceClaim, ResourceClaimTemplate, ResourceSlice } from '../api/generated/resource-v1.ts'
import type { FlowSchema, PriorityLevelConfiguration } from '../api/generated/flowcontrol-v1.ts'
import type { NodeMetrics, PodMetrics } from '../api/generated/metrics-v1beta1.ts'
import type { GroupVersionResource, KubeObject } from '../meta/types.ts'

/** One resource with the type of its objects. `type` never holds a value; it carries `T`. */
export interface ResourceRef<T extends KubeObject> extends GroupVersionResource {
  readonly kind: string
  readonly namespaced: boolean
  readonly type?: T
}

/** `v1` or `apps/v1`, as objects of the resource carry it. */
export function apiVersionOf({ group, version }: Pick<GroupVersionResource, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`
}

const namespaced = <T extends KubeObject>(
  group: string,
  version: string,
  resource: string,
  kind: string,
): ResourceRef<T> => ({ group, version, resource, kind, namespaced: true })

const cluster = <T extends KubeObject>(
  group: string,
  version: string,
  resource: string,
  kind: string,
): ResourceRef<T> => ({ group, version, resource, kind, namespaced: false })

export const BINDINGS = namespaced<Binding>('', 'v1', 'bindings', 'Binding')
export const COMPONENT_STATUSES = cluster<ComponentStatus>('', 'v1', 'componentstatuses', 'ComponentStatus')
export const CONFIG_MAPS = namespaced<ConfigMap>('', 'v1', 'configmaps', 'ConfigMap')
export const ENDPOINTS = namespaced<Endpoints>('', 'v1', 'endpoints', 'Endpoints')
export const EVENTS = namespaced<Event>('', 'v1', 'events', 'Event')
export const LIMIT_RANGES = namespaced<LimitRange>('', 'v1', 'limitranges', 'LimitRange')
export const NAMESPACES = cluster<Namespace>('', 'v1', 'namespaces', 'Namespace')
export const NODES = cluster<Node>('', 'v1', 'nodes', 'Node')
export const PERSISTENT_VOLUME_CLAIMS = namespaced<PersistentVolumeClaim>(
  '',
  'v1',
  'persistentvolumeclaims',
  'PersistentVolumeClaim',
)
export const PERSISTENT_VOLUMES = cluster<PersistentVolume>('', 'v1', 'persistentvolumes', 'PersistentVolume')
export const PODS = namespaced<Pod>('', 'v1', 'pods', 'Pod')
export const POD_TEMPLATES = namespaced<PodTemplate>('', 'v1', 'podtemplates', 'PodTemplate')
export const REPLICATION_CONTROLLERS = namespaced<ReplicationController>(
  '',
  'v1',
  'replicationcontrollers',
  'ReplicationController',
)
export const RESOURCE_QUOTAS = namespaced<ResourceQuota>('', 'v1', 'resourcequotas', 'ResourceQuota')
export const SECRETS = namespaced<Secret>('', 'v1', 'secrets', 'Secret')
export const SERVICE_ACCOUNTS = namespaced<ServiceAccount>('', 'v1', 'serviceaccounts', 'ServiceAccount')
export const SERVICES = namespaced<Service>('', 'v1', 'services', 'Service')
export const API_SERVICES = cluster<APIService>('apiregistration.k8s.io', 'v1', 'apiservices', 'APIService')
export const CONTROLLER_REVISIONS = namespaced<ControllerRevision>(
  'apps',
  'v1',
  'controllerrevisions',
  'ControllerRevision',
)
export const DAEMON_SETS = namespaced<DaemonSet>('apps', 'v1', 'daemonsets', 'DaemonSet')
export const DEPLOYMENTS = namespaced<Deployment>('apps', 'v1', 'deployments', 'Deployment')
export const REPLICA_SETS = namespaced<ReplicaSet>('apps', 'v1', 'replicasets', 'ReplicaSet')
export const STATEFUL_SETS = namespaced<StatefulSet>('apps', 'v1', 'statefulsets', 'StatefulSet')
export const EVENTS_V1 = namespaced<EventV1>('events.k8s.io', 'v1', 'events', 'Event')
export const SELF_SUBJECT_REVIEWS = cluster<SelfSubjectReview>(
  'authentication.k8s.io',
  'v1',
  'selfsubjectreviews',
  'SelfSubjectReview',
)
export const TOKEN_REVIEWS = cluster<TokenReview>('authentication.k8s.io', 'v1', 'tokenreviews', 'TokenReview')
export const LOCAL_SUBJECT_ACCESS_REVIEWS = namespaced<LocalSubjectAccessReview>(
  'authorization.k8s.io',
  'v1',
  'localsubjectaccessreviews',
  'LocalSubjectAccessReview',
)
export const SELF_SUBJECT_ACCESS_REVIEWS = cluster<SelfSubjectAccessReview>(
  'authorization.k8s.io',
  'v1',
  'selfsubjectaccessreviews',
  'SelfSubjectAccessReview',
)
export const SELF_SUBJECT_RULES_REVIEWS = cluster<SelfSubjectRulesReview>(
  'authorization.k8s.io',
  'v1',
  'selfsubjectrulesreviews',
  'SelfSubjectRulesReview',
)
export const SUBJECT_ACCESS_REVIEWS = cluster<SubjectAccessReview>(
  'authorization.k8s.io',
  'v1',
  'subjectaccessreviews',
  'SubjectAccessReview',
)
export const HORIZONTAL_POD_AUTOSCALERS = namespaced<HorizontalPodAutoscaler>(
  'autoscaling',
  'v2',
  'horizontalpodautoscalers',
  'HorizontalPodAutoscaler',
)
export const HORIZONTAL_POD_AUTOSCALERS_V1 = namespaced<HorizontalPodAutoscalerV1>(
  'autoscaling',
  'v1',
  'horizontalpodautoscalers',
  'HorizontalPodAutoscaler',
)
export const CRON_JOBS = namespaced<CronJob>('batch', 'v1', 'cronjobs', 'CronJob')
export const JOBS = namespaced<Job>('batch', 'v1', 'jobs', 'Job')
export const CERTIFICATE_SIGNING_REQUESTS = cluster<CertificateSigningRequest>(
  'certificates.k8s.io',
  'v1',
  'certificatesigningrequests',
  'CertificateSigningRequest',
)
export const INGRESS_CLASSES = cluster<IngressClass>('networking.k8s.io', 'v1', 'ingressclasses', 'IngressClass')
export const INGRESSES = namespaced<Ingress>('networking.k8s.io', 'v1', 'ingresses', 'Ingress')
export const IP_ADDRESSES = cluster<IPAddress>('networking.k8s.io', 'v1', 'ipaddresses', 'IPAddress')
export const NETWORK_POLICIES = namespaced<NetworkPolicy>('networking.k8s.io', 'v1', 'networkpolicies', 'NetworkPolicy')
export const SERVICE_CIDRS = cluster<ServiceCIDR>('networking.k8s.io', 'v1', 'servicecidrs', 'ServiceCIDR')
export const POD_DISRUPTION_BUDGETS = namespaced<PodDisruptionBudget>(
  'policy',
  'v1',
  'poddisruptionbudgets',
  'PodDisruptionBudget',
)
export const CLUSTER_ROLE_BINDINGS = cluster<ClusterRoleBinding>(
  'rbac.authorization.k8s.io',
  'v1',
  'clusterrolebindings',
  'ClusterRoleBinding',
)
export const CLUSTER_ROLES = cluster<ClusterRole>('rbac.authorization.k8s.io', 'v1', 'clusterroles', 'ClusterRole')
export const ROLE_BINDINGS = namespaced<RoleBinding>('rbac.authorization.k8s.io', 'v1', 'rolebindings', 'RoleBinding')
export const ROLES = namespaced<Role>('rbac.authorization.k8s.io', 'v1', 'roles', 'Role')
export const CSI_DRIVERS = cluster<CSIDriver>('storage.k8s.io', 'v1', 'csidrivers', 'CSIDriver')
export const CSI_NODES = cluster<CSINode>('storage.k8s.io', 'v1', 'csinodes', 'CSINode')
export const CSI_STORAGE_CAPACITIES = namespaced<CSIStorageCapacity>(
  'storage.k8s.io',
  'v1',
  'csistoragecapacities',
  'CSIStorageCapacity',
)
export const STORAGE_CLASSES = cluster<StorageClass>('storage.k8s.io', 'v1', 'storageclasses', 'StorageClass')
export const VOLUME_ATTACHMENTS = cluster<VolumeAttachment>(
  'storage.k8s.io',
  'v1',
  'volumeattachments',
  'VolumeAttachment',
)
export const VOLUME_ATTRIBUTES_CLASSES = cluster<VolumeAttributesClass>(
  'storage.k8s.io',
  'v1',
  'volumeattributesclasses',
  'VolumeAttributesClass',
)
export const MUTATING_ADMISSION_POLICIES = cluster<MutatingAdmissionPolicy>(
  'admissionregistration.k8s.io',
  'v1',
  'mutatingadmissionpolicies',
  'MutatingAdmissionPolicy',
)
export const MUTATING_ADMISSION_POLICY_BINDINGS = cluster<MutatingAdmissionPolicyBinding>(
  'admissionregistration.k8s.io',
  'v1',
  'mutatingadmissionpolicybindings',
  'MutatingAdmissionPolicyBinding',
)
export const MUTATING_WEBHOOK_CONFIGURATIONS = cluster<MutatingWebhookConfiguration>(
  'admissionregistration.k8s.io',
  'v1',
  'mutatingwebhookconfigurations',
  'MutatingWebhookConfiguration',
)
export const VALIDATING_ADMISSION_POLICIES = cluster<ValidatingAdmissionPolicy>(
  'admissionregistration.k8s.io',
  'v1',
  'validatingadmissionpolicies',
  'ValidatingAdmissionPolicy',
)
export const VALIDATING_ADMISSION_POLICY_BINDINGS = cluster<ValidatingAdmissionPolicyBinding>(
  'admissionregistration.k8s.io',
  'v1',
  'validatingadmissionpolicybindings',
  'ValidatingAdmissionPolicyBinding',
)
export const VALIDATING_WEBHOOK_CONFIGURATIONS = cluster<ValidatingWebhookConfiguration>(
  'admissionregistration.k8s.io',
  'v1',
  'validatingwebhookconfigurations',
  'ValidatingWebhookConfiguration',
)
export const CUSTOM_RESOURCE_DEFINITIONS = cluster<CustomResourceDefinition>(
  'apiextensions.k8s.io',
  'v1',
  'customresourcedefinitions',
  'CustomResourceDefinition',
)
export const PRIORITY_CLASSES = cluster<PriorityClass>('scheduling.k8s.io', 'v1', 'priorityclasses', 'PriorityClass')
export const LEASES = namespaced<Lease>('coordination.k8s.io', 'v1', 'leases', 'Lease')
export const RUNTIME_CLASSES = cluster<RuntimeClass>('node.k8s.io', 'v1', 'runtimeclasses', 'RuntimeClass')
export const ENDPOINT_SLICES = namespaced<EndpointSlice>('discovery.k8s.io', 'v1', 'endpointslices', 'EndpointSlice')
export const DEVICE_CLASSES = cluster<DeviceClass>('resource.k8s.io', 'v1', 'deviceclasses', 'DeviceClass')
export const RESOURCE_CLAIMS = namespaced<ResourceClaim>('resource.k8s.io', 'v1', 'resourceclaims', 'ResourceClaim')
export const RESOURCE_CLAIM_TEMPLATES = namespaced<ResourceClaimTemplate>(
  'resource.k8s.io',
  'v1',
  'resourceclaimtemplates',
  'ResourceClaimTemplate',
)
export const RESOURCE_SLICES = cluster<ResourceSlice>('resource.k8s.io', 'v1', 'resourceslices', 'ResourceSlice')
export const FLOW_SCHEMAS = cluster<FlowSchema>('flowcontrol.apiserver.k8s.io', 'v1', 'flowschemas', 'FlowSchema')
export const PRIORITY_LEVEL_CONFIGURATIONS = cluster<PriorityLevelConfiguration>(
  'flowcontrol.apiserver.k8s.io',
  'v1',
  'prioritylevelconfigurations',
  'PriorityLevelConfiguration',
)
export const NODE_METRICS = cluster<NodeMetrics>('metrics.k8s.io', 'v1beta1', 'nodes', 'NodeMetrics')
export const POD_METRICS = namespaced<PodMetrics>('metrics.k8s.io', 'v1beta1', 'pods', 'PodMetrics')
