/**
 * The addresses and node ports of Services: allotted when a Service is written, in the very transaction that writes it, so
 * that no two Services can have the same (https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/).
 */

import { HEADLESS, needsHealthCheck } from '../../api/core/v1/service/facts.ts'
import { validateFamilyUse } from '../../api/core/v1/service/validate-cluster-ips.ts'
import type { Service, ServicePort } from '../../api/generated/core-v1.ts'
import type { IPAddress } from '../../api/generated/networking-v1.ts'
import { type Clock, toTime } from '../../base/clock.ts'
import type { Random } from '../../base/random.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { ApiError, invalid, serverTimeout } from '../../meta/errors.ts'
import { type FieldError, fieldPath } from '../../meta/field-path.ts'
import type { KubeObject } from '../../meta/types.ts'
import { invalidValue } from '../../meta/validation.ts'
import type { Compare, Operation } from '../../storage/storage.ts'
import type { ApiServerOptions } from '../options.ts'
import type { WatchCache } from '../watchcache/watch-cache.ts'
import type { AddressRange } from './address-range.ts'
import { addressClaim } from './service-address.ts'
import { serviceRanges } from './service-ranges.ts'
import type { ExtraWrites, StorageHook } from './storage-hooks.ts'
import { storedAt } from './stored-object.ts'

export interface ServiceAllocation {
  readonly services: WatchCache
  /** Each address in use is an object of its own: the claim. */
  readonly addresses: WatchCache
  /** The ServiceCIDRs. */
  readonly ranges: WatchCache
  readonly clock: Clock
  readonly random: Random
  readonly options: Pick<ApiServerOptions, 'serviceRange' | 'nodePortRange'>
}

type Spec = NonNullable<Service['spec']>
type Given = DeepReadonly<Service> | undefined

const PORT_PREFIX = '/registry/allocations/nodeports/'
const EMPTY = Buffer.from('{}')
/** So often chance is asked before all ports are looked through. */
const GUESSES = 32

