/**
 * Has drivers prepare the devices that claims were given, before the Pods start that use them, and give them up after
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/).
 */

import path from 'node:path'

import type { ResourceHealth, ResourceStatus } from '../../api/generated/core-v1.ts'
import type { ResourceClaim } from '../../api/generated/resource-v1.ts'
import { InTurn } from '../../base/async/in-turn.ts'
import { withGroup } from '../../base/async/group.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { type KindedContainer, namesOf, type PodView } from '../pods/pod-view.ts'
import { claimRequestsOf } from './claim-requests.ts'
import { DeviceHealth } from './device-health.ts'
import type { ClaimName, ClaimResult, DeviceHealthReport, PreparedDevice } from './dra-client.ts'
import { DraDrivers, type DriverDeps } from './dra-drivers.ts'
import { claimsOf } from './pod-claims.ts'
import { type ClaimState, PreparedClaims } from './prepared-claims.ts'

/** How often claims are looked for whose Pods are gone. */
const RECONCILE_MS = 60_000

export interface ClaimManagerDeps extends Omit<DriverDeps, 'health'> {
  /** Where it is written down which claims are prepared. */
  readonly folder: string
  /** The Pods that are not over; `undefined`: not all are known yet. */
  readonly activePods: () => ReadonlySet<string> | undefined
  /** What there is to tell of a Pod may be another. */
  readonly wake: (uid: string) => void
}

type Batches = ReadonlyMap<string, readonly ClaimState[]>

export class ClaimManager {
  readonly drivers: DraDrivers
  readonly #deps: ClaimManagerDeps
  readonly #claims: PreparedClaims
  readonly #health: DeviceHealth
  readonly #inTurn = new InTurn()

