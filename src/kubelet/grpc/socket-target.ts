/**
 * Sockets whose paths are longer than the kernel takes in an address
 * (https://man7.org/linux/man-pages/man7/unix.7.html): they are reached by a descriptor of their folder.
 */

import { closeSync, constants, openSync } from 'node:fs'
import path from 'node:path'

/** `sun_path` has 108 bytes, the last one zero. */
const MAX_BYTES = 107

/** What gRPC calls a socket. */
export interface SocketTarget {
  /** `unix:PATH` */
  readonly target: string
  /** Call it when nobody uses the target any more. */
  readonly release: () => void
}

/** The target of a socket that is there or will be, in a folder that is there. */
export function socketTarget(socketPath: string): SocketTarget {
  if (Buffer.byteLength(socketPath) <= MAX_BYTES) return { target: `unix:${socketPath}`, release: () => {} }
  const folder = openSync(path.dirname(socketPath), constants.O_RDONLY | constants.O_DIRECTORY)
  return {
    target: `unix:/proc/self/fd/${folder}/${path.basename(socketPath)}`,
    release: () => closeSync(folder),
  }
}
