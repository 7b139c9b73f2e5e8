/** What controllers need of an event recorder (https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/). */

import type { ReadObject } from './ownership.ts'

export interface Events {
  /** Tells of something that happened to `object`. Never waits and never fails. */
  event(object: ReadObject, type: 'Normal' | 'Warning', reason: string, message: string): void
}
