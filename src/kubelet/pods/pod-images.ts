/** Gets the images of one Pod onto the node: its containers', and those that it mounts as volumes. */

import type { ImageVolumeSource, Secret } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { Image } from '../cri/runtime.ts'
import type { PullRequestOptions } from '../images/puller.ts'
import type { PodDeps } from './pod-deps.ts'
import { type KindedContainer, namesOf, type PodView, specOf } from './pod-view.ts'

type Deps = Pick<PodDeps, 'puller' | 'secret' | 'tell' | 'clock' | 'metrics'>

export class PodImages {
  readonly #deps: Deps
  /** Events of images that were there already, by container: told when the container's turn has come. */
  readonly #present = new Map<string, () => void>()
  #asked = 0
  #secrets: Promise<readonly DeepReadonly<Secret>[]> = Promise.resolve([])
  /** The first pull's begin, and the last one's end. */
  #pulling: readonly [from: number, to: number] | undefined

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** Whether an image is still being fetched. */
  get isPulling(): boolean {
    return this.#asked > 0
  }

  /** From the first pull's begin to the last one's end. */
  get pullMs(): number {
    const [from, to] = this.#pulling ?? [0, 0]
    return to - from
  }

  /** The container's image, pulled if need be. Throws `StartFailure`. */
  async ofContainer(pod: PodView, container: KindedContainer, signal: AbortSignal): Promise<Image> {
    if (this.#asked === 0) this.#secrets = this.#pullSecrets(pod, signal)
    this.#asked += 1
    try {
      return await this.#ensure(pod, container, container.spec, signal)
    } finally {
      this.#asked -= 1
    }
  }

  /** The container is about to be made: if its image was there already, that is told now. */
  tellPresent({ spec }: KindedContainer): void {
    this.#present.get(spec.name)?.()
    this.#present.delete(spec.name)
  }

  /** A volume's image, pulled if need be. Throws `StartFailure`. */
  ofVolume(pod: PodView, source: DeepReadonly<ImageVolumeSource>, signal: AbortSignal): Promise<Image> {
    const { reference = '', pullPolicy } = source
    this.#deps.metrics.lifecycle.imageVolumeAsked()
    const asked = { image: reference, ...(pullPolicy !== undefined && { imagePullPolicy: pullPolicy }) }
    return this.#ensure(pod, undefined, asked, signal)
  }

  /** The Pod's pull Secrets; those that are missing are told, for the image may be there all the same. */
  async #pullSecrets(pod: PodView, signal: AbortSignal): Promise<readonly DeepReadonly<Secret>[]> {
    const { namespace } = namesOf(pod)
    const names = (specOf(pod).imagePullSecrets ?? []).flatMap(({ name = '' }) => (name === '' ? [] : [name]))
    const found = await Promise.all(
      names.map((name) => this.#deps.secret({ namespace, name }, signal).catch(() => undefined)),
    )
    const missing = names.filter((_, index) => found[index] === undefined)
    if (missing.length > 0) {
      const message = `Unable to retrieve some image pull secrets (${missing.join(', ')}); attempting to pull the image may not succeed.`
      this.#deps.tell({ pod, type: 'Warning', reason: 'FailedToRetrieveImagePullSecret', message })
    }
    return found.filter((secret) => secret !== undefined)
  }

  #ensure(
    pod: PodView,
    container: KindedContainer | undefined,
    asked: PullRequestOptions['container'],
    signal: AbortSignal,
  ): Promise<Image> {
    const { uid } = namesOf(pod)
    const secrets = () => this.#secrets
    const tell: PullRequestOptions['tell'] = (type, reason, message) =>
      this.#deps.tell({ pod, container, type, reason, message })
    const tellPresent: PullRequestOptions['tell'] = (...event) => {
      if (container === undefined) tell(...event)
      else this.#present.set(container.spec.name, () => tell(...event))
    }
    const pulled = (ms: number, bytes: number) => {
      const to = this.#deps.clock.monotonic()
      this.#pulling = [Math.min(this.#pulling?.[0] ?? Infinity, to - ms), to]
      this.#deps.metrics.starts.pulled(ms, bytes)
    }
    const looked: PullRequestOptions['looked'] = (policy, isPresent) =>
      this.#deps.metrics.lifecycle.imageAsked(policy, isPresent)
    const request = { container: asked, owner: uid, secrets, tell, tellPresent, pulled, looked }
    return this.#deps.puller.ensure(request, signal)
  }
}
