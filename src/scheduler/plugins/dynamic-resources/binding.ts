/**
 * Writes into claims what was decided, and waits for devices that have to be bound first
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#device-binding-conditions).
 */

import type { ResourceClaim } from '../../../api/generated/resource-v1.ts'
import type { Clock } from '../../../base/clock.ts'
import type { Client } from '../../../client/client.ts'
import { RESOURCE_CLAIMS } from '../../../client/resources.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { hasReason } from '../../../meta/errors.ts'
import { keyOf } from '../../../meta/keys.ts'
import type { PodInfo } from '../../snapshot/pod-info.ts'
import type { ReadClaim } from './claims.ts'
import type { Allocation } from './taken.ts'

/** Keeps a claim from going while devices are allocated to it. */
export const DELETE_PROTECTION = 'resource.kubernetes.io/delete-protection'
const MAX_ATTEMPTS = 5

export interface BindDeps {
  readonly client: Client
  readonly clock: Clock
}

/** Reserves a claim for the Pod, and allocates it where that was decided here. The answer is the claim as written. */
export async function bindClaim(
  { client, clock }: BindDeps,
  wanted: { readonly claim: ReadClaim; readonly allocation: Allocation | undefined; readonly pod: PodInfo },
  signal: AbortSignal,
): Promise<ReadClaim> {
  const { allocation, pod } = wanted
  let { claim } = wanted
  const doing = allocation === undefined ? 'add reservation' : 'add allocation and reservation'
  for (let attempt = 1; ; attempt++) {
    judge(claim, allocation)
    try {
      if (allocation !== undefined) claim = await protect(client, claim, signal)
      const holder = { resource: 'pods', name: pod.pod.metadata.name ?? '', uid: pod.uid }
      const status = {
        ...claim.status,
        allocation: { allocationTimestamp: timeOf(clock), ...(allocation ?? claim.status?.allocation) },
        reservedFor: [...(claim.status?.reservedFor ?? []), holder],
      }
      return await client.updateStatus(RESOURCE_CLAIMS, { ...claim, status } as ResourceClaim, {}, signal)
    } catch (error) {
      signal.throwIfAborted()
      const words = error instanceof Error ? error.message : String(error)
      if (!hasReason(error, 'Conflict') || attempt === MAX_ATTEMPTS)
        throw new Error(`${doing} to claim ${keyOf(claim)}: ${words}`, { cause: error })
      const { name = '', namespace = '' } = claim.metadata
      claim = await client.get(RESOURCE_CLAIMS, { name, namespace }, signal)
    }
  }
}

function judge(claim: ReadClaim, allocation: Allocation | undefined): void {
  if (claim.metadata.deletionTimestamp !== undefined)
    throw new Error(`claim ${keyOf(claim)} got deleted in the meantime`)
  const isAllocated = claim.status?.allocation !== undefined
  if (allocation !== undefined && isAllocated)
    throw new Error(`claim ${keyOf(claim)} got allocated elsewhere in the meantime`)
  if (allocation === undefined && !isAllocated)
    throw new Error(`claim ${keyOf(claim)} got deallocated elsewhere in the meantime`)
}

async function protect(client: Client, claim: ReadClaim, signal: AbortSignal): Promise<ReadClaim> {
  const { finalizers = [] } = claim.metadata
  if (finalizers.includes(DELETE_PROTECTION)) return claim
  const metadata = { ...claim.metadata, finalizers: [...finalizers, DELETE_PROTECTION] }
  return client.update(RESOURCE_CLAIMS, { ...claim, metadata } as ResourceClaim, {}, signal)
}

const timeOf = (clock: Clock): string => new Date(clock.now()).toISOString().replace(/\.\d+Z$/, 'Z')

/** Takes the devices back from a claim that no Pod holds. */
export async function freeClaim({ client }: BindDeps, claim: ReadClaim, signal: AbortSignal): Promise<void> {
  const { allocation: _allocation, devices: _devices, reservedFor: _reservedFor, ...status } = claim.status ?? {}
  await client.updateStatus(RESOURCE_CLAIMS, { ...claim, status } as ResourceClaim, {}, signal)
}

/** Whether any device of the claim has to be bound before a Pod may use it. */
export function hasConditions({ status }: ReadClaim): boolean {
  return (status?.allocation?.devices?.results ?? []).some(({ bindingConditions = [] }) => bindingConditions.length > 0)
}

/** Whether all devices of the claim are bound; a text where one never will be. */
export function readiness(claim: ReadClaim): boolean | string {
  const { allocation, devices = [] } = claim.status ?? {}
  if (allocation === undefined) return false
  for (const result of allocation.devices?.results ?? []) {
    const { bindingConditions = [], bindingFailureConditions = [], driver, pool, device, shareID } = result
    if (bindingConditions.length === 0) continue
    const told = devices.find(
      (each) => each.driver === driver && each.pool === pool && each.device === device && each.shareID === shareID,
    )
    const conditions = told?.conditions ?? []
    const failed = conditions.find(({ type, status }) => status === 'True' && bindingFailureConditions.includes(type))
    if (failed !== undefined) return failureOf(claim, failed)
    const isTrue = (type: string) => conditions.some((each) => each.type === type && each.status === 'True')
    if (!bindingConditions.every(isTrue)) return false
  }
  return true
}

function failureOf({ metadata }: ReadClaim, { reason, message }: { reason: string; message: string }): string {
  return `device binding failed: claim=${metadata.name ?? ''}, reason=${reason}, message=${JSON.stringify(message)}`
}

/** Whether the devices of the claim had time enough to be bound. */
export function isLate(claim: ReadClaim, now: number, timeoutMs: number): boolean {
  const since = claim.status?.allocation?.allocationTimestamp
  return since !== undefined && hasConditions(claim) && Date.parse(since) + timeoutMs < now
}

export interface Waiting extends BindDeps {
  readonly claims: readonly ReadClaim[]
  readonly newest: (claim: DeepReadonly<ResourceClaim>) => ReadClaim | undefined
  readonly timeoutMs: number
}

const POLL_MS = 5_000

/** Waits until the devices of all claims are bound. Throws with Kubernetes's words where they will not be. */
export async function waitUntilBound(wish: Waiting, signal: AbortSignal): Promise<void> {
  const { claims, newest, clock, timeoutMs } = wish
  const start = clock.now()
  for (;;) {
    const states = claims.map((claim) => readiness(newest(claim) ?? claim))
    const failure = states.find((state) => typeof state === 'string')
    if (failure !== undefined) throw new Error(failure)
    if (states.every(Boolean)) return
    const late = claims.find((claim) => isLate(newest(claim) ?? claim, clock.now(), timeoutMs))
    if (late !== undefined) throw new Error(`device binding timeout: claim=${late.metadata.name ?? ''}`)
    if (clock.now() - start > timeoutMs) throw new Error('device binding timeout: context deadline exceeded')
    await clock.sleep(POLL_MS, signal)
  }
}