  constructor(deps: ClaimManagerDeps) {
    this.#deps = deps
    this.#claims = new PreparedClaims(path.join(deps.folder, 'dra_manager_state'))
    this.#health = new DeviceHealth(deps.clock)
    this.drivers = new DraDrivers({ ...deps, health: (driver, reports) => this.#heard(driver, reports) })
    deps.metrics.prepared = () => this.#claims.all.filter(({ isPrepared }) => isPrepared).map(({ drivers }) => drivers)
  }

  /** Takes up what an earlier kubelet had prepared. */
  load(): Promise<void> {
    return this.#claims.load()
  }

  get claims(): PreparedClaims {
    return this.#claims
  }

  /** Serves drivers, and gives claims up whose Pods are gone, until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log, activePods } = this.#deps
    try {
      await withGroup(async (group) => {
        this.drivers.begin(group)
        for (;;) {
          const active = activePods()
          const gone =
            active === undefined ? [] : this.#claims.all.flatMap(({ pods }) => pods).filter((uid) => !active.has(uid))
          for (const uid of new Set(gone)) {
            await this.#release(uid, group.signal).catch((error: unknown) => {
              group.signal.throwIfAborted()
              log.warn('could not give up the claims of a Pod that is gone', { uid, error })
            })
          }
          await clock.sleep(active === undefined ? 1_000 : RECONCILE_MS, group.signal)
        }
      }, signal)
    } finally {
      this.drivers.end()
    }
  }

  /** Has the devices of the Pod's claims prepared. Throws with Kubernetes's words. */
  async prepare(pod: PodView, signal: AbortSignal): Promise<void> {
    await this.#timed('PrepareResources', 'prepare dynamic resources', signal, async () => {
      const { uid } = namesOf(pod)
      const claims = await claimsOf(pod, this.#deps.client, signal)
      // Nothing is noted before it is clear that all drivers are there: the Pod can be deleted without them.
      for (const driver of new Set(claims.flatMap(driversOf))) this.drivers.get(driver)
      const names = claims.map(({ metadata }) => metadata.name ?? '')
      await this.#alone(namesOf(pod).namespace, names, () => this.#prepareAll(claims, uid, signal))
    })
  }

  /** The CDI devices that the container is to have. */
  cdiDevicesOf(pod: PodView, container: KindedContainer): readonly string[] {
    const { namespace } = namesOf(pod)
    return claimRequestsOf(pod, container).flatMap(({ claim: name, request }) => {
      const claim = this.#claims.get({ namespace, name })
      if (claim === undefined) {
        const which = `ResourceClaim ${name} in namespace ${namespace}`
        throw new Error(`internal error: unable to get claim info for ${which}`)
      }
      const devices = Object.values(claim.drivers).flat()
      return devices.filter((device) => isFor(device, request)).flatMap(({ cdiDeviceIds }) => cdiDeviceIds)
    })
  }

  /** How the devices of an app container are. */
  healthOf(pod: PodView, container: KindedContainer): readonly ResourceStatus[] {
    const { namespace } = namesOf(pod)
    return claimRequestsOf(pod, container).flatMap(({ claim: name, request, resource }) => {
      const claim = this.#claims.get({ namespace, name })
      if (resource === undefined || claim === undefined) return []
      const [base = ''] = request.split('/')
      const all = Object.entries(claim.drivers).flatMap(([driver, devices]) =>
        devices.filter((device) => isFor(device, base)).map((device) => this.#healthOfDevice(driver, device)),
      )
      const resources = all.filter(
        (one, index) => all.findIndex(({ resourceID }) => resourceID === one.resourceID) === index,
      )
      return resources.length === 0 ? [] : [{ name: resource, resources }]
    })
  }

  /** Nothing of the Pod runs any more: gives up the claims that nobody else uses. Throws with Kubernetes's words. */
  async release(pod: PodView, signal: AbortSignal): Promise<void> {
    const { uid } = namesOf(pod)
    if (this.#claims.of(uid).length === 0) return
    const run = () => this.#release(uid, signal)
    await this.#timed('UnprepareResources', 'unprepare dynamic resources', signal, run)
  }

  async #prepareAll(claims: readonly DeepReadonly<ResourceClaim>[], pod: string, signal: AbortSignal): Promise<void> {
    const states = claims.map((claim) => this.#noted(claim, pod))
    await this.#claims.save()
    const due = states.filter(({ isPrepared }) => !isPrepared)
    for (const [driver, batch] of byDriver(due)) {
      const results = await callFor('NodePrepareResources', batch, (names) =>
        this.drivers.get(driver).prepare(names, signal),
      )
      for (const claim of batch) {
        const devices = results.get(claim.uid)?.devices ?? []
        claim.drivers = { ...claim.drivers, [driver]: devices }
      }
    }
    for (const claim of due) claim.isPrepared = true
    if (due.length > 0) await this.#claims.save()
  }

  /** Notes that the Pod uses the claim, before a driver hears of it. */
  #noted(claim: DeepReadonly<ResourceClaim>, pod: string): ClaimState {
    const { namespace = '', name = '', uid = '' } = claim.metadata
    const known = this.#claims.get({ namespace, name })
    if (known !== undefined && known.uid !== uid) {
      const old = `old ResourceClaim with same name ${name} and different UID ${known.uid}`
      throw new Error(`${old} still exists (previous pod force-deleted?!)`)
    }
    const drivers = Object.fromEntries(driversOf(claim).map((driver) => [driver, []]))
    const state = known ?? { namespace, name, uid, pods: [], drivers, isPrepared: false }
    state.pods = [...new Set([...state.pods, pod])]
    this.#claims.add(state)
    return state
  }

  async #release(pod: string, signal: AbortSignal): Promise<void> {
    const known = this.#claims.of(pod)
    const names = known.map(({ name }) => name)
    await this.#alone(known[0]?.namespace ?? '', names, async () => {
      const all = this.#claims.of(pod)
      const last = all.filter(({ pods }) => pods.length === 1)
      for (const [driver, batch] of byDriver(last)) {
        await callFor('NodeUnprepareResources', batch, (names) => this.drivers.get(driver).unprepare(names, signal))
      }
      for (const claim of last) this.#claims.remove(claim)
      for (const claim of all) claim.pods = claim.pods.filter((each) => each !== pod)
      await this.#claims.save()
    })
  }

  /** Another Pod may use a claim, too: one of them at a time. They take their turns in one order, so that none waits for ever. */
  async #alone(namespace: string, claims: readonly string[], work: () => Promise<void>): Promise<void> {
    const keys = [...new Set(claims)].toSorted().map((name) => `${namespace}/${name}`)
    const run = keys.reduceRight((inner, key) => () => this.#inTurn.run(key, inner), work)
    await run()
  }

  #healthOfDevice(driver: string, device: PreparedDevice): ResourceHealth {
    const { health, message } = this.#health.of(driver, device)
    const resourceID = device.cdiDeviceIds[0] ?? `${driver}/${device.poolName}/${device.deviceName}`
    return { resourceID, health, ...(message !== '' && { message }) }
  }

  #heard(driver: string, reports: readonly DeviceHealthReport[] | undefined): void {
    if (reports === undefined) return this.#health.forget(driver)
    for (const changed of this.#health.told(driver, reports)) {
      for (const { drivers, pods } of this.#claims.all) {
        const isUsed = (drivers[driver] ?? []).some(
          ({ poolName, deviceName }) => poolName === changed.poolName && deviceName === changed.deviceName,
        )
        if (isUsed) for (const uid of pods) this.#deps.wake(uid)
      }
    }
  }

  async #timed(operation: string, what: string, signal: AbortSignal, run: () => Promise<void>): Promise<void> {
    const { clock, metrics } = this.#deps
    const from = clock.monotonic()
    let hasFailed = true
    try {
      await run()
      hasFailed = false
    } catch (error) {
      signal.throwIfAborted()
      throw new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
    } finally {
      metrics.worked(operation, hasFailed, (clock.monotonic() - from) / 1000)
    }
  }
}

const driversOf = ({ status }: DeepReadonly<ResourceClaim>): readonly string[] => [
  ...new Set((status?.allocation?.devices?.results ?? []).map(({ driver }) => driver)),
]

const isFor = ({ requestNames }: PreparedDevice, request: string) =>
  request === '' || requestNames.length === 0 || requestNames.includes(request)

function byDriver(claims: readonly ClaimState[]): Batches {
  const batches = new Map<string, ClaimState[]>()
  for (const claim of claims) {
    for (const driver of Object.keys(claim.drivers)) batches.set(driver, [...(batches.get(driver) ?? []), claim])
  }
  return batches
}

/** Calls a driver for claims of which none may fail, or be left out. Throws with Kubernetes's words. */
async function callFor(
  method: string,
  claims: readonly ClaimState[],
  call: (names: readonly ClaimName[]) => Promise<ReadonlyMap<string, ClaimResult>>,
): Promise<ReadonlyMap<string, ClaimResult>> {
  const names = claims.map(({ namespace, uid, name }) => ({ namespace, uid, name }))
  const results = await call(names).catch((error: unknown) => {
    throw new Error(`${method}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  })
  for (const [uid, { error }] of results) {
    const claim = claims.find((each) => each.uid === uid)
    if (claim === undefined) throw new Error(`${method} returned result for unknown claim UID ${uid}`)
    if (error !== '') throw new Error(`${method} failed for ResourceClaim ${claim.name}: ${error}`)
  }
  const skipped = claims.length - results.size
  if (skipped !== 0) throw new Error(`${method} skipped ${skipped} ResourceClaims`)
  return results
}
