/**
 * Tells the API which drivers this node has: its CSINode, and an annotation and labels of its Node
 * (https://kubernetes-csi.github.io/docs/csi-node-object.html).
 */

import type { Node } from '../../../api/generated/core-v1.ts'
import type { CSINode, CSINodeDriver } from '../../../api/generated/storage-v1.ts'
import { InTurn } from '../../../base/async/in-turn.ts'
import { type BackoffOptions, createBackoff } from '../../../base/backoff.ts'
import type { Clock } from '../../../base/clock.ts'
import type { Client } from '../../../client/client.ts'
import { CSI_NODES, NODES } from '../../../client/resources.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { hasReason } from '../../../meta/errors.ts'
import type { DriverNodeInfo } from './node-service.ts'

const NODE_IDS = 'csi.volume.kubernetes.io/nodeid'
const MIGRATED = 'storage.alpha.kubernetes.io/migrated-plugins'
/** Kinds of volumes that Kubernetes once had of its own, and that drivers make now. */
const MIGRATED_PLUGINS = [
  'aws-ebs',
  'azure-disk',
  'azure-file',
  'cinder',
  'gce-pd',
  'portworx-volume',
  'vsphere-volume',
]
  .map((name) => `kubernetes.io/${name}`)
  .join(',')

const RETRY: BackoffOptions = { baseMs: 10, maxMs: 2_160 }
const TRIES = 6
/** A driver that has gone is taken out, however long that takes. */
const PATIENT: BackoffOptions = { baseMs: 100, maxMs: 60_000 }

export interface CsiNodeDeps {
  readonly client: Client
  readonly clock: Clock
  readonly nodeName: string
}

/** Writes it; one write after the other. */
export class CsiNodeWriter {
  readonly #deps: CsiNodeDeps
  readonly #turns = new InTurn()

  constructor(deps: CsiNodeDeps) {
    this.#deps = deps
  }

