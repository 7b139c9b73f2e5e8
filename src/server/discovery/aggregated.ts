/**
 * Aggregated discovery: all groups in one answer
 * (https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery).
 */
import type { APIGroupDiscoveryList, APIResourceDiscovery } from '../../api/generated/apidiscovery-v2.ts'
import type { DiscoveredGroup, DiscoveredResource } from './groups.ts'

/** The only version that is spoken since Kubernetes 1.35. */
export const AGGREGATED_VERSION = 'v2'

/** The content type of an answer, and what a client puts into `Accept` for it. */
export const AGGREGATED_TYPE = `application/json;g=apidiscovery.k8s.io;v=${AGGREGATED_VERSION};as=APIGroupDiscoveryList`

/** `GET /api` (of the core group) or `GET /apis` (of the others), for clients that ask for it. */
export function aggregatedDiscovery(groups: readonly DiscoveredGroup[]): APIGroupDiscoveryList {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${AGGREGATED_VERSION}`,
    metadata: {},
    items: groups.map(({ group, versions }) => ({
      metadata: group === '' ? {} : { name: group },
      versions: versions.map((served) => ({
        version: served.version,
        resources: served.resources.map(resourceEntry),
        freshness: 'Current',
      })),
    })),
  }
}

function resourceEntry(resource: DiscoveredResource): APIResourceDiscovery {
  const { subresources } = resource
  return {
    resource: resource.resource,
    responseKind: ownKind(resource.kind),
    scope: resource.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: resource.singular,
    verbs: [...resource.verbs],
    ...(resource.shortNames.length === 0 ? {} : { shortNames: [...resource.shortNames] }),
    ...(resource.categories.length === 0 ? {} : { categories: [...resource.categories] }),
    ...(subresources.length === 0 ? {} : { subresources: subresources.map((sub) => subresourceEntry(sub, resource)) }),
  }
}

function subresourceEntry(
  { name, kind, group, version, verbs }: DiscoveredResource['subresources'][number],
  parent: DiscoveredResource,
) {
  const isOwn = group === parent.group && version === parent.version
  return { subresource: name, responseKind: isOwn ? ownKind(kind) : { group, version, kind }, verbs: [...verbs] }
}

/** An empty group and version stand for those of the entry around. */
function ownKind(kind: string) {
  return { group: '', version: '', kind }
}
