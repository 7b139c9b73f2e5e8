/**
 * Asks drivers to attach volumes to the nodes whose Pods want them, and to detach them where nobody does
 * (https://kubernetes.io/docs/concepts/storage/persistent-volumes/, VolumeAttachment). Nodes are told what is attached.
 */

import { again, createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import {
  CSI_DRIVERS,
  NODES,
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
  PODS,
  VOLUME_ATTACHMENTS,
} from '../../client/resources.ts'
import { hasReason } from '../../meta/errors.ts'
import { sameJson } from '../kit/equal.ts'
import { indexByClaim, indexByNode, indexOnce, onNode, podsOfClaim } from '../kit/indexes.ts'
import { type Controller, type ControllerDeps, controllersTogether, loopController } from '../kit/loop.ts'
import { nameOf } from '../kit/ownership.ts'
import { claimKeysOf, isFinished, type ReadPod } from '../kit/pods.ts'
import {
  attachmentOf,
  blockedNote,
  mayDetach,
  nodeOf,
  planAttachments,
  type ReadAttachment,
  type ReadNode,
  type ReadVolume,
  uniqueName,
} from './decide.ts'

const BY_VOLUME = 'persistentVolume'
const BY_NODE = 'node'
/** Kubelets that leave attaching to us say so. */
const MANAGED = 'volumes.kubernetes.io/controller-managed-attach-detach'

const isManaged = ({ metadata }: ReadNode): boolean => metadata.annotations?.[MANAGED] === 'true'
const volumeOf = ({ spec }: ReadAttachment): string => spec.source.persistentVolumeName ?? ''

export function attachDetachController(deps: ControllerDeps): Controller {
  const { client, clock, log } = deps
  const pods = deps.informers.of(PODS)
  const nodes = deps.informers.of(NODES)
  const claims = deps.informers.of(PERSISTENT_VOLUME_CLAIMS)
  const volumes = deps.informers.of(PERSISTENT_VOLUMES)
  const attachments = deps.informers.of(VOLUME_ATTACHMENTS)
  const drivers = deps.informers.of(CSI_DRIVERS)
  const events = deps.events('attachdetach-controller')
  const queue = createWorkQueue(clock)
  const nodeQueue = createWorkQueue(clock)
  /** Attachments that go as soon as their node knows: what nodes are told leaves them out. Since when, too. */
  const leaving = new Map<string, { readonly sinceMs: number; isTold: boolean }>()
  /** What was told last of an attachment or of a node that waits: each is told once. */
  const told = new Map<string, string>()
  indexByClaim(pods)
  indexByNode(pods)
  indexOnce(attachments, BY_VOLUME, (attachment) => [volumeOf(attachment)])
  indexOnce(attachments, BY_NODE, (attachment) => [nodeOf(attachment)])

  const wakeVolumesOf = (pod: ReadPod) => {
    if ((pod.spec?.nodeName ?? '') === '') return
    for (const key of claimKeysOf(pod)) {
      const name = claims.get(key)?.spec?.volumeName ?? ''
      if (name !== '') queue.add(name)
    }
  }
  const changes = (pod: ReadPod, old: ReadPod) =>
    pod.spec?.nodeName !== old.spec?.nodeName || isFinished(pod) !== isFinished(old)
  pods.on({
    added: wakeVolumesOf,
    updated: (pod, old) => (changes(pod, old) ? wakeVolumesOf(pod) : undefined),
    deleted: wakeVolumesOf,
  })
  const wakeVolume = (volume: ReadVolume) => queue.add(nameOf(volume))
  volumes.on({ added: wakeVolume, updated: wakeVolume, deleted: wakeVolume })
  const wakeBound = ({ spec }: { readonly spec?: { readonly volumeName?: string } }) => {
    if (spec?.volumeName !== undefined) queue.add(spec.volumeName)
  }
  claims.on({ added: wakeBound, updated: wakeBound })
  const wakeAttachment = (attachment: ReadAttachment) => {
    queue.add(volumeOf(attachment))
    nodeQueue.add(nodeOf(attachment))
  }
  attachments.on({
    added: wakeAttachment,
    updated: wakeAttachment,
    deleted(attachment) {
      leaving.delete(nameOf(attachment))
      told.delete(nameOf(attachment))
      wakeAttachment(attachment)
    },
  })
  const wakeNode = (node: ReadNode) => {
    for (const attachment of attachments.byIndex(BY_NODE, nameOf(node))) queue.add(volumeOf(attachment))
  }
  const takeOver = (node: ReadNode) => {
    wakeNode(node)
    onNode(pods, nameOf(node)).forEach(wakeVolumesOf)
  }
  nodes.on({
    added: takeOver,
    updated(node, old) {
      const isNews =
        !sameJson(node.status?.volumesInUse, old.status?.volumesInUse) || !sameJson(node.spec?.taints, old.spec?.taints)
      if (isManaged(node) !== isManaged(old)) takeOver(node)
      else if (isNews) wakeNode(node)
    },
    deleted: wakeNode,
  })

  /** The Pods on nodes that want the volume: as long as they are there, unless they are over. */
  const usersOf = ({ metadata, spec }: ReadVolume): readonly ReadPod[] => {
    const { claimRef } = spec ?? {}
    const key = `${claimRef?.namespace}/${claimRef?.name}`
    const claim = claims.get(key)
    const isBound = claim?.spec?.volumeName === metadata.name && claim?.metadata.uid === claimRef?.uid
    if (claim === undefined || !isBound) return []
    return podsOfClaim(pods, key).filter((pod) => {
      const node = nodes.get(pod.spec?.nodeName ?? '')
      return node !== undefined && isManaged(node) && !isFinished(pod)
    })
  }

  const tellOnce = (key: string, what: string, tell: () => void): void => {
    if (told.get(key) === what) return
    told.set(key, what)
    tell()
  }

  const reconcile = async (name: string, signal: AbortSignal): Promise<Outcome> => {
    const volume = volumes.get(name)
    const driver = volume?.spec?.csi?.driver
    if (volume === undefined || driver === undefined) return settled
    if (drivers.get(driver)?.spec.attachRequired === false) return settled
    const present = attachments.byIndex(BY_VOLUME, name)
    const users = usersOf(volume)
    const plan = planAttachments({ volume, pods: users, attachments: present })
    for (const attachment of present) tellOf(attachment, volume, usersOn(users, nodeOf(attachment)))
    for (const node of plan.blocked) {
      const others = users.filter((pod) => present.some((attachment) => nodeOf(attachment) === pod.spec?.nodeName))
      tellOnce(`${name}|${node}`, 'blocked', () => {
        for (const pod of usersOn(users, node)) {
          events.event(pod, 'Warning', 'FailedAttachVolume', blockedNote(volume, pod, others))
        }
      })
    }
    for (const node of plan.attach) {
      told.delete(`${name}|${node}`)
      await attach(volume, node, signal)
    }
    const waits: number[] = []
    const going = new Set(plan.detach)
    for (const attachment of present) if (!going.has(attachment)) stay(attachment)
    for (const attachment of plan.detach) {
      const wait = await detach(volume, attachment, signal)
      if (wait !== undefined) waits.push(wait)
    }
    return waits.length === 0 ? settled : again(Math.min(...waits))
  }

  const usersOn = (users: readonly ReadPod[], node: string) => users.filter(({ spec }) => spec?.nodeName === node)

  const tellOf = (attachment: ReadAttachment, volume: ReadVolume, users: readonly ReadPod[]): void => {
    const { attached, attachError } = attachment.status ?? {}
    const about = (what: string) => `AttachVolume.Attach ${what} for volume "${nameOf(volume)}" `
    const note = attachError?.message === undefined ? undefined : `${about('failed')}: ${attachError.message}`
    if (attached === true) {
      if (!told.has(nameOf(attachment))) return // attached before we came
      tellOnce(nameOf(attachment), 'attached', () => {
        for (const pod of users) events.event(pod, 'Normal', 'SuccessfulAttachVolume', about('succeeded'))
      })
    } else if (note !== undefined) {
      tellOnce(nameOf(attachment), note, () => {
        for (const pod of users) events.event(pod, 'Warning', 'FailedAttachVolume', note)
      })
    }
  }

  const attach = async (volume: ReadVolume, nodeName: string, signal: AbortSignal): Promise<void> => {
    const name = attachmentOf(volume, nodeName)
    const attacher = volume.spec?.csi?.driver ?? ''
    told.set(name, 'asked')
    const spec = { attacher, nodeName, source: { persistentVolumeName: nameOf(volume) } }
    try {
      await client.create(VOLUME_ATTACHMENTS, { metadata: { name }, spec }, undefined, signal)
    } catch (error) {
      if (!hasReason(error, 'AlreadyExists')) throw error
    }
  }

  /** It is wanted again before it was taken away. */
  const stay = (attachment: ReadAttachment): void => {
    if (leaving.delete(nameOf(attachment))) nodeQueue.add(nodeOf(attachment))
  }

  /** First the node is told that the volume is no longer safe to use, then it goes. The answer is how long to wait. */
  const detach = async (
    volume: ReadVolume,
    attachment: ReadAttachment,
    signal: AbortSignal,
  ): Promise<number | undefined> => {
    const name = nameOf(attachment)
    const state = leaving.get(name) ?? { sinceMs: clock.monotonic(), isTold: false }
    const verdict = mayDetach(uniqueName(volume), nodes.get(nodeOf(attachment)), clock.monotonic() - state.sinceMs)
    leaving.set(name, state)
    if (verdict !== true) return verdict.waitMs
    state.isTold = true
    await tellNode(nodeOf(attachment), signal)
    try {
      await client.delete(VOLUME_ATTACHMENTS, { name }, undefined, signal)
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error
    }
    return undefined
  }

  /** Writes into a node's status what is attached to it and stays. */
  const tellNode = async (name: string, signal: AbortSignal): Promise<void> => {
    const node = nodes.get(name)
    if (node === undefined) return
    const attached = attachments.byIndex(BY_NODE, name).flatMap((attachment) => {
      const volume = volumes.get(volumeOf(attachment))
      const isSafe = attachment.status?.attached === true && leaving.get(nameOf(attachment))?.isTold !== true
      return volume === undefined || !isSafe ? [] : [{ name: uniqueName(volume), devicePath: '' }]
    })
    if (sameJson(attached, node.status?.volumesAttached ?? [])) return
    const body = { status: { volumesAttached: attached.length === 0 ? null : attached } }
    try {
      await client.patch(NODES, { name }, 'merge', body, { subresource: 'status' }, signal)
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error
    }
  }

  const waitFor = [pods, nodes, claims, volumes, attachments, drivers]
  const ofVolumes = loopController({ name: 'attachdetach', queue, reconcile, log, waitFor })
  const reconcileNode = async (name: string, signal: AbortSignal): Promise<Outcome> => {
    await tellNode(name, signal)
    return settled
  }
  const ofNodes = loopController({ name: 'attachdetach', queue: nodeQueue, reconcile: reconcileNode, log, waitFor })
  return controllersTogether('attachdetach', [ofVolumes, ofNodes])
}
