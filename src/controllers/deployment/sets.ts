/** Telling a Deployment's ReplicaSets apart: the one with its present template, and the rest. Pure. */

import type { PodTemplateSpec } from '../../api/generated/core-v1.ts'
import { fromTime } from '../../base/clock.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { sameJson } from '../kit/equal.ts'
import { nameOf, uidOf } from '../kit/ownership.ts'
import { type ReadDeployment, type ReadReplicaSet, revisionOf } from './annotations.ts'
import { sizeOf } from './sizes.ts'

export const POD_TEMPLATE_HASH = 'pod-template-hash'

/** The ReplicaSets of one Deployment. `old` is ordered by age, the oldest first. */
export interface SetView {
  readonly current: ReadReplicaSet | undefined
  readonly old: readonly ReadReplicaSet[]
}

export const allSets = ({ current, old }: SetView): readonly ReadReplicaSet[] =>
  current === undefined ? old : [...old, current]

/** Several sets may have the present template after a hash collision long ago; the oldest is the current one. */
export function viewSets(deployment: ReadDeployment, sets: readonly ReadReplicaSet[]): SetView {
  const byAge = sets.toSorted(compareAge)
  const current = byAge.find((set) => sameTemplate(set.spec?.template, deployment.spec?.template))
  return { current, old: byAge.filter((set) => set !== current) }
}

/** Whether the templates are the same but for the hash label. */
export function sameTemplate(
  a: DeepReadonly<PodTemplateSpec> | undefined,
  b: DeepReadonly<PodTemplateSpec> | undefined,
): boolean {
  return sameJson(withoutHash(a), withoutHash(b))
}

function withoutHash(template: DeepReadonly<PodTemplateSpec> | undefined): unknown {
  const { [POD_TEMPLATE_HASH]: _hash, ...labels } = template?.metadata?.labels ?? {}
  // Empty and absent metadata fields say the same.
  const { creationTimestamp: _created, ...metadata } = { ...template?.metadata, labels }
  return { spec: template?.spec, metadata: dropEmpty(metadata) }
}

function dropEmpty(metadata: Readonly<Record<string, unknown>>): unknown {
  return Object.fromEntries(
    Object.entries(metadata).filter(
      ([, value]) => value !== undefined && !(typeof value === 'object' && value !== null && isEmpty(value)),
    ),
  )
}

const isEmpty = (value: object) => Object.keys(value).length === 0

/** The oldest first; of two of one second, by name. */
export function compareAge(a: ReadReplicaSet, b: ReadReplicaSet): number {
  const byTime = (fromTime(a.metadata.creationTimestamp) ?? 0) - (fromTime(b.metadata.creationTimestamp) ?? 0)
  if (byTime !== 0) return byTime
  return nameOf(a) < nameOf(b) ? -1 : 1
}

/** The revision a set must have to be the newest. */
export function nextRevision({ old }: SetView): bigint {
  return old.map(revisionOf).reduce((newest, revision) => (revision > newest ? revision : newest), 0n) + 1n
}

/** Those that are to have Pods. */
export const activeSets = (sets: readonly ReadReplicaSet[]): readonly ReadReplicaSet[] =>
  sets.filter((set) => sizeOf(set) > 0)

export const isSame = (a: ReadReplicaSet, b: ReadReplicaSet): boolean => uidOf(a) === uidOf(b)
