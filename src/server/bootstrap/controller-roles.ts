/**
 * What each controller may do: one role a controller, held by its service account in kube-system
 * (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#controller-roles). The same rules as Kubernetes has,
 * so that a role or an audit rule written for one works for the other.
 */

import type { PolicyRule } from '../../api/generated/rbac-v1.ts'

const READ = ['get', 'list', 'watch']
const FOLLOW = ['list', 'watch']

function on(apiGroups: string[], resources: string[], verbs: string[], resourceNames?: string[]): PolicyRule {
  return { apiGroups, resources, verbs, ...(resourceNames === undefined ? {} : { resourceNames }) }
}

const EVENTS = on(['', 'events.k8s.io'], ['events'], ['create', 'patch', 'update'])

/** Service account → rules. The role is called `system:controller:` and the account's name. */
export const controllerRules: Readonly<Record<string, readonly PolicyRule[]>> = {
  'attachdetach-controller': [
    on([''], ['persistentvolumeclaims', 'persistentvolumes'], FOLLOW),
    on([''], ['nodes'], READ),
    on([''], ['nodes/status'], ['patch', 'update']),
    on([''], ['pods'], FOLLOW),
    EVENTS,
    on(['storage.k8s.io'], ['volumeattachments'], ['create', 'delete', 'get', 'list', 'watch']),
    on(['storage.k8s.io'], ['csidrivers'], READ),
    on(['storage.k8s.io'], ['csinodes'], READ),
  ],
  'certificate-controller': [
    on(['certificates.k8s.io'], ['certificatesigningrequests'], ['delete', 'get', 'list', 'watch']),
    on(
      ['certificates.k8s.io'],
      ['certificatesigningrequests/approval', 'certificatesigningrequests/status'],
      ['update'],
    ),
    on(['certificates.k8s.io'], ['signers'], ['approve'], ['kubernetes.io/kube-apiserver-client-kubelet']),
    on(
      ['certificates.k8s.io'],
      ['signers'],
      ['sign'],
      [
        'kubernetes.io/kube-apiserver-client',
        'kubernetes.io/kube-apiserver-client-kubelet',
        'kubernetes.io/kubelet-serving',
        'kubernetes.io/legacy-unknown',
      ],
    ),
    on(['authorization.k8s.io'], ['subjectaccessreviews'], ['create']),
    EVENTS,
  ],
  'clusterrole-aggregation-controller': [
    on(['rbac.authorization.k8s.io'], ['clusterroles'], ['escalate', 'get', 'list', 'patch', 'update', 'watch']),
  ],
  'cronjob-controller': [
    on(['batch'], ['cronjobs'], ['get', 'list', 'update', 'watch']),
    on(['batch'], ['jobs'], ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch']),
    on(['batch'], ['cronjobs/status'], ['update']),
    on(['batch'], ['cronjobs/finalizers'], ['update']),
    on([''], ['pods'], ['delete', 'list', 'watch']),
    EVENTS,
  ],
  'daemon-set-controller': [
    on(['apps', 'extensions'], ['daemonsets'], READ),
    on(['apps', 'extensions'], ['daemonsets/status'], ['update']),
    on(['apps', 'extensions'], ['daemonsets/finalizers'], ['update']),
    on([''], ['nodes'], FOLLOW),
    on([''], ['pods'], ['create', 'delete', 'list', 'patch', 'watch']),
    on([''], ['pods/binding'], ['create']),
    on(['apps'], ['controllerrevisions'], ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch']),
    EVENTS,
  ],
  'deployment-controller': [
    on(['apps', 'extensions'], ['deployments'], ['get', 'list', 'update', 'watch']),
    on(['apps', 'extensions'], ['deployments/status'], ['update']),
    on(['apps', 'extensions'], ['deployments/finalizers'], ['update']),
    on(['apps', 'extensions'], ['replicasets'], ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch']),
    on([''], ['pods'], ['get', 'list', 'update', 'watch']),
    EVENTS,
  ],
  'device-taint-eviction-controller': [
    on([''], ['pods'], ['delete', 'get', 'list', 'watch']),
    on([''], ['pods/status'], ['patch', 'update']),
    on(['resource.k8s.io'], ['resourceclaims'], READ),
    on(['resource.k8s.io'], ['resourceslices'], READ),
    on(['resource.k8s.io'], ['deviceclasses'], READ),
    EVENTS,
  ],
  'disruption-controller': [
    on(['apps', 'extensions'], ['deployments'], READ),
    on(['apps', 'extensions'], ['replicasets'], READ),
    on([''], ['replicationcontrollers'], READ),
    on(['policy'], ['poddisruptionbudgets'], READ),
    on(['apps'], ['statefulsets'], READ),
    on(['policy'], ['poddisruptionbudgets/status'], ['update']),
    on([''], ['pods/status'], ['patch', 'update']),
    on(['*'], ['*/scale'], ['get']),
    EVENTS,
  ],
  'endpoint-controller': [
    on([''], ['pods', 'services'], READ),
    on([''], ['endpoints'], ['create', 'delete', 'get', 'list', 'update', 'watch']),
    on([''], ['endpoints/restricted'], ['create']),
    EVENTS,
  ],
  'endpointslice-controller': [
    on([''], ['nodes', 'pods', 'services'], READ),
    on([''], ['services/finalizers'], ['update']),
    on(['discovery.k8s.io'], ['endpointslices'], ['create', 'delete', 'get', 'list', 'update', 'watch']),
    EVENTS,
  ],
  'endpointslicemirroring-controller': [
    on([''], ['endpoints', 'services'], READ),
    on([''], ['services/finalizers'], ['update']),
    on([''], ['endpoints/finalizers'], ['update']),
    on(['discovery.k8s.io'], ['endpointslices'], ['create', 'delete', 'get', 'list', 'update', 'watch']),
    EVENTS,
  ],
  'ephemeral-volume-controller': [
    on([''], ['pods'], READ),
    on([''], ['pods/finalizers'], ['update']),
    on([''], ['persistentvolumeclaims'], ['create', 'get', 'list', 'watch']),
    EVENTS,
  ],
  'expand-controller': [
    on([''], ['persistentvolumes'], ['get', 'list', 'patch', 'update', 'watch']),
    on([''], ['persistentvolumeclaims/status'], ['patch', 'update']),
    on([''], ['persistentvolumeclaims'], READ),
    EVENTS,
  ],
  'generic-garbage-collector': [on(['*'], ['*'], ['delete', 'get', 'list', 'patch', 'update', 'watch']), EVENTS],
  'horizontal-pod-autoscaler': [
    on(['autoscaling'], ['horizontalpodautoscalers'], READ),
    on(['autoscaling'], ['horizontalpodautoscalers/status'], ['update']),
    on(['*'], ['*/scale'], ['get', 'update']),
    on([''], ['pods'], FOLLOW),
    on(['metrics.k8s.io'], ['pods'], FOLLOW),
    on(['custom.metrics.k8s.io'], ['*'], READ),
    on(['external.metrics.k8s.io'], ['*'], READ),
    EVENTS,
  ],
  'job-controller': [
    on(['batch'], ['jobs'], ['get', 'list', 'patch', 'update', 'watch']),
    on(['batch'], ['jobs/status'], ['update']),
    on(['batch'], ['jobs/finalizers'], ['update']),
    on([''], ['pods'], ['create', 'delete', 'list', 'patch', 'watch']),
    EVENTS,
  ],
  'legacy-service-account-token-cleaner': [
    on([''], ['configmaps'], ['get'], ['kube-apiserver-legacy-service-account-token-tracking']),
    on([''], ['secrets'], ['delete', 'patch']),
  ],
  'namespace-controller': [
    on([''], ['namespaces'], ['delete', 'get', 'list', 'watch']),
    on([''], ['namespaces/finalize', 'namespaces/status'], ['update']),
    on(['*'], ['*'], ['delete', 'deletecollection', 'get', 'list', 'watch']),
  ],
  'node-controller': [
    on([''], ['nodes'], ['delete', 'get', 'list', 'patch', 'update', 'watch']),
    on([''], ['nodes/status'], ['patch', 'update']),
    on([''], ['pods/status'], ['patch', 'update']),
    on([''], ['pods'], ['delete', 'get', 'list', 'watch']),
    EVENTS,
  ],
  'persistent-volume-binder': [
    on([''], ['persistentvolumes'], ['create', 'delete', 'get', 'list', 'update', 'watch']),
    on([''], ['persistentvolumes/status'], ['update']),
    on([''], ['persistentvolumeclaims'], ['get', 'list', 'update', 'watch']),
    on([''], ['persistentvolumeclaims/status'], ['update']),
    on([''], ['pods'], ['create', 'delete', 'get', 'list', 'watch']),
    on(['storage.k8s.io'], ['storageclasses'], READ),
    on([''], ['nodes'], FOLLOW),
    EVENTS,
    on([''], ['events'], ['watch']),
  ],
  'pod-garbage-collector': [
    on([''], ['pods'], ['delete', 'list', 'watch']),
    on([''], ['nodes'], READ),
    on([''], ['pods/status'], ['patch']),
  ],
  'pv-protection-controller': [on([''], ['persistentvolumes'], ['get', 'list', 'update', 'watch']), EVENTS],
  'pvc-protection-controller': [
    on([''], ['persistentvolumeclaims'], ['get', 'list', 'update', 'watch']),
    on([''], ['persistentvolumeclaims/status'], ['update']),
    on([''], ['pods'], READ),
    EVENTS,
  ],
  'replicaset-controller': [
    on(['apps', 'extensions'], ['replicasets'], ['get', 'list', 'update', 'watch']),
    on(['apps', 'extensions'], ['replicasets/status'], ['update']),
    on(['apps', 'extensions'], ['replicasets/finalizers'], ['update']),
    on([''], ['pods'], ['create', 'delete', 'list', 'patch', 'watch']),
    EVENTS,
  ],
  'replication-controller': [
    on([''], ['replicationcontrollers'], ['get', 'list', 'update', 'watch']),
    on([''], ['replicationcontrollers/status'], ['update']),
    on([''], ['replicationcontrollers/finalizers'], ['update']),
    on([''], ['pods'], ['create', 'delete', 'list', 'patch', 'watch']),
    EVENTS,
  ],
  'resource-claim-controller': [
    on([''], ['pods'], READ),
    on([''], ['pods/finalizers'], ['update']),
    on(['resource.k8s.io'], ['resourceclaims'], ['create', 'delete', 'get', 'list', 'watch']),
    on(['resource.k8s.io'], ['resourceclaims', 'resourceclaims/status'], ['patch', 'update']),
    on([''], ['pods/status'], ['patch', 'update']),
    EVENTS,
    on(['resource.k8s.io'], ['resourceclaims/binding'], ['patch', 'update']),
  ],
  'resourcequota-controller': [on(['*'], ['*'], FOLLOW), on([''], ['resourcequotas/status'], ['update']), EVENTS],
  'root-ca-cert-publisher': [on([''], ['configmaps'], ['create', 'update']), EVENTS],
  'route-controller': [on([''], ['nodes'], FOLLOW), on([''], ['nodes/status'], ['patch']), EVENTS],
  'selinux-warning-controller': [
    EVENTS,
    on([''], ['persistentvolumes'], READ),
    on([''], ['persistentvolumeclaims'], READ),
    on([''], ['pods'], READ),
    on(['storage.k8s.io'], ['csidrivers'], READ),
  ],
  'service-account-controller': [on([''], ['serviceaccounts'], ['create']), EVENTS],
  'service-cidrs-controller': [
    on(['networking.k8s.io'], ['servicecidrs'], ['get', 'list', 'patch', 'update', 'watch']),
    on(['networking.k8s.io'], ['servicecidrs/finalizers'], ['patch', 'update']),
    on(['networking.k8s.io'], ['servicecidrs/status'], ['patch', 'update']),
    on(['networking.k8s.io'], ['ipaddresses'], READ),
    EVENTS,
  ],
  'service-controller': [
    on([''], ['services'], READ),
    on([''], ['services/status'], ['patch', 'update']),
    on([''], ['nodes'], FOLLOW),
    EVENTS,
  ],
  'statefulset-controller': [
    on([''], ['pods'], FOLLOW),
    on(['apps'], ['statefulsets'], READ),
    on(['apps'], ['statefulsets/status'], ['update']),
    on(['apps'], ['statefulsets/finalizers'], ['update']),
    on([''], ['pods'], ['create', 'delete', 'get', 'patch', 'update']),
    on(['apps'], ['controllerrevisions'], ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch']),
    on([''], ['persistentvolumeclaims'], ['create', 'get', 'list', 'watch']),
    on([''], ['persistentvolumeclaims'], ['delete', 'update']),
    on([''], ['pods/finalizers'], ['update']),
    EVENTS,
  ],
  'ttl-after-finished-controller': [on(['batch'], ['jobs'], ['delete', 'get', 'list', 'watch']), EVENTS],
  'ttl-controller': [on([''], ['nodes'], ['list', 'patch', 'update', 'watch']), EVENTS],
  'validatingadmissionpolicy-status-controller': [
    on(['admissionregistration.k8s.io'], ['validatingadmissionpolicies'], READ),
    on(['admissionregistration.k8s.io'], ['validatingadmissionpolicies/status'], ['get', 'patch', 'update']),
    EVENTS,
  ],
  'volumeattributesclass-protection-controller': [
    on([''], ['persistentvolumeclaims'], READ),
    on([''], ['persistentvolumes'], READ),
    on(['storage.k8s.io'], ['volumeattributesclasses'], ['get', 'list', 'update', 'watch']),
    EVENTS,
  ],
  // Ours alone: elsewhere a provisioner is something one installs.
  'local-path-provisioner': [
    on([''], ['persistentvolumes'], ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch']),
    on([''], ['persistentvolumeclaims'], ['get', 'list', 'patch', 'update', 'watch']),
    on([''], ['nodes', 'pods'], READ),
    on(['storage.k8s.io'], ['storageclasses'], READ),
    EVENTS,
  ],
}
