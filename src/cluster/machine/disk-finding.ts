/** Whether the disk has room for nodes: a node that is short of it takes no Pods. */

import { existsSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'

import type { Finding } from '../../cli/operations.ts'
import { LEAST_DISK_PERCENT } from '../kubelet-config.ts'

/** What to say of a disk, by its sizes in any unit: with less left, nodes take unused images away, then end Pods. */
export function diskFinding({ free, size }: { readonly free: number; readonly size: number }): Finding {
  const percent = size === 0 ? 100 : Math.floor((100 * free) / size)
  const detail = `${percent} % free`
  if (percent >= LEAST_DISK_PERCENT) return { name: 'disk', state: 'ok', detail }
  return {
    name: 'disk',
    state: 'warning',
    detail: `${detail}; nodes refuse Pods below ${LEAST_DISK_PERCENT} %`,
    advice: 'free some space, or give the nodes other thresholds (evictionHard): gorae up --kubelet-config FILE',
  }
}

/** The disk that holds a folder, or will. */
export function diskOf(folder: string): { readonly free: number; readonly size: number } {
  let there = folder
  while (!existsSync(there)) there = dirname(there)
  const { bavail, blocks } = statfsSync(there)
  return { free: bavail, size: blocks }
}
