/** What a kubelet needs for CSI drivers, tied together (https://kubernetes-csi.github.io/docs/). */

import type { Node } from '../../../api/generated/core-v1.ts'
import { type TaskGroup, withGroup } from '../../../base/async/group.ts'
import { createBackoff } from '../../../base/backoff.ts'
import { createWorkQueue } from '../../../base/work-queue.ts'
import { createInformer, type Informer } from '../../../client/informer.ts'
import { CSI_DRIVERS } from '../../../client/resources.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import type { CSIDriver } from '../../../api/generated/storage-v1.ts'
import type { KubeletFolder } from '../../host/host.ts'
import type { KubeletDeps } from '../../options.ts'
import { Expansion } from '../expansion.ts'
import { Attachments } from './attachments.ts'
import { CsiNodeWriter } from './csi-node.ts'
import { volumeKey } from './csi-volume.ts'
import { CsiVolumes } from './csi-volumes.ts'
import { CsiDrivers, type CsiDriversDeps } from './drivers.ts'
import { HeldVolumes } from './held-volumes.ts'
import { needsAttach } from './rules.ts'

const RETRY = { baseMs: 200, maxMs: 10_000 }

export interface CsiDeps extends Pick<KubeletDeps, 'client' | 'clock' | 'random' | 'log' | 'node' | 'host'> {
  readonly folder: KubeletFolder
  /** The Node as the API last told it. */
  readonly nodes: Informer<Node>
  readonly group: TaskGroup
  readonly called?: CsiDriversDeps['called']
}

/** The drivers of a node, and the volumes that they make. */
export interface CsiPart {
  readonly drivers: CsiDrivers
  readonly volumes: CsiVolumes
  /** What the Node tells that it uses, so that nobody detaches it. */
  readonly inUse: () => readonly string[]
  /** Settles when that is something else, at the latest `ms` from now. */
  readonly changed: (ms: number, signal: AbortSignal) => Promise<void>
  /** Runs until `signal` aborts. */
  readonly run: (signal: AbortSignal) => Promise<void>
}

export function createCsi(deps: CsiDeps): CsiPart {
  const { client, clock, log, node, nodes, group, folder, host, called } = deps
  const nodeName = node.name
  const known = (): DeepReadonly<Node> | undefined => nodes.get(nodeName)
  const driverObjects = createInformer<CSIDriver>(deps, CSI_DRIVERS)
  const csiNode = new CsiNodeWriter({ client, clock, nodeName })
  const start = (task: (signal: AbortSignal) => Promise<void>) => group.start(task)
  const refreshes = createWorkQueue(clock, RETRY)
  const refreshIn = (name: string): number | undefined => {
    const seconds = driverObjects.get(name)?.spec.nodeAllocatableUpdatePeriodSeconds ?? 0
    return seconds > 0 && drivers.has(name) ? seconds * 1_000 : undefined
  }
  const planRefresh = (name: string): void => {
    const ms = refreshIn(name)
    if (ms !== undefined) refreshes.addAfter(name, ms)
  }
  const drivers: CsiDrivers = new CsiDrivers({
    clock,
    log,
    csiNode,
    start,
    registered: planRefresh,
    ...(called !== undefined && { called }),
  })
  const planned = ({ metadata }: DeepReadonly<CSIDriver>) => planRefresh(metadata.name ?? '')
  driverObjects.on({ added: planned, updated: planned })
  const attachments = new Attachments({ client, clock, nodeName, node: known })
  const told = () => attachments.nodeChanged()
  nodes.on({ added: told, updated: told })
  const held = new HeldVolumes(clock)
  const volumes = new CsiVolumes({
    files: folder.csi,
    paths: folder.paths,
    drivers,
    async driverObject(name, signal) {
      await driverObjects.whenSynced(signal)
      return driverObjects.get(name)
    },
    attachments,
    held,
    expansion: new Expansion({ client, clock, nodeName }),
    setGroup: (...args) => host.volumes.setGroup(...args),
    clock,
    log,
  })

  /** How much a node can take may change: drivers that say so are asked now and then. */
  const keepAllocatable = async (signal: AbortSignal): Promise<void> => {
    for await (const name of refreshes.take(signal)) {
      try {
        if (refreshIn(name) !== undefined) await drivers.refresh(name, signal)
      } catch (error) {
        signal.throwIfAborted()
        log.warn('could not ask a driver of the node', { driver: name, error })
      }
      refreshes.finish(name)
      planRefresh(name)
    }
  }

  const initialize = async (signal: AbortSignal): Promise<void> => {
    const backoff = createBackoff(RETRY)
    for (;;) {
      try {
        return await csiNode.initialize(signal)
      } catch (error) {
        signal.throwIfAborted()
        if (backoff.failures > 3) log.warn('could not write the CSINode', { node: nodeName, error })
        await clock.sleep(backoff.next(), signal)
      }
    }
  }

  return {
    drivers,
    volumes,
    inUse: () =>
      held.all
        .filter((volume) => needsAttach({ isInline: false }, driverObjects.get(volume.driver)))
        .map(volumeKey)
        .toSorted(),
    changed: (ms, signal) => held.changed(ms, signal),
    async run(signal) {
      await withGroup(async (parts) => {
        for (const part of [initialize, keepAllocatable]) parts.start(part)
        parts.start((inner) => driverObjects.run(inner))
        await volumes.run(parts.signal)
      }, signal)
    },
  }
}
