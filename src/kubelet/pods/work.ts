/** Where a Pod stands on this node. */

import type { PodView } from './pod-view.ts'

/** Why the kubelet ends a Pod that nobody deleted. */
export interface PodFailure {
  readonly reason: string
  readonly message: string
  /** What the condition DisruptionTarget says of a Pod that ends through no fault of its own. */
  readonly disruption?: string
  /** What its event carries besides. */
  readonly annotations?: Readonly<Record<string, string>>
}

/** It only ever moves down this list. */
export type PodWork =
  | { readonly phase: 'syncing'; readonly pod: PodView }
  | {
      readonly phase: 'terminating'
      readonly pod: PodView
      readonly graceSeconds: number
      readonly failure?: PodFailure | undefined
    }
  /** Nothing runs any more; what is left are logs and a status. */
  | { readonly phase: 'terminated'; readonly pod: PodView; readonly failure?: PodFailure | undefined }

/** What a step leaves to do. `ms`: look again then, whatever happens. */
export type StepResult = { readonly do: 'finish' } | { readonly do: 'wait'; readonly ms: number | undefined }

/** What the kubelet knows of a Pod that its containers do not show. */
export interface StatusOptions {
  /** Nothing of it will be started again. */
  readonly isTerminal?: boolean
  readonly failure?: PodFailure | undefined
}
