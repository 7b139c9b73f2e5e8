/**
 * What every node may do. Kubernetes narrows this further, to the objects of the node's own Pods
 * (https://kubernetes.io/docs/reference/access-authn-authz/node/).
 */

import type { ClusterRole, ClusterRoleBinding, PolicyRule } from '../../api/generated/rbac-v1.ts'
import { clusterRole, clusterRoleBinding, EVENTS, groupSubject } from './rules.ts'

const NAME = 'system:node'

const may = (verbs: string, resources: string, apiGroup = ''): PolicyRule => ({
  verbs: verbs.split(' '),
  apiGroups: [apiGroup],
  resources: resources.split(' '),
})

export const nodeRole = (): ClusterRole =>
  clusterRole(NAME, [
    may('create', 'tokenreviews', 'authentication.k8s.io'),
    may('create', 'subjectaccessreviews localsubjectaccessreviews', 'authorization.k8s.io'),
    may('get list watch', 'services'),
    may('create get list watch', 'nodes'),
    may('patch update', 'nodes nodes/status'),
    EVENTS,
    may('get list watch create delete', 'pods'),
    may('patch update', 'pods/status'),
    may('create', 'pods/eviction'),
    may('get list watch', 'configmaps secrets'),
    may('get', 'persistentvolumeclaims'),
    may('get patch update', 'persistentvolumeclaims/status'),
    // Patch: to let go of folders it has removed; admission keeps each node to its own volumes.
    may('get list watch patch', 'persistentvolumes'),
    may('get', 'endpoints'),
    may('create', 'serviceaccounts/token'),
    may('get', 'serviceaccounts'),
    may('create get list watch', 'certificatesigningrequests', 'certificates.k8s.io'),
    may('create get update patch delete', 'leases', 'coordination.k8s.io'),
    may('get', 'volumeattachments', 'storage.k8s.io'),
    may('get list watch', 'csidrivers', 'storage.k8s.io'),
    may('create delete get patch update', 'csinodes', 'storage.k8s.io'),
    may('get list watch', 'runtimeclasses', 'node.k8s.io'),
    may('get', 'resourceclaims', 'resource.k8s.io'),
    may('deletecollection', 'resourceslices', 'resource.k8s.io'),
  ])

export const nodeRoleBinding = (): ClusterRoleBinding => clusterRoleBinding(NAME, [groupSubject('system:nodes')])
