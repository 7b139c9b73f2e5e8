/**
 * Spreads endpoints over EndpointSlices with as few writes as possible: what stands somewhere stays there, gaps are
 * filled, and only then new slices are made (https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/). Pure.
 */

import type { Endpoint, EndpointPort, EndpointSlice } from '../../../api/generated/discovery-v1.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { canonicalJson, sameJson } from '../equal.ts'

/** The most endpoints in one slice of a Service. */
const MAX_ENDPOINTS = 100

export const SERVICE_NAME = 'kubernetes.io/service-name'
export const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by'

export type ReadSlice = DeepReadonly<EndpointSlice>
export type ReadEndpoint = DeepReadonly<Endpoint>

export type AddressFamily = 'IPv4' | 'IPv6'

/** Endpoints that share address type and ports, and so may share a slice. */
export interface EndpointGroup {
  readonly addressType: AddressFamily
  readonly ports: readonly DeepReadonly<EndpointPort>[]
  readonly endpoints: readonly ReadEndpoint[]
}

/** What every slice of one owner carries. */
export interface SliceMarks {
  /** The most endpoints in one slice; absent: 100. */
  readonly limit?: number
  /** What the slice is for that stands there without endpoints; absent: IPv4. */
  readonly addressType?: AddressFamily
  readonly labels: Readonly<Record<string, string>>
  /** Absent: the slices keep the annotations they have. */
  readonly annotations?: Readonly<Record<string, string>>
}

export interface SliceContent extends EndpointGroup, Omit<SliceMarks, 'limit' | 'addressType'> {}

export interface SlicePlan {
  readonly create: readonly SliceContent[]
  readonly update: readonly { readonly slice: ReadSlice; readonly content: SliceContent }[]
  readonly remove: readonly ReadSlice[]
}

/** Compares the wanted groups with the slices there are. Without endpoints one empty slice stays, to say so. */
export function planSlices(
  groups: readonly EndpointGroup[],
  slices: readonly ReadSlice[],
  { limit = MAX_ENDPOINTS, addressType = 'IPv4', ...marks }: SliceMarks,
): SlicePlan {
  const create: SliceContent[] = []
  const update: { slice: ReadSlice; content: SliceContent }[] = []
  const unused = new Set(slices)
  for (const group of groups) {
    const key = groupKey(group)
    const mine = slices.filter((slice) => sliceKey(slice) === key)
    for (const slice of mine) unused.delete(slice)
    const { filled, left, empty } = fill(group, mine, limit)
    for (const [slice, endpoints] of filled) {
      const content = { ...group, endpoints, ...marks }
      if (!says(slice, content)) update.push({ slice, content })
    }
    for (let from = 0; from < left.length; from += limit) {
      create.push({ ...group, endpoints: left.slice(from, from + limit), ...marks })
    }
    for (const slice of empty) unused.add(slice)
  }
  const isNothingLeft = slices.length === unused.size && create.length === 0
  return isNothingLeft
    ? keepPlaceholder([...unused], { addressType, ports: [], endpoints: [], ...marks })
    : reuse({ create, update, remove: [...unused] })
}

/** What would be made takes the place of what would go, where the kind of address is the same. */
function reuse({ create, update, remove }: SlicePlan): SlicePlan {
  const spare = [...remove]
  const made: SliceContent[] = []
  const changed = [...update]
  for (const content of create) {
    const at = spare.findIndex(({ addressType }) => addressType === content.addressType)
    const [slice] = at < 0 ? [] : spare.splice(at, 1)
    if (slice === undefined) made.push(content)
    else changed.push({ slice, content })
  }
  return { create: made, update: changed, remove: spare }
}

function keepPlaceholder(slices: readonly ReadSlice[], content: SliceContent): SlicePlan {
  const isAlike = (slice: ReadSlice) => slice.addressType === content.addressType
  const [first, ...others] = slices.toSorted((a) => (isAlike(a) ? -1 : 1))
  if (first === undefined || !isAlike(first)) return { create: [content], update: [], remove: slices }
  const update = says(first, content) ? [] : [{ slice: first, content }]
  return { create: [], update, remove: others }
}

/** The slices that a plan leaves as they are. */
export function untouchedBy({ update, remove }: SlicePlan, slices: readonly ReadSlice[]): readonly ReadSlice[] {
  const touched = new Set([...update.map(({ slice }) => slice), ...remove])
  return slices.filter((slice) => !touched.has(slice))
}

interface Filling {
  readonly filled: ReadonlyMap<ReadSlice, readonly ReadEndpoint[]>
  readonly left: readonly ReadEndpoint[]
  readonly empty: readonly ReadSlice[]
}

function fill({ endpoints }: EndpointGroup, slices: readonly ReadSlice[], limit: number): Filling {
  const wanted = new Map(endpoints.map((endpoint) => [identity(endpoint), endpoint]))
  const kept = new Map<ReadSlice, ReadEndpoint[]>()
  for (const slice of slices) {
    const stay: ReadEndpoint[] = []
    for (const endpoint of slice.endpoints ?? []) {
      const now = wanted.get(identity(endpoint))
      if (now === undefined || stay.length === limit) continue
      wanted.delete(identity(endpoint))
      stay.push(now)
    }
    kept.set(slice, stay)
  }
  const left = [...wanted.values()]
  // Those that are written anyway take newcomers first, then the fullest.
  const isChanged = ([slice, stay]: [ReadSlice, ReadEndpoint[]]) => stay.length !== (slice.endpoints?.length ?? 0)
  const byPreference = [...kept].toSorted(
    (a, b) => Number(isChanged(b)) - Number(isChanged(a)) || b[1].length - a[1].length,
  )
  for (const [, stay] of byPreference) stay.push(...left.splice(0, Math.max(0, limit - stay.length)))
  const empty = [...kept].filter(([, stay]) => stay.length === 0).map(([slice]) => slice)
  for (const slice of empty) kept.delete(slice)
  return { filled: kept, left, empty }
}

const identity = ({ addresses, targetRef }: ReadEndpoint) => `${targetRef?.uid ?? ''}/${addresses.join(',')}`

const portsKey = (ports: readonly DeepReadonly<EndpointPort>[]) =>
  ports
    .map((port) => canonicalJson(withDefaults(port)))
    .toSorted()
    .join(',')

const withDefaults = ({ name = '', protocol = 'TCP', port, appProtocol }: DeepReadonly<EndpointPort>) => ({
  name,
  protocol,
  port,
  appProtocol,
})

const groupKey = ({ addressType, ports }: EndpointGroup) => `${addressType}|${portsKey(ports)}`
const sliceKey = ({ addressType, ports }: ReadSlice) => `${addressType}|${portsKey(ports ?? [])}`

/** Whether the slice is as it should be. */
export function says(
  { endpoints: now, metadata }: ReadSlice,
  { endpoints, labels, annotations }: SliceContent,
): boolean {
  const isMarked = annotations === undefined || sameJson(metadata.annotations ?? {}, annotations)
  return isMarked && sameJson(now ?? [], endpoints) && sameJson(metadata.labels ?? {}, labels)
}
