/** ReplicaSet and ReplicationController: what makes them the same. */

import type { PodTemplateSpec } from '../../../api/generated/core-v1.ts'
import type { ResourceRef } from '../../../client/resources.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import type { Selector } from '../../../meta/label-selector.ts'
import type { KubeObject } from '../../../meta/types.ts'
import type { ReplicaStatus } from './replicas.ts'

/** What one kind of replica owner looks like. */
export interface ReplicaKind<T extends KubeObject> {
  readonly name: string
  readonly ref: ResourceRef<T>
  readonly wanted: (owner: DeepReadonly<T>) => number
  readonly minReadySeconds: (owner: DeepReadonly<T>) => number
  readonly selector: (owner: DeepReadonly<T>) => Selector
  readonly template: (owner: DeepReadonly<T>) => DeepReadonly<PodTemplateSpec> | undefined
  readonly status: (owner: DeepReadonly<T>) => ReplicaStatus | undefined
  readonly reportsTerminating: boolean
}
