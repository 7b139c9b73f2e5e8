/** Gets images onto the node as their pull policies say (https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy). */

import type { Secret } from '../../api/generated/core-v1.ts'
import { type Clock } from '../../base/clock.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { AuthConfig, Image, ImageService, PodSandboxConfig } from '../cri/runtime.ts'
import type { ContainerView } from '../pods/pod-view.ts'
import { StartFailure } from '../pods/container/start-failure.ts'
import { credentialsFor } from './credentials.ts'
import { formatMilliseconds } from '../../wire/decode/duration.ts'
import { PullPace } from './pull-pace.ts'
import { type ImageName, parseImageName } from './image-name.ts'

const FIRST_BACK_OFF_MS = 10_000
const MAX_BACK_OFF_MS = 300_000
/** So long a failure is shown; then, that it is waited after. */
const SHOWN_MS = 5_000
/** A back-off is forgotten when nothing was pulled for twice its longest. */
const FORGET_MS = 2 * MAX_BACK_OFF_MS

export interface PullRequestOptions {
  readonly container: Pick<ContainerView, 'image' | 'imagePullPolicy'>
  /** Back-offs are counted apart for every owner. */
  readonly owner: string
  readonly secrets: () => Promise<readonly DeepReadonly<Secret>[]>
  readonly sandboxConfig?: PodSandboxConfig
  /** Told what happens, with the reasons and texts of Kubernetes's events. */
  readonly tell: (type: 'Normal' | 'Warning', reason: string, message: string) => void
  /** The same, of an image that was there already: nobody has waited for it. */
  readonly tellPresent?: PullRequestOptions['tell']
  /** Told by which policy the image is got, and whether it was there. */
  readonly looked?: (policy: string, isPresent: boolean) => void
  /** Told of a pull that succeeded: what it took, waiting included, and the image's size. */
  readonly pulled?: (ms: number, bytes: number) => void
}

interface BackOff {
  readonly ms: number
  readonly until: number
  readonly since: number
  readonly error: string
}

export interface PullLimits {
  /** How many images may be pulled at once. */
  readonly parallel: number
  /** How many pulls a second may begin; 0: as many as come. */
  readonly perSecond: number
  /** How many may begin at once after a rest. */
  readonly burst: number
}

/** Keeps to its limits by waiting. */
export class ImagePuller {
  readonly #images: ImageService
  readonly #clock: Clock
  readonly #pace: PullPace
  readonly #backOffs = new Map<string, BackOff>()
  #free: number
  readonly #queue: (() => void)[] = []

  constructor(images: ImageService, clock: Clock, { parallel, perSecond, burst }: PullLimits) {
    this.#images = images
    this.#clock = clock
    this.#free = parallel
    this.#pace = new PullPace(clock, perSecond, burst)
  }

  /** The image, pulled if need be. Throws `StartFailure`. */
  async ensure(options: PullRequestOptions, signal: AbortSignal): Promise<Image> {
    const { container, tell, tellPresent = tell } = options
    const image = container.image ?? ''
    const name = parseImageName(image)
    if ('fault' in name) {
      tell('Warning', 'InspectFailed', name.fault)
      throw new StartFailure('InvalidImageName', name.fault, { shown: 'InvalidImageName' })
    }
    const policy = container.imagePullPolicy ?? (name.full.endsWith(':latest') ? 'Always' : 'IfNotPresent')
    const present = await this.#images.imageStatus({ image: name.full }, signal)
    options.looked?.(policy, present !== undefined)
    if (present !== undefined && policy !== 'Always') {
      tellPresent(
        'Normal',
        'Pulled',
        `Container image "${image}" already present on machine and can be accessed by the pod`,
      )
      return present
    }
    if (policy === 'Never') {
      const message = `Container image "${image}" is not present with pull policy of Never`
      tell('Warning', 'ErrImageNeverPull', message)
      throw new StartFailure('ErrImageNeverPull', message, { shown: 'ErrImageNeverPull' })
    }
    this.#checkBackOff(options, image)
    return this.#pull(options, name, signal)
  }

