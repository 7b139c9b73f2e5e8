/**
 * The node's part in making a volume larger: file systems grow where they are mounted
 * (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#expanding-persistent-volumes-claims).
 */

import type { PersistentVolumeClaim, PersistentVolumeClaimStatus } from '../../api/generated/core-v1.ts'
import { type Clock, toTime } from '../../base/clock.ts'
import type { Client } from '../../client/client.ts'
import { PERSISTENT_VOLUME_CLAIMS } from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { cmpQuantity, quantityValue } from '../../meta/quantity.ts'
import { GrpcError } from '../grpc/error.ts'
import type { ClaimedVolume, CsiUse } from './csi/csi-use.ts'

/** Asked again, it would fail again. */
const INFEASIBLE = new Set(['InvalidArgument', 'OutOfRange', 'NotFound'])
/** Who has done this part leaves these conditions behind. */
const DONE = new Set(['Resizing', 'FileSystemResizePending', 'ControllerResizeError', 'NodeResizeError'])

type Claim = DeepReadonly<PersistentVolumeClaim>

export interface ExpansionDeps {
  readonly client: Client
  readonly clock: Clock
  readonly nodeName: string
}

/** One Pod's use of a volume that may have to grow. */
export interface GrowingUse extends Pick<CsiUse, 'readOnly' | 'tell'> {
  readonly claimed: ClaimedVolume
  /** Of the PersistentVolume. */
  readonly name: string
}

/** Makes what is there on the node as large as that. */
export type Grow = (bytes: number) => Promise<void>

/** How to make it larger; `undefined`: there is nothing to do on a node. Throws where who does it is not there. */
export type FindGrow = () => Promise<Grow | undefined>

/** How large the file system is to be; `undefined`: it is not this node's turn. */
export function dueSize({ claim, persistentVolume }: ClaimedVolume): string | undefined {
  const { capacity, allocatedResources, allocatedResourceStatuses } = claim.status ?? {}
  const has = capacity?.['storage'] ?? '0'
  const volumeHas = persistentVolume.spec?.capacity?.['storage'] ?? '0'
  if (cmpQuantity(has, volumeHas) >= 0) return undefined
  const stage = allocatedResourceStatuses?.['storage']
  // Where no stage is told at all, a controller of earlier times made it larger.
  if (stage === undefined) return allocatedResources === undefined ? volumeHas : undefined
  if (stage !== 'NodeResizePending' && stage !== 'NodeResizeInProgress') return undefined
  return allocatedResources?.['storage'] ?? volumeHas
}

export class Expansion {
  readonly #deps: ExpansionDeps

  constructor(deps: ExpansionDeps) {
    this.#deps = deps
  }

  /** Makes the volume larger where that is due, and writes it into the claim. */
  async expand({ claimed, name, readOnly, tell }: GrowingUse, find: FindGrow, signal: AbortSignal): Promise<void> {
    const size = dueSize(claimed)
    if (size === undefined) return
    const about = `for volume "${name}"`
    if (readOnly) {
      const message = `MountVolume.NodeExpandVolume failed ${about} requested read-only file system`
      tell({ type: 'Warning', reason: 'FileSystemResizeFailed', message })
      tell({ type: 'Warning', reason: 'FileSystemResizeFailed', message, isOfClaim: true })
      return
    }
    const grow = await find()
    if (grow === undefined) return
    if (claimed.claim.status?.allocatedResourceStatuses?.['storage'] === 'NodeResizePending')
      await this.#mark(claimed.claim, { allocatedResourceStatuses: { storage: 'NodeResizeInProgress' } }, signal)
    try {
      await grow(quantityValue(size))
    } catch (error) {
      return await this.#failed(claimed.claim, error, signal)
    }
    const message = `MountVolume.NodeExpandVolume succeeded ${about} ${this.#deps.nodeName}`
    tell({ type: 'Normal', reason: 'FileSystemResizeSuccessful', message })
    tell({ type: 'Normal', reason: 'FileSystemResizeSuccessful', message, isOfClaim: true })
    const conditions = (claimed.claim.status?.conditions ?? []).filter(({ type }) => !DONE.has(type ?? ''))
    const capacity = { storage: size }
    await this.#mark(claimed.claim, { capacity, allocatedResourceStatuses: { storage: null }, conditions }, signal)
  }

  /** Throws, unless the driver only wants the volume out of use first. */
  async #failed(claim: Claim, error: unknown, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (!(error instanceof GrpcError)) throw error
    const isInfeasible = INFEASIBLE.has(error.code)
    const failed = `Expander.NodeExpand failed to expand the volume ${isInfeasible ? '' : ': '}${error.message}`
    const message = `failed to expand pvc with ${failed}`
    const condition = { type: 'NodeResizeError', status: 'True', lastTransitionTime: toTime(this.#deps.clock.now()) }
    const others = (claim.status?.conditions ?? []).filter(({ type }) => type !== 'NodeResizeError')
    await this.#mark(
      claim,
      {
        conditions: [...others, { ...condition, message }],
        ...(isInfeasible && { allocatedResourceStatuses: { storage: 'NodeResizeInfeasible' } }),
      },
      signal,
    )
    if (error.code !== 'FailedPrecondition') throw new Error(failed, { cause: error })
  }

  async #mark({ metadata }: Claim, status: ClaimStatusPatch, signal: AbortSignal): Promise<void> {
    const { namespace = '', name = '', uid } = metadata
    const body = { metadata: { uid }, status }
    await this.#deps.client.patch(
      PERSISTENT_VOLUME_CLAIMS,
      { namespace, name },
      'merge',
      body,
      { subresource: 'status' },
      signal,
    )
  }
}

type ClaimStatusPatch = Omit<DeepReadonly<PersistentVolumeClaimStatus>, 'allocatedResourceStatuses'> & {
  readonly allocatedResourceStatuses?: { readonly storage: string | null }
}
