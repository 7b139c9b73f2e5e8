/**
 * What nodes may do. The role is bound to nobody: the node authorizer goes by it, and narrows it to what has to do with
 * the node that asks (https://kubernetes.io/docs/reference/access-authn-authz/node/#rbac-node-permissions).
 */

import type { ClusterRole, ClusterRoleBinding, PolicyRule } from '../../api/generated/rbac-v1.ts'
import { NODES_GROUP } from '../authz/node-identity.ts'
import { clusterRole, clusterRoleBinding, EVENTS, groupSubject } from './rules.ts'

const NAME = 'system:node'
const LOCAL_VOLUMES = 'gorae:local-volumes'

const may = (verbs: string, resources: string, apiGroup = ''): PolicyRule => ({
  verbs: verbs.split(' '),
  apiGroups: [apiGroup],
  resources: resources.split(' '),
})

export const nodeRole = (): ClusterRole =>
  clusterRole(NAME, [
    may('create', 'tokenreviews', 'authentication.k8s.io'),
    may('create', 'localsubjectaccessreviews subjectaccessreviews', 'authorization.k8s.io'),
    may('get list watch', 'services'),
    may('create get list watch', 'nodes'),
    may('patch update', 'nodes/status'),
    may('patch update', 'nodes'),
    EVENTS,
    may('get list watch', 'pods'),
    may('create delete', 'pods'),
    may('patch update', 'pods/status'),
    may('create', 'pods/eviction'),
    may('get list watch', 'configmaps secrets'),
    may('get', 'persistentvolumeclaims persistentvolumes'),
    may('get', 'endpoints'),
    may('create get list watch', 'certificatesigningrequests', 'certificates.k8s.io'),
    may('create delete get patch update', 'leases', 'coordination.k8s.io'),
    may('get', 'volumeattachments', 'storage.k8s.io'),
    may('create', 'serviceaccounts/token'),
    may('get patch update', 'persistentvolumeclaims/status'),
    may('get list watch', 'csidrivers', 'storage.k8s.io'),
    may('create delete get patch update', 'csinodes', 'storage.k8s.io'),
    may('get list watch', 'runtimeclasses', 'node.k8s.io'),
    may('get', 'resourceclaims', 'resource.k8s.io'),
    may('deletecollection', 'resourceslices', 'resource.k8s.io'),
    may('get', 'serviceaccounts'),
  ])

export const nodeRoleBinding = (): ClusterRoleBinding => clusterRoleBinding(NAME)

/** Nodes look after the folders of local volumes, and let go of those they have removed; admission keeps each to its own. */
export const localVolumesRole = (): ClusterRole =>
  clusterRole(LOCAL_VOLUMES, [may('list watch patch', 'persistentvolumes')])

export const localVolumesBinding = (): ClusterRoleBinding =>
  clusterRoleBinding(LOCAL_VOLUMES, [groupSubject(NODES_GROUP)])
