/** Whether SELinux labels processes and files here (https://github.com/SELinuxProject/selinux-notebook). */

import { existsSync, readFileSync } from 'node:fs'

/** Where the kernel tells of its policy, and of this process. */
const KERNEL = { policy: '/sys/fs/selinux/enforce', own: '/proc/self/attr/current' }

/** The label of every process as long as no policy is loaded. */
const NO_POLICY = 'kernel'

/** The kernel has it in force, and a policy is loaded: what runs without one has no labels. */
export function hasSeLinux({ policy, own } = KERNEL): boolean {
  if (!existsSync(policy)) return false
  const label = readFileSync(own, 'utf8').replace(/[\0\n]+$/, '')
  return label !== '' && label !== NO_POLICY
}
