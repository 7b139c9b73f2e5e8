/** For tests: configurations that are refused, and what is said of them. */

import { UserError } from '../../base/user-error.ts'
import { readSchedulerConfig } from './read.ts'

export const HEAD = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n'

/** What kube-scheduler 1.36 says of a text, word for word. */
export interface Wrong {
  readonly when: string
  readonly text: string
  readonly says: string
}

/** Why a text is refused; `nothing` where it is not. */
export function refusal(text: string): string {
  try {
    readSchedulerConfig(text)
  } catch (error) {
    if (error instanceof UserError) return error.message
    throw error
  }
  return 'nothing'
}