export function serviceHook(deps: ServiceAllocation): StorageHook {
  const range = serviceRanges(deps.options.serviceRange, deps.ranges)
  const { first, last } = deps.options.nodePortRange

  const allot = (draft: Service & KubeObject, old: Given): ExtraWrites | undefined => {
    const spec = draft.spec ?? {}
    const undo: (() => void)[] = []
    const compare: Compare[] = []
    const operations: Operation[] = []
    const claim = (key: string, value: Extract<Operation, { put: string }>['value']) => {
      compare.push({ key, modRevision: 0 })
      operations.push({ put: key, value })
    }
    const before = claimsOf(old)
    const fillAddress = () => {
      if (spec.type === 'ExternalName' || spec.clusterIP === 'None') return
      const asked = spec.clusterIP ?? ''
      if (asked !== '' && before.address === asked) return
      const address =
        asked === '' ? range.pick(deps.random, (text) => deps.addresses.get('', text) !== undefined) : asked
      if (address === undefined) throw serverTimeout({ resource: 'services' }, 'create', 1)
      if (asked !== '') checkAddress(draft, asked, range, deps)
      else {
        spec.clusterIP = address
        spec.clusterIPs = [address]
        undo.push(() => {
          delete spec.clusterIP
          delete spec.clusterIPs
        })
      }
      const made = addressObject(deps, draft, address)
      claim(deps.addresses.resource.prefix + address, (revision) => storedAt(structuredClone(made), revision))
    }
    const fillPorts = () => {
      const used = portsInUse(deps.services, draft)
      const own = new Set<number>()
      for (const [at, port] of portsNeeding(spec)) {
        const asked = port.nodePort ?? 0
        let number = asked
        if (asked === 0) {
          number = pickPort(deps, used, own)
          port.nodePort = number
          undo.push(() => delete port.nodePort)
        } else if (!before.ports.has(asked)) checkPort(draft, { at, asked, used, first, last })
        if (!own.has(number) && !before.ports.has(number))
          claim(`${PORT_PREFIX}${number}`, () => ({ bytes: () => EMPTY }))
        own.add(number)
      }
      if (needsHealthCheck(draft)) fillHealthPort(used, own)
      return own
    }
    const fillHealthPort = (used: ReadonlySet<number>, own: Set<number>) => {
      const asked = spec.healthCheckNodePort ?? 0
      const number = asked === 0 ? pickPort(deps, used, own) : asked
      if (asked === 0) {
        spec.healthCheckNodePort = number
        undo.push(() => delete spec.healthCheckNodePort)
      } else if (!before.ports.has(asked)) checkHealthPort(asked, used)
      if (!before.ports.has(number) && !own.has(number))
        claim(`${PORT_PREFIX}${number}`, () => ({ bytes: () => EMPTY }))
      own.add(number)
    }
    fillAddress()
    const ports = fillPorts()
    const address = spec.type === 'ExternalName' ? '' : (spec.clusterIP ?? '')
    if (before.address !== '' && before.address !== address) {
      operations.push({ delete: deps.addresses.resource.prefix + before.address })
    }
    for (const port of before.ports) if (!ports.has(port)) operations.push({ delete: `${PORT_PREFIX}${port}` })
    if (operations.length === 0) return undefined
    const onConflict = () => {
      for (const back of undo) back()
      return 'retry' as const
    }
    return { compare, operations, onConflict }
  }
  const check = (service: Service & KubeObject, old: Given) => {
    const faults = validateFamilyUse(service)
    if (faults.length > 0) throw refuse(service, faults)
    const spec = service.spec ?? {}
    const { clusterIP = '', type } = spec
    const before = claimsOf(old)
    const hasOwn = clusterIP !== '' && clusterIP !== HEADLESS && type !== 'ExternalName'
    // Who has an address, or wants none, may not change that: it is told elsewhere.
    const isNew = old === undefined || old.spec?.type === 'ExternalName'
    if (hasOwn && isNew && before.address !== clusterIP) checkAddress(service, clusterIP, range, deps)
    const asked = portsNeeding(spec).filter(([, { nodePort = 0 }]) => nodePort !== 0 && !before.ports.has(nodePort))
    if (asked.length === 0 && !needsHealthCheck(service)) return
    const used = portsInUse(deps.services, service)
    const own = new Set<string>()
    for (const [at, { nodePort = 0, protocol = 'TCP' }] of asked) {
      // Of another protocol it may be the same port.
      const isTaken = own.has(`${protocol}/${nodePort}`)
      own.add(`${protocol}/${nodePort}`)
      checkPort(service, { at, asked: nodePort, used: isTaken ? new Set([nodePort]) : used, first, last })
    }
    const health = spec.healthCheckNodePort ?? 0
    if (needsHealthCheck(service) && !before.ports.has(health)) checkHealthPort(health, used)
  }
  return {
    check: (draft, old) => check(draft as Service & KubeObject, old as Given),
    onCreate: (draft) => allot(draft as Service & KubeObject, undefined),
    onUpdate: (draft, old) => allot(draft as Service & KubeObject, old as DeepReadonly<Service>),
    onDelete(old) {
      const { address, ports } = claimsOf(old as DeepReadonly<Service>)
      const operations: Operation[] = [...ports].map((port) => ({ delete: `${PORT_PREFIX}${port}` }))
      if (address !== '') operations.push({ delete: deps.addresses.resource.prefix + address })
      return operations.length === 0 ? undefined : { compare: [], operations }
    },
  }
}

interface Claims {
  readonly address: string
  readonly ports: ReadonlySet<number>
}

/** What a stored Service has claimed. */
function claimsOf(service: Given): Claims {
  const { type, clusterIP = '', ports = [], healthCheckNodePort } = service?.spec ?? {}
  const numbers = ports.map(({ nodePort = 0 }) => nodePort).filter((port) => port > 0)
  if (healthCheckNodePort !== undefined && healthCheckNodePort > 0) numbers.push(healthCheckNodePort)
  return { address: type === 'ExternalName' || clusterIP === 'None' ? '' : clusterIP, ports: new Set(numbers) }
}

