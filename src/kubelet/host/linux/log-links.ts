/**
 * Links to containers' logs under names that tell the Pod, where log collectors look for them:
 * `NAME_NAMESPACE_CONTAINER-ID.log`
 * (https://kubernetes.io/docs/concepts/cluster-administration/logging/#log-location-node).
 */

import { readdir, readlink, rm, symlink } from 'node:fs/promises'
import path from 'node:path'

import type { LoggedContainer, PodNames } from '../host.ts'

/** What a file's name may have at most, less the ending. */
const MAX_NAME = 255 - '.log'.length

const podPrefix = ({ name, namespace }: PodNames) => `${name}_${namespace}_`

/** Relative, so that whoever mounts both folders beside each other finds the same. */
export async function linkLog(folder: string, { pod, container, id, file }: LoggedContainer): Promise<void> {
  const name = `${podPrefix(pod)}${container}-${id}`.slice(0, MAX_NAME)
  try {
    await symlink(path.relative(folder, file), path.join(folder, `${name}.log`))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}

/** Removes the link to the log of one container. */
export async function unlinkLog(folder: string, containerId: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(`-${containerId}.log`))
  await Promise.all(names.map((name) => rm(path.join(folder, name), { force: true })))
}

/** Removes all links to the logs of a Pod, of which only the folders' own names may be known. */
export async function unlinkLogs(folder: string, logFolder: string): Promise<void> {
  const [namespace = '', name = '', uid = ''] = path.basename(logFolder).split('_')
  const prefix = podPrefix({ namespace, name, uid }).slice(0, MAX_NAME)
  const links = (await readdir(folder)).filter((link) => link.startsWith(prefix))
  for (const link of links) {
    const target = await readlink(path.join(folder, link)).catch(() => '')
    if (target.includes(`_${uid}/`)) await rm(path.join(folder, link), { force: true })
  }
}
