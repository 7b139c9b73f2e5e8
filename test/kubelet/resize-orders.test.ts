/**
 * Resizes of several containers under a runtime that answers and tells late, in ever other orders. Whoever waits for a
 * resize looks at the status: what it says must be true whenever it is read
 * (https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/).
 */

import { describe, expect, test } from 'vitest'

import type { Container } from '../../src/api/generated/core-v1.ts'
import { type Random, seededRandom } from '../../src/base/random.ts'
import { PODS } from '../../src/client/resources.ts'
import type { PodView } from '../../src/kubelet/pods/pod-view.ts'
import { type Cluster, createCluster } from '../../src/testing/cluster.ts'
import { FaultyRuntime } from './faulty-runtime.ts'

const SEEDS = Number(process.env['RESIZE_SEEDS'] ?? 8)
const FIRST = Number(process.env['RESIZE_FIRST_SEED'] ?? 1)
const AT = { namespace: 'default', name: 'app' }
const USED = { nanoCores: 0, memoryBytes: 50 * 2 ** 20 }
const NAMES = ['a', 'b', 'c']

const pick = <T>(random: Random, from: readonly T[]): T => {
  const one = from[Math.floor(random.next() * from.length)]
  if (one === undefined) throw new Error('nothing to pick from')
  return one
}

/** What is not as the Pod's spec has it, where its status says that all of it is done. */
function untruths(pod: PodView): readonly string[] {
  const { spec, status = {}, metadata } = pod
  const says = (type: string) => status.conditions?.some((one) => one.type === type && one.status === 'True') === true
  const isDone = status.observedGeneration === metadata.generation && says('Ready')
  if (!isDone || says('PodResizePending') || says('PodResizeInProgress')) return []
  return (spec?.containers ?? []).flatMap(({ name, resources }) => {
    const told = status.containerStatuses?.find((one) => one.name === name)
    const has = JSON.stringify([told?.resources, told?.allocatedResources])
    const asked = JSON.stringify([resources, resources?.requests])
    return has === asked ? [] : [`${name} has ${has}, not ${asked}, at generation ${metadata.generation}`]
  })
}

/** Which containers a change restarts. */
function restarted(before: readonly Container[], after: readonly Container[]): readonly string[] {
  return after.flatMap((container, index) => {
    const old = before[index]?.resources
    const changes = (container.resizePolicy ?? []).some(
      ({ resourceName, restartPolicy }) =>
        restartPolicy === 'RestartContainer' &&
        (['requests', 'limits'] as const).some(
          (side) => old?.[side]?.[resourceName] !== container.resources?.[side]?.[resourceName],
        ),
    )
    return changes ? [container.name] : []
  })
}

const resizeConditions = (pod: PodView) =>
  (pod.status?.conditions ?? []).filter(({ type }) => type.startsWith('PodResize'))

const restartsOf = (pod: PodView): Readonly<Record<string, number>> =>
  Object.fromEntries((pod.status?.containerStatuses ?? []).map(({ name, restartCount }) => [name, restartCount]))

/** A Pod of three containers on a node whose runtime answers late from now on, and what its status says that is not so. */
class World {
  readonly cluster: Cluster
  readonly untrue = new Set<string>()
  asked: readonly Container[]
  readonly #random: Random
  readonly #isGuaranteed: boolean
  readonly #watching = new AbortController()
  readonly #watched: Promise<void>

  private constructor(cluster: Cluster, random: Random) {
    this.cluster = cluster
    this.#random = random
    this.#isGuaranteed = random.next() < 0.5
    this.asked = NAMES.map((name) => this.#container(name))
    this.#watched = this.#follow()
  }

  static async begin(seed: number): Promise<World> {
    const random = seededRandom(seed)
    const faults = new FaultyRuntime()
    const node = { capacity: { cpu: '4', memory: '4Gi' }, between: faults.between, behaviour: () => ({ usage: USED }) }
    const cluster = await createCluster({ clock: 'virtual', seed, nodes: [node] })
    faults.clock = cluster.clock
    const world = new World(cluster, random)
    await cluster.client.create(PODS, { metadata: AT, spec: { containers: [...world.asked] } })
    await cluster.until(async () => (await world.look()).status?.containerStatuses?.every(({ ready }) => ready))
    faults.wander(random, pick(random, [5, 300, 3_000]))
    return world
  }

  look = () => this.cluster.client.get(PODS, AT)

  /** Asks for something else; the answer is which containers that restarts. */
  async resize(): Promise<readonly string[]> {
    const next = this.asked.map((one) => (this.#random.next() < 0.3 ? one : { ...one, resources: this.#amounts() }))
    const containers = next.map(({ name, resources }) => ({ name, resources }))
    await this.cluster.client.patch(PODS, AT, 'strategic', { spec: { containers } }, { subresource: 'resize' })
    const names = restarted(this.asked, next)
    this.asked = next
    return names
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watching.abort()
    await this.#watched
    await this.cluster.stop()
  }

  #container(name: string): Container {
    const resizePolicy = ['cpu', 'memory'].map((resourceName) => ({
      resourceName,
      restartPolicy: pick(this.#random, ['NotRequired', 'RestartContainer']),
    }))
    return { name, image: 'busybox', resources: this.#amounts(), resizePolicy }
  }

  #amounts() {
    const amount = () => pick(this.#random, [100, 200, 300])
    const requests = { cpu: `${amount()}m`, memory: `${amount()}Mi` }
    const limits = { cpu: `${amount() + 200}m`, memory: `${amount() + 200}Mi` }
    return { requests, limits: this.#isGuaranteed ? requests : limits }
  }

  async #follow(): Promise<void> {
    const { signal } = this.#watching
    try {
      for await (const event of this.cluster.client.watch(PODS, { namespace: 'default' }, signal))
        if (event.type === 'ADDED' || event.type === 'MODIFIED')
          for (const one of untruths(event.object)) this.untrue.add(one)
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }
}

const none = () => Object.fromEntries(NAMES.map((name) => [name, 0]))
const seeds = Array.from({ length: SEEDS }, (_, index) => FIRST + index)
/** Longer than all answers of a resize, late as they are. */
const LONG_MS = 120_000

describe('Resizing three containers, while the runtime answers as late as it likes', () => {
  test.each(seeds)('says what is so, and restarts what asks for it, once (seed %i)', async (seed) => {
    await using world = await World.begin(seed)
    const expected = none()
    for (let change = 0; change < 2; change++) {
      for (const name of await world.resize()) expected[name] = (expected[name] ?? 0) + 1
      await world.cluster.advance(LONG_MS)
      const pod = await world.look()
      expect(untruths(pod)).toEqual([])
      expect(resizeConditions(pod)).toEqual([])
      expect(restartsOf(pod)).toEqual(expected)
    }
    expect([...world.untrue]).toEqual([])
  })

  test.each(seeds)('says what is so while it is resized again and again (seed %i)', async (seed) => {
    await using world = await World.begin(seed)
    const random = seededRandom(seed + 0.5)
    const most = none()
    for (let change = 0; change < 4; change++) {
      for (const name of await world.resize()) most[name] = (most[name] ?? 0) + 1
      await world.cluster.advance(Math.floor(random.next() * 5_000))
    }
    await world.cluster.advance(LONG_MS)
    const pod = await world.look()
    expect(untruths(pod)).toEqual([])
    expect(resizeConditions(pod)).toEqual([])
    expect([...world.untrue]).toEqual([])
    const restarts = restartsOf(pod)
    for (const name of NAMES) expect(restarts[name]).toBeLessThanOrEqual(most[name] ?? 0)
  })
})
