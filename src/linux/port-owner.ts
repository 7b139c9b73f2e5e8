/** Who listens on a TCP port of this network namespace. https://man7.org/linux/man-pages/man5/proc.5.html */

import { readFileSync, readdirSync, readlinkSync } from 'node:fs'

const LISTEN = '0A'

/** The pid and name of the process that listens on `port`, as far as this user may see. */
export function listenerOn(port: number): { readonly pid: number; readonly command: string } | undefined {
  const inodes = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => listeningInodes(file, port)))
  if (inodes.size === 0) return undefined
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (socketsOf(pid).some((inode) => inodes.has(inode)))
      return { pid: Number(pid), command: readFileSync(`/proc/${pid}/comm`, 'utf8').trim() }
  }
  return undefined
}

function listeningInodes(file: string, port: number): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  return lines(file).flatMap((line) => {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/)
    return state === LISTEN && local.endsWith(`:${hex}`) && inode !== undefined ? [inode] : []
  })
}

function lines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch {
    return [] // no IPv6 in this kernel
  }
}

function socketsOf(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1]
      return inode === undefined ? [] : [inode]
    })
  } catch {
    return [] // gone in the meantime, or not ours to see
  }
}
