/**
 * Volumes that CSI drivers make: attached, staged once for the node, published for each Pod, and all of it undone in
 * turn (https://github.com/container-storage-interface/spec/blob/master/spec.md#volume-lifecycle).
 */

import { InTurn } from '../../../base/async/in-turn.ts'
import type { Clock } from '../../../base/clock.ts'
import type { Log } from '../../../base/log.ts'
import { createWorkQueue, type WorkQueue } from '../../../base/work-queue.ts'
import { GrpcError } from '../../grpc/error.ts'
import type { CsiFiles, HeldVolume, PublishedVolume } from '../../host/csi-files.ts'
import type { VolumeFiles } from '../../host/host.ts'
import type { FilesystemFacts } from '../../host/usage.ts'
import type { WellKnownPaths } from '../../host/well-known-paths.ts'
import { namesOf, specOf } from '../../pods/pod-view.ts'
import type { Expansion } from '../expansion.ts'
import { stepFailure } from '../mount-failure.ts'
import type { MadeVolume } from '../pod-volumes.ts'
import type { Attachments } from './attachments.ts'
import type { CsiUse } from './csi-use.ts'
import { volumeKey } from './csi-volume.ts'
import type { CsiDrivers } from './drivers.ts'
import type { HeldVolumes } from './held-volumes.ts'
import { type NodeService, usageFacts } from './node-service.ts'
import { expandRequest, publishRequest, type RequestFacts, stageRequest } from './requests.ts'
import { changesGroup, type DriverObject, lifecycleFault, needsAttach } from './rules.ts'

export interface CsiVolumesDeps {
  readonly files: CsiFiles
  readonly paths: WellKnownPaths
  readonly drivers: Pick<CsiDrivers, 'get'>
  /** What the API knows of a driver. */
  readonly driverObject: (name: string, signal: AbortSignal) => Promise<DriverObject>
  readonly attachments: Pick<Attachments, 'attached'>
  readonly held: HeldVolumes
  readonly expansion: Pick<Expansion, 'expand'>
  readonly setGroup: VolumeFiles['setGroup']
  readonly clock: Clock
  readonly log: Log
}

/** As long as a driver is away, its volumes are asked about no more often. */
const RETRY = { baseMs: 500, maxMs: 122_000 }
/** Whoever asks what volumes hold waits no longer for one of them. */
const USAGE_MS = 5_000
/** What failed so may yet be done: the volume is the driver's until it says otherwise. */
const UNCERTAIN = new Set(['Cancelled', 'DeadlineExceeded', 'Unavailable', 'ResourceExhausted', 'Aborted'])

const isFinal = (error: unknown): boolean => error instanceof GrpcError && !UNCERTAIN.has(error.code)

export class CsiVolumes {
  readonly #deps: CsiVolumesDeps
  readonly #turns = new InTurn()
  /** Volumes that nobody on the node may want any more. */
  readonly #leaving: WorkQueue
  #loaded: Promise<void> | undefined

  constructor(deps: CsiVolumesDeps) {
    this.#deps = deps
    this.#leaving = createWorkQueue(deps.clock, RETRY)
  }

