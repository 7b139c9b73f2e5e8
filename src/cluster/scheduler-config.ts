/** A cluster's own KubeSchedulerConfiguration: read from the user's file once, and kept beside the cluster's record. */

import { readFileSync } from 'node:fs'

import { UserError } from '../base/user-error.ts'
import { readSchedulerConfig } from '../scheduler/config/read.ts'
import type { SchedulerConfig } from '../scheduler/config/types.ts'
import type { ClusterPaths } from './paths.ts'
import { writeFileAtomic } from './record.ts'

/** The text of a file that the scheduler can run with. Throws a `UserError` that says why it cannot. */
export function checkedSchedulerConfig(file: string): string {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    const advice = 'name a file that holds a KubeSchedulerConfiguration'
    throw new UserError(`the scheduler configuration ${file} cannot be read`, advice, { cause })
  }
  readSchedulerConfig(text)
  return text
}

/** Keeps the text with the cluster: from its next start on the scheduler runs with it. */
export function keepSchedulerConfig(paths: ClusterPaths, text: string): void {
  writeFileAtomic(paths.schedulerConfig, text, { mode: 0o600 })
}

/** Whether the cluster has that very text. */
export const hasSchedulerConfig = (paths: ClusterPaths, text: string): boolean => keptText(paths) === text

/** What the cluster keeps; undefined where it has none, and runs by default. */
export function keptSchedulerConfig(paths: ClusterPaths): SchedulerConfig | undefined {
  const text = keptText(paths)
  return text === undefined ? undefined : readSchedulerConfig(text)
}

function keptText(paths: ClusterPaths): string | undefined {
  try {
    return readFileSync(paths.schedulerConfig, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
