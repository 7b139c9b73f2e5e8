/** The simulated nodes of a cluster under test: each is a machine in memory with a real kubelet on it. */

import { setMaxListeners } from 'node:events'
import type { Taint } from '../api/generated/core-v1.ts'
import { aborted } from '../base/async/group.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import { createClient } from '../client/client.ts'
import { userOf } from '../client/user.ts'
import type { KubeletConfig } from '../kubelet/config/kubelet-config.ts'
import { kubeletConfigOf } from '../kubelet/config/read-config.ts'
import type { RuntimeService } from '../kubelet/cri/runtime.ts'
import { runKubelet } from '../kubelet/kubelet.ts'
import {
  type SimulatedLoad,
  type SimulatedNode,
  simulatedNode,
  type SimulatedNodeOptions,
} from '../kubelet/simulated-node.ts'
import type { ApiServer } from '../server/api-server.ts'

/** What a node shall be. Everything has a sane default. */
export interface NodeWish extends Partial<
  Pick<SimulatedNodeOptions, 'behaviour' | 'images' | 'machine' | 'sandboxMs' | 'podCidr' | 'imageDiskBytes'>
> {
  /** `node-1` and so on unless named. */
  readonly name?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly taints?: readonly Taint[]
  /** 110 unless told otherwise. */
  readonly maxPods?: number
  /** Fields of a KubeletConfiguration (kubelet.config.k8s.io/v1beta1), e.g. `{ shutdownGracePeriod: '30s' }`. */
  readonly kubelet?: Readonly<Record<string, unknown>>
  /** Replaces or adds to what the machine has, e.g. `{ 'example.com/gpu': '2' }`. */
  readonly capacity?: Readonly<Record<string, string>>
  /** Stands between the kubelet and its runtime: for runtimes that hang, lie or answer late. */
  readonly between?: (runtime: RuntimeService) => RuntimeService
}

/** One simulated node. */
export interface ClusterNode {
  readonly name: string
  /** Whether its kubelet runs. */
  readonly isUp: boolean
  /** From now on others than Pods use this much of the machine; what is not stated stays. */
  load(change: Partial<SimulatedLoad>): void
  /** Tells it to go down: its kubelet ends all Pods as its configuration says. Settles when it has. */
  shutDown(): Promise<void>
  /** Takes its power: the kubelet and all containers end, and nobody is told. */
  kill(): Promise<void>
  /** Gives the power back to a node that was killed: it starts with nothing on it. */
  boot(): void
}

interface NodesDeps {
  readonly server: ApiServer
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

/** All nodes of one cluster. */
export interface ClusterNodes {
  readonly all: readonly ClusterNode[]
  add(wish?: NodeWish): ClusterNode
  /** Runs the nodes there are and those that come, until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>
}

const KUBELET_VERSION = 'v1.36.0'
const KUBELET_PORT = 10_250
const CLUSTER_DNS = '10.96.0.10'

/** Ranges of a Pod network, and of a node network, that 32,000 nodes share without a clash. */
const podRangeOf = (index: number) => `10.${128 + (index >> 8)}.${index & 255}.0/24`
const addressOf = (index: number) => `172.${16 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`

export function clusterNodes(deps: NodesDeps): ClusterNodes {
  const all: PoweredNode[] = []
  return {
    all,
    add(wish = {}) {
      const node = new PoweredNode(wish, all.length + 1, deps)
      all.push(node)
      node.boot()
      return node
    },
    async run(signal) {
      await aborted(signal).catch(() => {})
      await Promise.all(all.map((node) => node.kill()))
    },
  }
}

function configFor({ kubelet, maxPods }: NodeWish): KubeletConfig {
  const header = { apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration' }
  return kubeletConfigOf({ ...header, ...(maxPods !== undefined && { maxPods }), ...kubelet })
}

class PoweredNode implements ClusterNode {
  readonly name: string
  readonly #wish: NodeWish
  readonly #index: number
  readonly #deps: NodesDeps
  readonly #config: KubeletConfig
  #power: AbortController | undefined
  #shutdown = new AbortController()
  #machine: SimulatedNode | undefined
  #load: Partial<SimulatedLoad> = {}
  #running: Promise<void> = Promise.resolve()

  constructor(wish: NodeWish, index: number, deps: NodesDeps) {
    this.name = wish.name ?? `node-${index}`
    this.#wish = wish
    this.#config = configFor(wish)
    this.#index = index
    this.#deps = deps
  }

  get isUp(): boolean {
    return this.#power !== undefined
  }

  boot(): void {
    if (this.#power !== undefined) return
    const power = new AbortController()
    setMaxListeners(0, power.signal)
    this.#power = power
    this.#shutdown = new AbortController()
    const before = this.#running
    this.#running = before.then(() => this.#run(power.signal))
  }

  load(change: Partial<SimulatedLoad>): void {
    this.#load = { ...this.#load, ...change }
    this.#machine?.load(this.#load)
  }

  async shutDown(): Promise<void> {
    this.#shutdown.abort(new Error(`the node ${this.name} goes down`))
    await this.#running
    this.#power = undefined
  }

  async kill(): Promise<void> {
    this.#power?.abort(new Error(`the node ${this.name} lost its power`))
    this.#power = undefined
    await this.#running
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { server, clock, random } = this.#deps
    const { labels, taints, capacity, between, ...machine } = this.#wish
    const podCidr = machine.podCidr ?? podRangeOf(this.#index)
    const node = simulatedNode({ ...machine, clock, random, podCidr })
    node.load(this.#load)
    this.#machine = node
    const log = this.#deps.log.with({ node: this.name })
    const options = {
      name: this.name,
      addresses: [addressOf(this.#index)],
      podCidrs: [podCidr],
      port: KUBELET_PORT,
      clusterDomain: 'cluster.local',
      clusterDns: [CLUSTER_DNS],
      version: KUBELET_VERSION,
      ...(labels !== undefined && { labels }),
      ...(taints !== undefined && { taints }),
      config: this.#config,
      ...(capacity !== undefined && { capacity }),
    }
    const client = createClient(server.transportFor(userOf(`system:node:${this.name}`, ['system:nodes'])))
    const { images, host } = node
    const runtime = between === undefined ? node.runtime : between(node.runtime)
    try {
      const shutdown = this.#shutdown.signal
      await runKubelet({ client, runtime, images, host, clock, random, log, node: options, shutdown }, signal)
    } catch (error) {
      if (!signal.aborted) log.error('the kubelet failed', { error })
    } finally {
      node.close()
    }
  }
}
