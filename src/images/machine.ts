/** The images every cluster can be given without a network: a pause image and a busybox, from this machine's programs. */

import { basename } from 'node:path'

import { UserError } from '../base/user-error.ts'
import { findProgram, runProgram } from '../linux/program.ts'
import { makeImage } from './make.ts'
import type { ImageStore } from './store.ts'

/** What a Pod's sandbox runs. */
export const PAUSE_IMAGE = 'gorae.local/pause:1'
export const BUSYBOX_IMAGE = 'docker.io/library/busybox:latest'

/** Where Kubernetes publishes its own pause image. */
const PAUSE_REGISTRIES: ReadonlySet<string> = new Set(['registry.k8s.io', 'k8s.gcr.io'])

/**
 * The image of this machine that does the same as a public one the store lacks: any version of Kubernetes's pause image
 * is stood in for by the machine's own, so that Pods of it run without a network.
 */
export function standInFor({
  registry,
  repository,
}: {
  readonly registry: string
  readonly repository: string
}): string | undefined {
  return PAUSE_REGISTRIES.has(registry) && repository === 'pause' ? PAUSE_IMAGE : undefined
}

/** The names a program answers to: none, unless it is a busybox. */
export async function appletsOf(binary: string): Promise<readonly string[]> {
  if (!basename(binary).startsWith('busybox')) return []
  const list = await runProgram(binary, ['--list'])
  return list.split('\n').filter((name) => /^[\w.[\]-]+$/.test(name))
}

/** Makes the pause image if the store lacks it: of a pause program, or else of a busybox that waits. */
export async function ensurePauseImage(store: ImageStore): Promise<void> {
  if ((await store.find(PAUSE_IMAGE)) !== undefined) return
  const pause = findProgram('catatonit', ['/usr/libexec/podman', '/usr/lib/podman'])
  if (pause !== undefined) {
    await makeImage(store, { name: PAUSE_IMAGE, binaries: [pause], command: ['/bin/catatonit', '-P'], appletsOf })
    return
  }
  const busybox = machineBusybox()
  const wait = 'trap "exit 0" TERM INT; while :; do sleep 2147483647 & wait $!; done'
  const command = [`/bin/${basename(busybox)}`, 'sh', '-c', wait]
  await makeImage(store, { name: PAUSE_IMAGE, binaries: [busybox], command, appletsOf })
}

/** Makes `busybox` of the machine's own, if the store lacks it. True when it did. */
export async function ensureBusyboxImage(store: ImageStore): Promise<boolean> {
  if ((await store.find(BUSYBOX_IMAGE)) !== undefined) return false
  await makeImage(store, { name: BUSYBOX_IMAGE, binaries: [machineBusybox()], command: ['sh'], appletsOf })
  return true
}

function machineBusybox(): string {
  const busybox = findProgram('busybox')
  if (busybox === undefined) throw new UserError('busybox is not installed', 'run: gorae doctor --fix')
  return busybox
}
