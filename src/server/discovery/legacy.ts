/** Discovery one group at a time: what every client has understood since Kubernetes 1.0. */
import type { APIGroup, APIGroupList, APIResource, APIResourceList, APIVersions } from '../../api/generated/meta-v1.ts'
import type { DiscoveredGroup, DiscoveredVersion } from './groups.ts'

/** `GET /api`. `serverAddress` is `host:port` for clients that can choose between addresses. */
export function apiVersions(serverAddress: string): APIVersions {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
  }
}

/** `GET /apis`. */
export function apiGroupList(groups: readonly DiscoveredGroup[]): APIGroupList {
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: groups.filter(({ group }) => group !== '').map(groupEntry),
  }
}

/** `GET /apis/GROUP`. */
export function apiGroup(group: DiscoveredGroup): APIGroup {
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(group) }
}

/** `GET /api/v1` and `GET /apis/GROUP/VERSION`. */
export function apiResourceList({ groupVersion, resources }: DiscoveredVersion): APIResourceList {
  return {
    kind: 'APIResourceList',
    // The core group's answer has never had an apiVersion of its own.
    ...(groupVersion === 'v1' ? {} : { apiVersion: 'v1' }),
    groupVersion,
    resources: resources.flatMap((resource): APIResource[] => [
      {
        name: resource.resource,
        singularName: resource.singular,
        namespaced: resource.namespaced,
        kind: resource.kind,
        verbs: [...resource.verbs],
        ...(resource.shortNames.length === 0 ? {} : { shortNames: [...resource.shortNames] }),
        ...(resource.categories.length === 0 ? {} : { categories: [...resource.categories] }),
        ...(resource.storageVersionHash === undefined ? {} : { storageVersionHash: resource.storageVersionHash }),
      },
      ...resource.subresources.map((subresource) => ({
        name: `${resource.resource}/${subresource.name}`,
        singularName: '',
        namespaced: resource.namespaced,
        ...foreign(subresource, resource),
        kind: subresource.kind,
        verbs: [...subresource.verbs],
      })),
    ]),
  }
}

/** The group and version of a subresource's kind, where they are not those of its parent. */
function foreign(
  kind: { group: string; version: string },
  parent: { group: string; version: string },
): { group?: string; version?: string } {
  if (kind.group === parent.group && kind.version === parent.version) return {}
  return kind.group === '' ? { version: kind.version } : { group: kind.group, version: kind.version }
}

function groupEntry({ group, versions }: DiscoveredGroup): Omit<APIGroup, 'kind' | 'apiVersion'> {
  const entries = versions.map(({ groupVersion, version }) => ({ groupVersion, version }))
  return { name: group, versions: entries, preferredVersion: entries[0]! }
}
