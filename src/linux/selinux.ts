/** Whether SELinux labels containers here (https://github.com/SELinuxProject/selinux-notebook, selinux(8)). */

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { runProgram } from './program.ts'

/** Where the kernel and the machine's configuration tell. */
const PLACES = { kernel: '/sys/fs/selinux', own: '/proc/self/attr/current', configuration: '/etc/selinux' }

/** The label of every process as long as no policy is loaded. */
const NO_POLICY = 'kernel'

/** What runtimes label containers with, and their files. */
interface ContainerLabels {
  readonly process: string
  readonly file: string
}

/** These, where the policy's own files name nothing else. */
const CONTAINER_LABELS: ContainerLabels = {
  process: 'system_u:system_r:container_t:s0',
  file: 'system_u:object_r:container_file_t:s0',
}

/**
 * The kernel has it in force, and a policy is loaded that knows the labels of containers. Not all do, such as Debian's: there
 * no container could be started with a label.
 */
export function hasSeLinux(places = PLACES): boolean {
  const { kernel, own } = places
  if (!existsSync(path.join(kernel, 'enforce'))) return false
  const label = readFileSync(own, 'utf8').replace(/[\0\n]+$/, '')
  if (label === '' || label === NO_POLICY) return false
  const { process, file } = containerLabels(places)
  return [process, file].every((one) => isKnown(one, kernel))
}

/** The label of files that all containers may use: those of no Pod alone. `undefined` where nothing is labelled. */
export const sharedFileLabel = (places = PLACES): string | undefined =>
  hasSeLinux(places) ? containerLabels(places).file : undefined

/**
 * Gives folders that label: what is made in them gets its type, so that containers may read links, which no runtime labels.
 * Nothing changes without SELinux, and on file systems that keep no labels.
 */
export async function shareWithContainers(...folders: readonly string[]): Promise<void> {
  const label = sharedFileLabel()
  if (label === undefined) return
  for (const folder of folders) await runProgram('chcon', [label, folder]).catch(() => {})
}

/** What the policy's files say (`lxc_contexts`), which is where runtimes look. */
function containerLabels({ configuration }: typeof PLACES): ContainerLabels {
  const policy = /^SELINUXTYPE=(\S+)/m.exec(readOr(path.join(configuration, 'config')))?.[1] ?? 'targeted'
  const contexts = readOr(path.join(configuration, policy, 'contexts/lxc_contexts'))
  const named = [...contexts.matchAll(/^(process|file) = "([^"]+)"/gm)].map(([, of = '', label = '']) => [of, label])
  return { ...CONTAINER_LABELS, ...Object.fromEntries(named) }
}

/** The kernel takes only labels that are valid by its policy. */
function isKnown(label: string, kernel: string): boolean {
  try {
    writeFileSync(path.join(kernel, 'context'), label)
    return true
  } catch {
    return false
  }
}

function readOr(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return '' // the machine has no such file
  }
}
