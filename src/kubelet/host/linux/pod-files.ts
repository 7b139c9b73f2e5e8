/** Pods' folders on this machine's disk. */

import { open, readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'

import { makeFolder } from '../../../linux/folders.ts'
import { unmountUnder } from '../../../linux/mounts.ts'
import { logTail } from '../../logs/read-log.ts'
import type { PodFiles, PodNames } from '../host.ts'
import { releaseDevices } from './local-folders.ts'
import { linkLog, unlinkLog, unlinkLogs } from './log-links.ts'

/** Where things lie below the kubelet's own folder. */
export interface HostFolders {
  /** Disk: hosts files, termination messages, emptyDirs, sub-path mounts. */
  readonly pods: string
  /** Memory: what must not reach a disk, such as Secrets. */
  readonly memory: string
  /** Disk: folders of PersistentVolumes; they outlive Pods. */
  readonly local: string
  readonly logs: string
  /** Links to the logs, by names that tell their Pods. */
  readonly logLinks: string
}

/** A file name that any user-chosen text maps to, one to one. */
export const safeName = (text: string): string => encodeURIComponent(text).replaceAll('.', '%2E')

export function linuxPodFiles(folders: HostFolders): PodFiles {
  const podFolder = (uid: string) => path.join(folders.pods, safeName(uid))
  const logDirectory = ({ namespace, name, uid }: PodNames) => path.join(folders.logs, `${namespace}_${name}_${uid}`)

  return {
    async list() {
      const [pods, memory, logs] = await Promise.all([folders.pods, folders.memory, folders.logs].map(foldersIn))
      const logged = (logs ?? []).map((name) => name.slice(name.lastIndexOf('_') + 1))
      return [...new Set([...[...(pods ?? []), ...(memory ?? [])].map((name) => decodeURIComponent(name)), ...logged])]
    },
    logDirectory,
    async prepare(pod) {
      await Promise.all([
        makeFolder(path.join(podFolder(pod.uid), 'volumes'), 0o750),
        makeFolder(logDirectory(pod), 0o755),
      ])
    },
    async writeHosts(uid, text) {
      const file = path.join(podFolder(uid), 'etc-hosts')
      await writeFile(file, text, { mode: 0o644 })
      return file
    },
    async makeTerminationLog(uid, container, attempt) {
      const folder = path.join(podFolder(uid), 'containers', safeName(container))
      await makeFolder(folder, 0o750)
      const file = path.join(folder, `${attempt}`)
      // Whoever the container runs as may write its last words.
      await (await open(file, 'a', 0o666)).close()
      const handle = await open(file, 'r')
      try {
        await handle.chmod(0o666)
      } finally {
        await handle.close()
      }
      return file
    },
    readTerminationLog: readEnd,
    tailLog: async (file, lines, bytes) => logTail(await readEnd(file, bytes * 4), lines, bytes),
    async remove(uid) {
      await releaseDevices(folders, podFolder(uid))
      for (const folder of [podFolder(uid), path.join(folders.memory, safeName(uid))]) {
        await unmountUnder(folder)
        await rm(folder, { recursive: true, force: true })
      }
    },
    linkLog: (log) => linkLog(folders.logLinks, log),
    unlinkLog: (containerId) => unlinkLog(folders.logLinks, containerId),
    async removeLogs(pod) {
      const own = (await foldersIn(folders.logs)).filter((name) => name.endsWith(`_${pod.uid}`))
      for (const name of own) {
        await rm(path.join(folders.logs, name), { recursive: true, force: true })
        await unlinkLogs(folders.logLinks, name)
      }
    },
  }
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
}

/** The last `limit` bytes of a file; a link is not followed, for containers can put one there. */
async function readEnd(file: string, limit: number): Promise<string> {
  let handle
  try {
    handle = await open(file, 'r')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  }
  try {
    const { size } = await handle.stat()
    const length = Math.min(size, limit)
    const buffer = Buffer.alloc(length)
    const { bytesRead } = await handle.read(buffer, 0, length, size - length)
    return buffer.subarray(0, bytesRead).toString('utf8')
  } finally {
    await handle.close()
  }
}