  #checkBackOff({ owner, tell }: PullRequestOptions, image: string): void {
    const entry = this.#backOffs.get(`${owner} ${image}`)
    const wait = (entry?.until ?? 0) - this.#clock.monotonic()
    if (entry === undefined || wait <= 0) return
    tell('Normal', 'BackOff', `Back-off pulling image "${image}"`)
    throw new StartFailure('ImagePullBackOff', `Back-off pulling image "${image}": ErrImagePull: ${entry.error}`, {
      shown: 'ImagePullBackOff',
      retryMs: wait,
    })
  }

  async #pull(options: PullRequestOptions, name: ImageName, signal: AbortSignal): Promise<Image> {
    const { container, tell, owner } = options
    const image = container.image ?? ''
    const key = `${owner} ${image}`
    tell('Normal', 'Pulling', `Pulling image "${image}"`)
    const asked = this.#clock.monotonic()
    await this.#enter(signal)
    await this.#pace.next(signal).catch((error: unknown) => {
      this.#leave()
      throw error
    })
    const began = this.#clock.monotonic()
    try {
      await this.#pullWithAny(options, name, signal)
      const pulled = await this.#images.imageStatus({ image: name.full }, signal)
      if (pulled === undefined) throw new Error(`the runtime pulled "${image}" and does not have it`)
      const now = this.#clock.monotonic()
      tell(
        'Normal',
        'Pulled',
        `Successfully pulled image "${image}" in ${inWhole(now - began)} (${inWhole(now - asked)} including waiting). Image size: ${pulled.size} bytes.`,
      )
      options.pulled?.(now - asked, pulled.size)
      this.#backOffs.delete(key)
      return pulled
    } catch (error) {
      signal.throwIfAborted()
      const message = error instanceof Error ? error.message : String(error)
      tell('Warning', 'Failed', `Failed to pull image "${image}": ${message}`)
      const wait = this.#failed(key, message)
      throw new StartFailure('ErrImagePull', message, {
        shown: 'ErrImagePull',
        retryMs: Math.min(wait, SHOWN_MS),
        cause: error,
      })
    } finally {
      this.#leave()
    }
  }

  async #pullWithAny(options: PullRequestOptions, name: ImageName, signal: AbortSignal): Promise<void> {
    const credentials = credentialsFor(name, await options.secrets())
    const attempts: (AuthConfig | undefined)[] = credentials.length === 0 ? [undefined] : [...credentials]
    let failure: unknown
    for (const auth of attempts) {
      try {
        const { sandboxConfig } = options
        await this.#images.pullImage(
          { image: { image: name.full }, ...(auth && { auth }), ...(sandboxConfig && { sandboxConfig }) },
          signal,
        )
        return
      } catch (error) {
        signal.throwIfAborted()
        failure = error
      }
    }
    throw failure
  }

  /** Notes a failure; the answer is how long to wait. */
  #failed(key: string, error: string): number {
    const now = this.#clock.monotonic()
    const old = this.#backOffs.get(key)
    const ms =
      old === undefined || now - old.since > FORGET_MS ? FIRST_BACK_OFF_MS : Math.min(MAX_BACK_OFF_MS, old.ms * 2)
    this.#backOffs.set(key, { ms, until: now + ms, since: now, error })
    for (const [other, entry] of this.#backOffs) if (now - entry.since > FORGET_MS) this.#backOffs.delete(other)
    return ms
  }

  async #enter(signal: AbortSignal): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1
      return
    }
    await new Promise<void>((resolve, reject) => {
      const onAbort = () => {
        this.#queue.splice(this.#queue.indexOf(enter), 1)
        reject(signal.reason)
      }
      const enter = () => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      }
      this.#queue.push(enter)
      signal.addEventListener('abort', onAbort, { once: true })
    })
  }

  #leave(): void {
    const next = this.#queue.shift()
    if (next === undefined) this.#free += 1
    else next()
  }
}

/** A time that something took, in whole milliseconds. */
const inWhole = (ms: number): string => formatMilliseconds(Math.floor(ms))
