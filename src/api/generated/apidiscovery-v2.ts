/** The types of apidiscovery.k8s.io/v2, generated from tools/facts; never edited. */
import type { ListMeta, ObjectMeta } from '../../meta/types.ts'
import type { GroupVersionKind } from './meta-v1.ts'

/** Known: `Cluster`, `Namespaced`. */
export type ResourceScope = string

/** Known: `Current`, `Stale`. */
export type DiscoveryFreshness = string

export interface APIGroupDiscoveryList {
  kind?: string
  apiVersion?: string
  metadata: ListMeta
  items: APIGroupDiscovery[]
}

export interface APIGroupDiscovery {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  versions?: APIVersionDiscovery[]
}

export interface APIVersionDiscovery {
  version: string
  resources?: APIResourceDiscovery[]
  freshness?: DiscoveryFreshness
}

export interface APIResourceDiscovery {
  resource: string
  responseKind?: GroupVersionKind
  scope: ResourceScope
  singularResource: string
  verbs: string[]
  shortNames?: string[]
  categories?: string[]
  subresources?: APISubresourceDiscovery[]
}

export interface APISubresourceDiscovery {
  subresource: string
  responseKind?: GroupVersionKind
  acceptedTypes?: GroupVersionKind[]
  verbs: string[]
}