/** The ports that have, or must get, a node port, with their places. */
function portsNeeding(spec: Spec): (readonly [number, ServicePort])[] {
  const ports = [...(spec.ports ?? []).entries()]
  if (spec.type === 'NodePort') return ports
  if (spec.type !== 'LoadBalancer') return []
  return spec.allocateLoadBalancerNodePorts === false ? ports.filter(([, { nodePort = 0 }]) => nodePort > 0) : ports
}

function portsInUse(services: WatchCache, self: Service & KubeObject): ReadonlySet<number> {
  const used = new Set<number>()
  for (const { object, name, namespace } of services.all()) {
    if (name === self.metadata.name && namespace === self.metadata.namespace) continue
    for (const port of claimsOf(object as DeepReadonly<Service>).ports) used.add(port)
  }
  return used
}

function pickPort({ random, options }: ServiceAllocation, used: ReadonlySet<number>, own: ReadonlySet<number>): number {
  const { first, last } = options.nodePortRange
  const isFree = (port: number) => !used.has(port) && !own.has(port)
  for (let guess = 0; guess < GUESSES; guess++) {
    const port = first + Math.floor(random.next() * (last - first + 1))
    if (isFree(port)) return port
  }
  for (let port = first; port <= last; port++) if (isFree(port)) return port
  throw new ApiError({
    message: 'Internal error occurred: failed to allocate a nodePort: range is full',
    reason: 'InternalError',
    code: 500,
  })
}

function refuse(service: Service & KubeObject, faults: readonly FieldError[]): ApiError {
  return invalid({ group: '', kind: 'Service', name: service.metadata.name ?? '' }, faults)
}

/** Kubernetes takes a health check's port that is taken for a failure of its own. */
function checkHealthPort(asked: number, used: ReadonlySet<number>): void {
  if (asked === 0 || !used.has(asked)) return
  throw new ApiError({
    message: `Internal error occurred: failed to allocate requested HealthCheck NodePort ${asked}: provided port is already allocated`,
    reason: 'InternalError',
    details: {
      causes: [
        { message: `failed to allocate requested HealthCheck NodePort ${asked}: provided port is already allocated` },
      ],
    },
    code: 500,
  })
}

function checkPort(
  service: Service & KubeObject,
  {
    at,
    asked,
    used,
    first,
    last,
  }: { at: number; asked: number; used: ReadonlySet<number>; first: number; last: number },
): void {
  const path = fieldPath('spec', 'ports').index(at).child('nodePort')
  if (asked < first || asked > last) {
    const words = `provided port is not in the valid range. The range of valid ports is ${first}-${last}`
    throw refuse(service, [invalidValue(path, asked, words)])
  }
  if (used.has(asked)) throw refuse(service, [invalidValue(path, asked, 'provided port is already allocated')])
}

function checkAddress(
  service: Service & KubeObject,
  asked: string,
  range: AddressRange,
  { addresses }: ServiceAllocation,
): void {
  const path = fieldPath('spec', 'clusterIPs')
  const why = !range.has(asked)
    ? 'the provided network does not match the current range'
    : addresses.get('', asked) !== undefined
      ? 'provided IP is already allocated'
      : undefined
  if (why !== undefined) {
    throw refuse(service, [invalidValue(path, [asked], `failed to allocate IP ${asked}: ${why}`)])
  }
}

/** The object that stands for an address in use. */
function addressObject(
  { clock, random }: ServiceAllocation,
  service: Service & KubeObject,
  address: string,
): KubeObject {
  const { labels, spec } = addressClaim(address, service.metadata)
  const object: IPAddress & KubeObject = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IPAddress',
    metadata: {
      name: address,
      uid: random.uuid(),
      creationTimestamp: toTime(clock.now()),
      generation: 1,
      labels,
    },
    spec,
  }
  return object
}