  /** Makes the volume for the Pod, or makes sure that it stands. Throws `MountFailure`. */
  async make(use: CsiUse, signal: AbortSignal): Promise<MadeVolume> {
    const { driverObject, held, attachments } = this.#deps
    const { pod, volume, podVolume, readOnly } = use
    await this.#load()
    const driver = await driverObject(volume.driver, signal)
    if (!volume.isInline) held.want(volume, namesOf(pod).uid)
    const waits = volume.isBlock ? 'MapVolume.WaitForAttach' : 'MountVolume.WaitForAttach'
    const publishContext = !needsAttach(volume, driver)
      ? {}
      : await attachments.attached(volume, podVolume, signal).catch((error: unknown) => {
          signal.throwIfAborted()
          throw stepFailure(waits, volume.name, error)
        })
    const published: PublishedVolume = { ...heldOf(volume), uid: namesOf(pod).uid, isInline: volume.isInline }
    await this.#turns.run(volumeKey(volume), () => this.#mount(use, { published, driver, publishContext }, signal))
    if (volume.isBlock) this.#tellMapped(use, published)
    const path = this.#deps.files.targetPath(published)
    const driven = { usage: () => this.#usage(published) }
    if (volume.isBlock) return { kind: 'device', path, readOnly, driven }
    return { kind: 'path', path, readOnly, isManaged: true, driven }
  }

  /** Whether the driver wants to be asked again now and then while the volume is in use. */
  async wantsRepublish(use: CsiUse, signal: AbortSignal): Promise<boolean> {
    const driver = await this.#deps.driverObject(use.volume.driver, signal)
    return driver?.spec.requiresRepublish === true
  }

  /** Brings a volume that stands up to date: asks the driver again where it wants that, and makes it larger. */
  async keep(use: CsiUse, signal: AbortSignal): Promise<void> {
    if (await this.wantsRepublish(use, signal)) {
      await this.make(use, signal)
      return
    }
    await this.#turns.run(volumeKey(use.volume), () => this.#expand(use, signal))
  }

  /** Takes away all that the Pod has. Throws when a driver cannot, or is not there. */
  async release(uid: string, signal: AbortSignal): Promise<void> {
    const { files, held } = this.#deps
    await this.#load()
    const published = await files.published(uid)
    if (published.length > 0) await files.releaseSubPaths(uid)
    const outcomes = await Promise.allSettled(
      published.map((volume) => this.#turns.run(volumeKey(volume), () => this.#unpublish(volume, signal))),
    )
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failed !== undefined) throw failed.reason
    for (const volume of held.leave(uid)) this.#leaving.add(volumeKey(volume))
  }

  /** Takes volumes that nobody uses from the node, until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { held, log } = this.#deps
    await this.#load()
    for (const volume of held.unused) this.#leaving.add(volumeKey(volume))
    for await (const key of this.#leaving.take(signal)) {
      try {
        await this.#turns.run(key, () => this.#unstage(key, signal))
        this.#leaving.finish(key)
      } catch (error) {
        signal.throwIfAborted()
        log.warn('could not take a volume from the node', { volume: key, error })
        this.#leaving.retry(key)
      }
    }
  }

  #load(): Promise<void> {
    this.#loaded ??= this.#deps.held.load(this.#deps.files).catch((error: unknown) => {
      this.#loaded = undefined
      throw error
    })
    return this.#loaded
  }

  /** Where a device is to be found, for the node and for the Pod. */
  #tellMapped({ volume, tell }: CsiUse, published: PublishedVolume): void {
    const { files, paths } = this.#deps
    const { global, ofPod } = files.mapPaths(published)
    for (const [name, path] of [
      ['globalMapPath', global],
      ['volumeMapPath', ofPod],
    ] as const) {
      const message = `MapVolume.MapPodDevice succeeded for volume "${volume.name}" ${name} "${paths.wellKnown(path)}"`
      tell({ type: 'Normal', reason: 'SuccessfulMountVolume', message })
    }
  }

