/**
 * What the server's health consists of, under the names that Kubernetes has for it
 * (https://kubernetes.io/docs/reference/using-api/health-checks/). A server listens only once what the hooks are called for
 * is done, or runs, so that they tell no more than that; of hooks that nothing here stands for there are none.
 */
import type { HealthCheck } from '../base/health.ts'

/** What every server that listens has done or begun, in Kubernetes's order. */
const HOOKS = [
  'start-apiserver-admission-initializer',
  'generic-apiserver-start-informers',
  'priority-and-fairness-config-consumer',
  'priority-and-fairness-filter',
  'start-system-namespaces-controller',
  'storage-readiness',
  'start-legacy-token-tracking-controller',
  'start-service-ip-repair-controllers',
  'rbac/bootstrap-roles',
  'scheduling/bootstrap-system-priority-classes',
  'priority-and-fairness-config-producer',
  'bootstrap-controller',
  'start-kubernetes-service-cidr-controller',
] as const

const isDone = () => undefined

/** The checks of a server that stops once `isStopping` says so. */
export function serverChecks(isStopping: () => boolean): readonly HealthCheck[] {
  return [
    { name: 'ping', check: isDone },
    { name: 'log', check: isDone },
    { name: 'etcd', check: isDone },
    { name: 'etcd-readiness', check: isDone, only: 'readyz' },
    { name: 'informer-sync', check: isDone, only: 'readyz' },
    ...HOOKS.map((name) => ({ name: `poststarthook/${name}`, check: isDone })),
    { name: 'shutdown', check: () => (isStopping() ? 'process is shutting down' : undefined), only: 'readyz' },
  ]
}
