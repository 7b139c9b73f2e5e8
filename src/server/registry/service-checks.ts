/** Refuses addresses and node ports that cannot be had. */

import { HEADLESS, needsHealthCheck } from '../../api/core/v1/service/facts.ts'
import { validateFamilyUse } from '../../api/core/v1/service/validate-cluster-ips.ts'
import { ApiError, invalid } from '../../meta/errors.ts'
import { type FieldError, fieldPath } from '../../meta/field-path.ts'
import { invalidValue } from '../../meta/validation.ts'
import type { WatchCache } from '../watchcache/watch-cache.ts'
import type { AddressRange } from './address-range.ts'
import { claimsOf, type Draft, portsInUse, portsNeeding, type Stored } from './service-claims.ts'

export interface CheckDeps {
  readonly services: WatchCache
  readonly addresses: WatchCache
  readonly range: AddressRange
  /** The range that is told who only tries. */
  readonly serviceRange: string
  /** The first and the last node port. */
  readonly nodePorts: { readonly first: number; readonly last: number }
}

/** Throws what is said of a Service that wants what it cannot have. */
export function checkService(deps: CheckDeps, service: Draft, old: Stored, isDryRun = false): void {
  const faults = validateFamilyUse(service)
  if (faults.length > 0) throw refuse(service, faults)
  checkOwnAddress(deps, service, old, isDryRun)
  checkOwnPorts(deps, service, old)
}

function checkOwnAddress(deps: CheckDeps, service: Draft, old: Stored, isDryRun: boolean): void {
  const { clusterIP = '', type } = service.spec ?? {}
  const hasOwn = clusterIP !== '' && clusterIP !== HEADLESS && type !== 'ExternalName'
  // Who has an address, or wants none, may not change that: it is told elsewhere.
  const isNew = old === undefined || old.spec?.type === 'ExternalName'
  if (hasOwn && isNew && claimsOf(old).address !== clusterIP) checkAddress(deps, service, clusterIP, isDryRun)
}

function checkOwnPorts(deps: CheckDeps, service: Draft, old: Stored): void {
  const spec = service.spec ?? {}
  const before = claimsOf(old)
  const asked = portsNeeding(spec).filter(([, { nodePort = 0 }]) => nodePort !== 0 && !before.ports.has(nodePort))
  if (asked.length === 0 && !needsHealthCheck(service)) return
  const used = portsInUse(deps.services, service)
  const own = new Set<string>()
  for (const [at, { nodePort = 0, protocol = 'TCP' }] of asked) {
    // Of another protocol it may be the same port.
    const isTaken = own.has(`${protocol}/${nodePort}`)
    own.add(`${protocol}/${nodePort}`)
    checkPort(deps, service, { at, asked: nodePort, used: isTaken ? new Set([nodePort]) : used })
  }
  const health = spec.healthCheckNodePort ?? 0
  if (needsHealthCheck(service) && !before.ports.has(health)) checkHealthPort(health, used)
}

function refuse(service: Draft, faults: readonly FieldError[]): ApiError {
  return invalid({ group: '', kind: 'Service', name: service.metadata.name ?? '' }, faults)
}

/** Kubernetes takes a health check's port that is taken for a failure of its own. */
export function checkHealthPort(asked: number, used: ReadonlySet<number>): void {
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

/** A node port, at its place among the ports, and those that others have. */
interface AskedPort {
  readonly at: number
  readonly asked: number
  readonly used: ReadonlySet<number>
}

export function checkPort(
  { nodePorts: { first, last } }: CheckDeps,
  service: Draft,
  { at, asked, used }: AskedPort,
): void {
  const path = fieldPath('spec', 'ports').index(at).child('nodePort')
  if (asked < first || asked > last) {
    const words = `provided port is not in the valid range. The range of valid ports is ${first}-${last}`
    throw refuse(service, [invalidValue(path, asked, words)])
  }
  if (used.has(asked)) throw refuse(service, [invalidValue(path, asked, 'provided port is already allocated')])
}

export function checkAddress(deps: CheckDeps, service: Draft, asked: string, isDryRun = false): void {
  const { range, addresses, serviceRange } = deps
  const path = fieldPath('spec', 'clusterIPs')
  const why = !range.has(asked)
    ? isDryRun
      ? `the provided IP (${asked}) is not in the valid range. The range of valid IPs is ${serviceRange}`
      : 'the provided network does not match the current range'
    : addresses.get('', asked) !== undefined
      ? 'provided IP is already allocated'
      : undefined
  if (why !== undefined) {
    throw refuse(service, [invalidValue(path, [asked], `failed to allocate IP ${asked}: ${why}`)])
  }
}
