/** How types are called in OpenAPI documents, which tools of all languages know them by. */

/** Where Kubernetes keeps the Go packages of groups that are not in `k8s.io/api`. */
const packages: ReadonlyMap<string, string> = new Map([
  ['meta/v1', 'io.k8s.apimachinery.pkg.apis.meta.v1'],
  ['apiextensions/v1', 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1'],
  ['apiregistration/v1', 'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1'],
  ['metrics/v1beta1', 'io.k8s.metrics.pkg.apis.metrics.v1beta1'],
])

/** The name of a built-in type: `core/v1.Pod` is `io.k8s.api.core.v1.Pod`. */
export function definitionName(typeKey: string): string {
  const dot = typeKey.lastIndexOf('.')
  const prefix = typeKey.slice(0, dot)
  return `${packages.get(prefix) ?? `io.k8s.api.${prefix.replace('/', '.')}`}.${typeKey.slice(dot + 1)}`
}

/** The name of a custom type: `Thing` in `example.com/v1` is `com.example.v1.Thing`. */
export function customName(group: string, version: string, kind: string): string {
  return [...group.split('.').toReversed(), version, kind].join('.')
}
