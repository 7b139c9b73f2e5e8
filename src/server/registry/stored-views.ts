/**
 * Resources whose objects are stored as another version: one store, two ways to see it. Events of both groups are one
 * set; a HorizontalPodAutoscaler of v1 is one of v2
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions).
 */

import type { KindMeaning } from '../../api/resource.ts'
import type { KubeObject } from '../../meta/types.ts'
import { eventsView } from './view-events.ts'
import { autoscalersView } from './view-autoscalers.ts'

/**
 * Turns objects of one version into those that are stored, and back. Both make new objects, which may share parts with
 * those they are made of, and change nothing of these.
 */
export interface StoredView {
  /** Of the stored resource. */
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly toStored: (object: KubeObject) => KubeObject
  readonly fromStored: (object: KubeObject) => KubeObject
  /** What a writer of the view need not say, and owns nevertheless. */
  readonly setDefaults?: (object: KubeObject) => void
  /** What is asked of stored objects that were written through the view, where that is not what is asked of others. */
  readonly rules?: Pick<KindMeaning<KubeObject>, 'validate' | 'validateUpdate'>
}

/** What the objects of views were made of. */
export const shownFrom = new WeakMap<object, KubeObject>()

/** By the key of the resource that is only a view. */
export const storedViews: ReadonlyMap<string, StoredView> = new Map([
  ['events.k8s.io/v1/events', eventsView],
  ['autoscaling/v1/horizontalpodautoscalers', autoscalersView],
])