  async #mount(use: CsiUse, { published, driver, publishContext }: MountFacts, signal: AbortSignal): Promise<void> {
    const { volume } = use
    const steps = volume.isBlock ? BLOCK_STEPS : STEPS
    const orFail = (step: keyof typeof STEPS) => (error: unknown) => {
      signal.throwIfAborted()
      throw stepFailure(steps[step].step, volume.name, error)
    }
    if (!volume.isInline) await this.#stage(use, { driver, publishContext }, signal).catch(orFail('stage'))
    await this.#publish(use, { published, driver, publishContext }, signal).catch(orFail('publish'))
    await this.#expand(use, signal).catch(orFail('publish'))
  }

  async #facts(
    use: CsiUse,
    service: NodeService,
    { driver, publishContext }: Pick<MountFacts, 'driver' | 'publishContext'>,
    signal: AbortSignal,
  ): Promise<RequestFacts> {
    const { files, paths } = this.#deps
    const { volume, pod } = use
    const target = { ...volume, uid: namesOf(pod).uid }
    return {
      driver,
      capabilities: await service.capabilities(signal),
      publishContext,
      stagingPath: paths.wellKnown(files.stagingPath(volume)),
      targetPath: paths.wellKnown(files.targetPath(target)),
    }
  }

  #service(use: CsiUse, call: 'stage' | 'publish'): NodeService {
    try {
      return this.#deps.drivers.get(use.volume.driver)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      const { caller } = (use.volume.isBlock ? BLOCK_STEPS : STEPS)[call]
      throw new Error(`kubernetes.io/csi: ${caller}: ${why}`, { cause: error })
    }
  }

  async #stage(use: CsiUse, about: Pick<MountFacts, 'driver' | 'publishContext'>, signal: AbortSignal): Promise<void> {
    const { files, held } = this.#deps
    const { volume } = use
    if (held.isReady(volume)) return
    const service = this.#service(use, 'stage')
    const facts = await this.#facts(use, service, about, signal)
    const request = facts.capabilities.has('STAGE_UNSTAGE_VOLUME') ? await stageRequest(use, facts) : undefined
    const isNew = !held.isStaged(volume)
    await files.noteStaged(heldOf(volume))
    held.staged(volume, 'begun')
    try {
      if (request !== undefined) await service.stage(request, signal)
      held.staged(volume, 'done')
    } catch (error) {
      if (isNew && isFinal(error)) {
        await files.forgetStaged(heldOf(volume)).then(
          () => held.unstaged(volume),
          () => {}, // the driver has left something there
        )
      }
      throw error
    }
  }

  async #publish(use: CsiUse, { published, driver, publishContext }: MountFacts, signal: AbortSignal): Promise<void> {
    const { files } = this.#deps
    const { volume, pod, readOnly } = use
    const service = this.#service(use, 'publish')
    const fault = lifecycleFault(volume, driver)
    if (fault !== undefined)
      throw new Error(`kubernetes.io/csi: mounter.SetupAt failed to check volume lifecycle mode: ${fault}`)
    const facts = await this.#facts(use, service, { driver, publishContext }, signal)
    const request = await publishRequest(use, facts)
    await files.notePublished(published)
    try {
      await service.publish(request, signal)
    } catch (error) {
      if (isFinal(error)) await files.forgetPublished(published).catch(() => {}) // what is mounted there is in use
      throw error
    }
    const { fsGroup, fsGroupChangePolicy = 'Always' } = specOf(pod).securityContext ?? {}
    if (fsGroup === undefined || readOnly || volume.isBlock || !changesGroup(volume, driver, facts.capabilities)) return
    await this.#deps.setGroup(files.targetPath(published), fsGroup, fsGroupChangePolicy).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error)
      throw new Error(`applyFSGroup failed for vol ${volume.volumeHandle}: ${why}`, { cause: error })
    })
  }

  async #expand(use: CsiUse, signal: AbortSignal): Promise<void> {
    const { expansion, drivers } = this.#deps
    const { claimed, readOnly, tell, volume } = use
    if (claimed === undefined) return
    const find = async () => {
      const service = drivers.get(volume.driver)
      const facts = await this.#facts(use, service, { driver: undefined, publishContext: {} }, signal)
      if (!facts.capabilities.has('EXPAND_VOLUME')) return undefined
      return async (bytes: number) => service.expand(await expandRequest(use, facts, bytes), signal)
    }
    await expansion.expand({ claimed, name: volume.name, readOnly, tell }, find, signal)
  }

  async #usage(volume: PublishedVolume): Promise<FilesystemFacts | undefined> {
    const { drivers, files, paths, clock } = this.#deps
    const late = new AbortController()
    const cancel = clock.after(USAGE_MS, () => late.abort(new Error('the driver takes too long')))
    try {
      const service = drivers.get(volume.driver)
      if (!(await service.capabilities(late.signal)).has('GET_VOLUME_STATS')) return undefined
      const target = paths.wellKnown(files.targetPath(volume))
      return usageFacts(volumeKey(volume), await service.usage(volume.volumeHandle, target, late.signal))
    } finally {
      cancel()
    }
  }

  async #unpublish(volume: PublishedVolume, signal: AbortSignal): Promise<void> {
    const { drivers, files, paths } = this.#deps
    const service = drivers.get(volume.driver)
    await service.unpublish(volume.volumeHandle, paths.wellKnown(files.targetPath(volume)), signal)
    await files.forgetPublished(volume)
  }

  async #unstage(key: string, signal: AbortSignal): Promise<void> {
    const { drivers, files, held, paths } = this.#deps
    const volume = held.unused.find((each) => volumeKey(each) === key)
    if (volume === undefined) return // wanted again
    if (held.isStaged(volume)) {
      const service = drivers.get(volume.driver)
      const capabilities = await service.capabilities(signal)
      const stagingPath = paths.wellKnown(files.stagingPath(volume))
      if (capabilities.has('STAGE_UNSTAGE_VOLUME')) await service.unstage(volume.volumeHandle, stagingPath, signal)
      await files.forgetStaged(volume)
      held.unstaged(volume)
    }
    if (!held.isUsed(volume)) held.forget(volume)
  }
}

interface MountFacts {
  readonly published: PublishedVolume
  readonly driver: DriverObject
  readonly publishContext: Readonly<Record<string, string>>
}

/** What the two calls are called in events. */
const STEPS = {
  stage: {
    step: 'MountVolume.MountDevice',
    caller: 'attacher.MountDevice failed to create newCsiDriverClient',
  },
  publish: { step: 'MountVolume.SetUp', caller: 'mounter.SetUpAt failed to get CSI client' },
} as const

const BLOCK_STEPS = {
  stage: { step: 'MapVolume.SetUpDevice', caller: 'blockMapper.SetUpDevice failed to get CSI client' },
  publish: { step: 'MapVolume.MapPodDevice', caller: 'blockMapper.MapPodDevice failed to get CSI client' },
} as const

const heldOf = ({ name, driver, volumeHandle, isBlock }: HeldVolume): HeldVolume => ({
  name,
  driver,
  volumeHandle,
  isBlock,
})
