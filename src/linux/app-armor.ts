/** Whether AppArmor confines programs here (https://kubernetes.io/docs/tutorials/security/apparmor/). */

import { readFileSync } from 'node:fs'

import { findProgram } from './program.ts'

/** Where the kernel tells. */
const ENABLED = '/sys/module/apparmor/parameters/enabled'

/** The kernel has it in force, and there is the program that container runtimes load their own profile with. */
export function hasAppArmor(enabled = ENABLED, isThere = (name: string) => findProgram(name) !== undefined) {
  try {
    return readFileSync(enabled, 'utf8').startsWith('Y') && isThere('apparmor_parser')
  } catch {
    return false // no such module in this kernel
  }
}
