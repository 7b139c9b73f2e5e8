/**
 * The roles for people: `view`, `edit` and `admin`, each gathered by label from others, so that whoever adds a kind
 * adds to them (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles).
 */

import type { ClusterRole, PolicyRule } from '../../api/generated/rbac-v1.ts'
import { bootstrapMetadata, clusterRole, EVERYTHING, on, RBAC, READ, WRITE } from './rules.ts'

const coreObjects = [
  'configmaps',
  'persistentvolumeclaims',
  'replicationcontrollers',
  'replicationcontrollers/scale',
  'serviceaccounts',
  'services',
]
const sets = ['daemonsets', 'deployments', 'deployments/scale', 'replicasets', 'replicasets/scale']
const statefulSets = ['statefulsets', 'statefulsets/scale']
const statuses = ['daemonsets/status', 'deployments/status', 'replicasets/status']
const deep = ['pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy']

const viewRules: readonly PolicyRule[] = [
  on([''], [...coreObjects, 'endpoints', 'persistentvolumeclaims/status', 'pods', 'services/status'], READ),
  on(
    [''],
    [
      'bindings',
      'limitranges',
      'namespaces/status',
      'pods/log',
      'pods/status',
      'replicationcontrollers/status',
      'resourcequotas',
      'resourcequotas/status',
    ],
    READ,
  ),
  on([''], ['namespaces'], READ),
  on(['', 'events.k8s.io'], ['events'], READ),
  on(['discovery.k8s.io'], ['endpointslices'], READ),
  on(['apps'], ['controllerrevisions', ...sets, ...statefulSets, ...statuses, 'statefulsets/status'], READ),
  on(['autoscaling'], ['horizontalpodautoscalers', 'horizontalpodautoscalers/status'], READ),
  on(['batch'], ['cronjobs', 'cronjobs/status', 'jobs', 'jobs/status'], READ),
  on(
    ['extensions'],
    [...sets, ...statuses, 'ingresses', 'ingresses/status', 'networkpolicies', 'replicationcontrollers/scale'],
    READ,
  ),
  on(['policy'], ['poddisruptionbudgets', 'poddisruptionbudgets/status'], READ),
  on(['networking.k8s.io'], ['ingresses', 'ingresses/status', 'networkpolicies'], READ),
  on(['resource.k8s.io'], ['resourceclaims', 'resourceclaims/status', 'resourceclaimtemplates'], READ),
]

const editRules: readonly PolicyRule[] = [
  on([''], [...deep, 'secrets', 'services/proxy'], READ),
  on([''], ['serviceaccounts'], ['impersonate']),
  on([''], ['pods', ...deep], WRITE),
  on([''], ['pods/eviction'], ['create']),
  on([''], [...coreObjects, 'secrets', 'services/proxy'], WRITE),
  on([''], ['serviceaccounts/token'], ['create']),
  on(['', 'events.k8s.io'], ['events'], WRITE),
  on(['apps'], [...sets, 'deployments/rollback', ...statefulSets], WRITE),
  on(['autoscaling'], ['horizontalpodautoscalers'], WRITE),
  on(['batch'], ['cronjobs', 'jobs'], WRITE),
  on(
    ['extensions'],
    [...sets, 'deployments/rollback', 'ingresses', 'networkpolicies', 'replicationcontrollers/scale'],
    WRITE,
  ),
  on(['policy'], ['poddisruptionbudgets'], WRITE),
  on(['networking.k8s.io'], ['ingresses', 'networkpolicies'], WRITE),
  on(['coordination.k8s.io'], ['leases'], EVERYTHING),
  on(['resource.k8s.io'], ['resourceclaims', 'resourceclaimtemplates'], WRITE),
]

const adminRules: readonly PolicyRule[] = [
  on(['authorization.k8s.io'], ['localsubjectaccessreviews'], ['create']),
  on([RBAC], ['rolebindings', 'roles'], EVERYTHING),
]

/** Elsewhere who installs a metrics server adds this; here it is built in. */
const metricsRules: readonly PolicyRule[] = [on(['metrics.k8s.io'], ['pods', 'nodes'], READ)]

type Level = 'view' | 'edit' | 'admin'
const labelOf = (level: Level) => `${RBAC}/aggregate-to-${level}`
const labelsOf = (levels: readonly Level[]) => Object.fromEntries(levels.map((level) => [labelOf(level), 'true']))

function part(name: string, levels: readonly Level[], rules: readonly PolicyRule[]): ClusterRole {
  return { ...clusterRole(name, rules), metadata: bootstrapMetadata(name, labelsOf(levels)) }
}

/** Its rules are there from the start, in the order in which the controller gathers them: nobody has to wait. */
function whole(level: Level, next: readonly Level[], parts: readonly ClusterRole[]): ClusterRole {
  const byName = parts.toSorted((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))
  const rules = new Map(byName.flatMap((role) => role.rules ?? []).map((rule) => [JSON.stringify(rule), rule]))
  return {
    metadata: bootstrapMetadata(level, labelsOf(next)),
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [labelOf(level)]: 'true' } }] },
    rules: [...rules.values()],
  }
}

const inOrder = (rule: PolicyRule): PolicyRule => ({ ...rule, resources: rule.resources?.toSorted() ?? [] })

/** The roles for people, and those of which they are gathered. */
export function userRoles(): ClusterRole[] {
  const toView = part('system:aggregate-to-view', ['view'], viewRules.map(inOrder))
  const toEdit = part('system:aggregate-to-edit', ['edit'], editRules.map(inOrder))
  const toAdmin = part('system:aggregate-to-admin', ['admin'], adminRules)
  const metrics = part('system:aggregated-metrics-reader', ['view', 'edit', 'admin'], metricsRules)
  const view = whole('view', ['edit'], [toView, metrics])
  const edit = whole('edit', ['admin'], [toEdit, metrics, view])
  const admin = whole('admin', [], [toAdmin, metrics, edit])
  return [toView, toEdit, toAdmin, metrics, view, edit, admin]
}
