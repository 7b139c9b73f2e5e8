/** The types of discovery.k8s.io/v1, generated from tools/facts; never edited. */
import type { ListMeta, ObjectMeta } from '../../meta/types.ts'
import type { ObjectReference, Protocol } from './core-v1.ts'

export type AddressType = 'IPv4' | 'IPv6' | 'FQDN'

export interface EndpointSlice {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  addressType: AddressType
  endpoints?: Endpoint[]
  ports?: EndpointPort[]
}

export interface Endpoint {
  addresses: string[]
  conditions?: EndpointConditions
  hostname?: string
  targetRef?: ObjectReference
  deprecatedTopology?: Record<string, string>
  nodeName?: string
  zone?: string
  hints?: EndpointHints
}

export interface EndpointConditions {
  ready?: boolean
  serving?: boolean
  terminating?: boolean
}

export interface EndpointHints {
  forZones?: ForZone[]
  forNodes?: ForNode[]
}

export interface ForZone {
  name: string
}

export interface EndpointPort {
  name?: string
  protocol?: Protocol
  port?: number
  appProtocol?: string
}

export interface EndpointSliceList {
  kind?: string
  apiVersion?: string
  metadata: ListMeta
  items: EndpointSlice[]
}

export interface ForNode {
  name: string
}