  /** Makes the CSINode, once there is a Node to own it. */
  initialize(signal: AbortSignal): Promise<void> {
    return this.#inTurn(async () => {
      const node = await this.#node(signal)
      const found = await this.#ownCsiNode(node, signal)
      if (found.metadata.annotations?.[MIGRATED] === MIGRATED_PLUGINS) return
      const metadata = { annotations: { [MIGRATED]: MIGRATED_PLUGINS } }
      await this.#deps.client.patch(CSI_NODES, this.#at, 'merge', { metadata }, {}, signal)
    }, signal)
  }

  /** A driver has come, or says something else of the node than before. */
  async install(name: string, info: DriverNodeInfo, signal: AbortSignal): Promise<void> {
    if (info.nodeId === '') throw new Error('error adding CSI driver node info: driverNodeID must not be empty')
    await this.#inTurn(() => this.#writeNode(name, info, signal), signal, 'updating Node object with')
    await this.#inTurn(() => this.#writeCsiNode(name, info, signal), signal, 'updating CSINode object with')
  }

  /** A driver has gone, unless `isBack` says that it came again. */
  async uninstall(name: string, isBack: () => boolean, signal: AbortSignal): Promise<void> {
    const backoff = createBackoff(PATIENT)
    for (;;) {
      try {
        return await this.#turns.run('', async () => {
          if (!isBack()) await this.#takeOut(name, signal)
        })
      } catch {
        await this.#deps.clock.sleep(backoff.next(), signal)
      }
    }
  }

  get #at(): { readonly name: string } {
    return { name: this.#deps.nodeName }
  }

  async #takeOut(name: string, signal: AbortSignal): Promise<void> {
    const { client } = this.#deps
    const found = await client.get(CSI_NODES, this.#at, signal).catch(unlessGone)
    const drivers = found?.spec.drivers ?? []
    if (found !== undefined && drivers.some((driver) => driver.name === name)) {
      const rest = drivers.filter((driver) => driver.name !== name)
      await client.update(CSI_NODES, { ...found, spec: { ...found.spec, drivers: rest } } as CSINode, {}, signal)
    }
    const node = await this.#node(signal)
    const { [name]: gone, ...rest } = nodeIdsOf(node)
    if (gone === undefined) return
    const text = Object.keys(rest).length === 0 ? null : JSON.stringify(rest)
    await this.#patchNode(node, { annotations: { [NODE_IDS]: text } }, signal)
  }

  async #writeNode(name: string, { nodeId, topology }: DriverNodeInfo, signal: AbortSignal): Promise<void> {
    const node = await this.#node(signal)
    for (const [key, value] of Object.entries(topology)) {
      const present = node.metadata.labels?.[key]
      if (present === undefined || present === value) continue
      const collision = `driver reported "${key}":"${value}" but existing label is "${key}":"${present}"`
      throw new Error(`detected topology value collision: ${collision}`)
    }
    const ids = nodeIdsOf(node)
    const isKnown = ids[name] === nodeId
    const isLabelled = Object.entries(topology).every(([key, value]) => node.metadata.labels?.[key] === value)
    if (isKnown && isLabelled) return
    const annotations = { [NODE_IDS]: JSON.stringify(sorted({ ...ids, [name]: nodeId })) }
    await this.#patchNode(node, { annotations, labels: topology }, signal)
  }

  async #patchNode(node: DeepReadonly<Node>, metadata: object, signal: AbortSignal): Promise<void> {
    const body = { metadata: { ...metadata, uid: node.metadata.uid, resourceVersion: node.metadata.resourceVersion } }
    await this.#deps.client.patch(NODES, this.#at, 'merge', body, {}, signal)
  }

  async #writeCsiNode(name: string, info: DriverNodeInfo, signal: AbortSignal): Promise<void> {
    const found = await this.#ownCsiNode(await this.#node(signal), signal)
    const drivers = found.spec.drivers ?? []
    const before = drivers.find((driver) => driver.name === name)
    const driver = driverEntry(name, info)
    if (before !== undefined && isSameEntry(before, driver)) return
    const all = [...drivers.filter((each) => each.name !== name), driver]
    await this.#deps.client.update(
      CSI_NODES,
      { ...found, spec: { ...found.spec, drivers: all } } as CSINode,
      {},
      signal,
    )
  }

  /** The one of this very Node: one of an earlier Node of the name is replaced. */
  async #ownCsiNode({ metadata }: DeepReadonly<Node>, signal: AbortSignal): Promise<DeepReadonly<CSINode>> {
    const { client, nodeName: name } = this.#deps
    const { uid = '' } = metadata
    const found = await client.get(CSI_NODES, { name }, signal).catch(unlessGone)
    if (found?.metadata.ownerReferences?.some((owner) => owner.kind === 'Node' && owner.uid === uid) === true)
      return found
    if (found !== undefined) await client.delete(CSI_NODES, { name }, {}, signal)
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name, uid }]
    const fresh: CSINode = {
      metadata: { name, ownerReferences, annotations: { [MIGRATED]: MIGRATED_PLUGINS } },
      spec: { drivers: [] },
    }
    return client.create(CSI_NODES, fresh, {}, signal)
  }

  #node(signal: AbortSignal): Promise<DeepReadonly<Node>> {
    return this.#deps.client.get(NODES, this.#at, signal)
  }

  /** Others write the same objects: some tries may fail. */
  async #inTurn(work: () => Promise<void>, signal: AbortSignal, what = 'updating'): Promise<void> {
    const backoff = createBackoff(RETRY)
    for (let tries = 1; ; tries++) {
      try {
        return await this.#turns.run('', work)
      } catch (error) {
        signal.throwIfAborted()
        const why = error instanceof Error ? error.message : String(error)
        if (tries === TRIES) throw new Error(`error ${what} CSI driver node info: ${why}`, { cause: error })
        await this.#deps.clock.sleep(backoff.next(), signal)
      }
    }
  }
}

const sorted = (ids: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(ids).toSorted(([a], [b]) => (a < b ? -1 : 1)))

/** What somebody else has written there instead counts as nothing. */
function nodeIdsOf({ metadata }: DeepReadonly<Node>): Readonly<Record<string, string>> {
  try {
    const ids: unknown = JSON.parse(metadata.annotations?.[NODE_IDS] ?? '{}')
    if (typeof ids !== 'object' || ids === null) return {}
    return Object.fromEntries(Object.entries(ids).filter(([, id]) => typeof id === 'string')) as Record<string, string>
  } catch {
    return {}
  }
}

function driverEntry(name: string, { nodeId: nodeID, topology, maxVolumes }: DriverNodeInfo): CSINodeDriver {
  const topologyKeys = Object.keys(topology).toSorted()
  const entry = { name, nodeID, topologyKeys }
  return maxVolumes > 0 ? { ...entry, allocatable: { count: Math.min(maxVolumes, 2 ** 31 - 1) } } : entry
}

const isSameEntry = (a: DeepReadonly<CSINodeDriver>, b: CSINodeDriver): boolean =>
  a.nodeID === b.nodeID &&
  a.allocatable?.count === b.allocatable?.count &&
  [...(a.topologyKeys ?? [])].toSorted().join() === (b.topologyKeys ?? []).join()

function unlessGone(error: unknown): undefined {
  if (!hasReason(error, 'NotFound')) throw error
}
