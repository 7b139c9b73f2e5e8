/**
 * Who owns the number of replicas, told of an object and of its Scale: a Scale's writers write it as a Scale, and own the
 * field of the object that it stands for
 * (https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management).
 */

import { atOnce } from '../../base/async/steps.ts'
import { difference, has, isEmpty, setOf } from './field-set.ts'
import { type Entry, type Manager, readManagers, withSet, writeManagers } from './managers.ts'

const PATH = ['f:spec', 'f:replicas']
const REPLICAS = setOf(PATH)
const SCALE_VERSION = 'autoscaling/v1'

const owns = ({ set }: Manager) => has(set, PATH)

/** The owners of a Scale: those who own the replicas of the object. */
export function ownersOfScale(object: readonly Entry[] | undefined): readonly Entry[] {
  const owners = new Map<string, Manager>()
  for (const [identity, manager] of readManagers(object) ?? []) {
    if (owns(manager)) owners.set(identity, inVersion(manager, SCALE_VERSION))
  }
  return atOnce(writeManagers(owners))
}

/**
 * The owners of the object once its Scale was written. Kubernetes knows those who update, other than those who apply, by
 * the version they wrote in, and so never again as the same: what they owned of the replicas is told anew, without a time.
 */
export function ownersOfScaled(
  object: readonly Entry[] | undefined,
  scale: readonly Entry[] | undefined,
  apiVersion: string,
): readonly Entry[] {
  const before = readManagers(object) ?? new Map<string, Manager>()
  const writers = new Map(readManagers(scale) ?? [])
  const after = new Map<string, Manager>()
  for (const [identity, manager] of before) {
    if (!owns(manager) || writers.delete(identity)) {
      after.set(identity, manager)
      continue
    }
    const left = difference(manager.set, REPLICAS)
    if (!isEmpty(left)) after.set(identity, withSet(manager, left))
  }
  for (const [identity, manager] of writers) {
    if (!owns(manager)) continue
    after.set(identity, { ...inVersion(manager, apiVersion), time: before.get(identity)?.time })
  }
  return atOnce(writeManagers(after))
}

function inVersion(manager: Manager, apiVersion: string): Manager {
  const { entry: _, ...rest } = manager
  return { ...rest, apiVersion, set: REPLICAS }
}
