/** Pods' folders and volumes on a simulated node. */

import { logTail } from '../../logs/read-log.ts'
import type { PodFiles, PodNames, VolumeFiles } from '../host.ts'
import type { MemoryFiles } from './memory-files.ts'

const PODS = '/var/lib/kubelet/pods'
const LOGS = '/var/log/pods'

const folderOf = (uid: string) => `${PODS}/${uid}`
const logsOf = ({ namespace, name, uid }: PodNames) => `${LOGS}/${namespace}_${name}_${uid}`

export function simulatedPodFiles(files: MemoryFiles): PodFiles {
  return {
    async list() {
      const uids = new Set<string>()
      for (const folder of files.folders()) {
        if (folder.startsWith(`${PODS}/`)) uids.add(folder.slice(PODS.length + 1).split('/')[0] ?? '')
        else if (folder.startsWith(`${LOGS}/`)) uids.add(folder.slice(folder.lastIndexOf('_') + 1))
      }
      return [...uids]
    },
    logDirectory: logsOf,
    async prepare(pod) {
      files.makeFolder(folderOf(pod.uid))
      files.makeFolder(logsOf(pod))
    },
    async writeHosts(uid, text) {
      const path = `${folderOf(uid)}/etc-hosts`
      files.write(path, text)
      return path
    },
    async makeTerminationLog(uid, container, attempt) {
      const path = `${folderOf(uid)}/containers/${container}/${attempt}`
      files.write(path, '')
      return path
    },
    readTerminationLog: async (path, limit) => Buffer.from(files.read(path).subarray(0, limit)).toString('utf8'),
    tailLog: async (path, lines, bytes) => logTail(Buffer.from(files.read(path)).toString('utf8'), lines, bytes),
    remove: async (uid) => files.remove(folderOf(uid)),
    // Nobody collects the logs of a machine that is not there.
    linkLog: async () => {},
    unlinkLog: async () => {},
    removeLogs: async (pod) => files.remove(logsOf(pod)),
  }
}

/** Below this lie the folders of PersistentVolumes. */
const LOCAL = '/var/lib/kubelet/local-volumes'

/** Makes the path where its type says that it shall be made. */
const MADE = new Set(['DirectoryOrCreate', 'FileOrCreate'])
const KINDS: Readonly<Record<string, string>> = {
  Directory: 'directory',
  DirectoryOrCreate: 'directory',
  File: 'file',
  FileOrCreate: 'file',
  Socket: 'socket file',
  CharDevice: 'character device',
  BlockDevice: 'block device',
}

export function simulatedVolumeFiles(files: MemoryFiles): VolumeFiles {
  const folderAt = (uid: string, plugin: string, volume: string) => {
    const path = `${folderOf(uid)}/volumes/${plugin}/${volume}`
    files.makeFolder(path)
    return path
  }
  return {
    emptyDir: async (uid, volume) => folderAt(uid, 'kubernetes.io~empty-dir', volume),
    async writeFiles({ uid, plugin, volume }, payload) {
      const folder = folderAt(uid, plugin, volume)
      files.remove(folder)
      files.makeFolder(folder)
      for (const [name, { data }] of payload) files.write(`${folder}/${name}`, data)
      return folder
    },
    async hostPath(path, type) {
      const kind = KINDS[type]
      if (kind === undefined) return path
      const isThere = kind === 'file' ? files.isFile(path) : kind === 'directory' && files.isFolder(path)
      if (isThere) return path
      const isOther = files.isFile(path) || files.isFolder(path)
      if (isOther || !MADE.has(type)) throw new Error(`hostPath type check failed: ${path} is not a ${kind}`)
      if (kind === 'file') files.write(path, '')
      else files.makeFolder(path)
      return path
    },
    setGroup: async () => {},
    async subPath({ volumePath, subPath }) {
      if (subPath.startsWith('/') || subPath.split('/').includes('..'))
        throw new Error(`subPath ${JSON.stringify(subPath)} must be a relative path without ".."`)
      return `${volumePath}/${subPath}`
    },
    async readFile(volumePath, path, limit) {
      const file = `${volumePath}/${path}`
      if (!files.isFile(file)) return undefined
      const bytes = files.read(file)
      if (bytes.length > limit) throw new Error(`${JSON.stringify(path)} has more than ${limit} bytes`)
      return bytes
    },
    local: {
      root: LOCAL,
      async make(volume) {
        files.makeFolder(`${LOCAL}/${volume}`)
        return `${LOCAL}/${volume}`
      },
      async makeDevice({ volume }) {
        files.write(`${LOCAL}/${volume}`, '')
        return `${LOCAL}/${volume}`
      },
      async mountDevice({ volume }) {
        files.makeFolder(`${LOCAL}/${volume}`)
        return `${LOCAL}/${volume}`
      },
      growDevice: async () => {},
      remove: async (volume) => files.remove(`${LOCAL}/${volume}`),
    },
  }
}
