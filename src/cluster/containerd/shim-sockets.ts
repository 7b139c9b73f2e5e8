/**
 * The sockets of a node's shims. Shims listen in a folder that all containerds of a machine share, and cannot be told
 * otherwise; one that is killed leaves its socket there, and containerd does not know of it if it was killed early.
 * So every sandbox whose shim may have a socket has a mark of its own among the node's files, whoever dies meanwhile:
 * containerd finds shims by the PATH, and first of all a program of ours that makes the mark and becomes the shim.
 */

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, realpathSync, rmSync, watch, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { findProgram } from '../../linux/program.ts'
import type { NodePaths } from '../paths.ts'

/** Where shims listen, whatever their containerd (its `defaults.DefaultStateDir`). */
const SOCKETS = '/run/containerd/s'
const ID = /^[0-9a-f]{64}$/
const SHIM = 'containerd-shim-runc-v2'

export class ShimSockets {
  readonly #shared: string
  readonly #socket: string
  /** A folder for every sandbox, made before its shim is started. */
  readonly #bundles: string
  readonly #marks: string

  /** `shared` is another folder in tests only. */
  constructor({ run, socket }: Pick<NodePaths, 'run' | 'socket'>, shared = SOCKETS) {
    this.#shared = shared
    this.#socket = socket
    this.#bundles = join(run, 'containerd', 'io.containerd.runtime.v2.task', 'k8s.io')
    this.#marks = join(run, 'shims')
  }

  /** The sandboxes whose shims may have a socket. */
  marked(): readonly string[] {
    return idsIn(this.#marks)
  }

  /** Whether containerd still has work for the sandbox's shim. */
  isInUse(id: string): boolean {
    return existsSync(join(this.#bundles, id))
  }

  /**
   * A folder to be first in the PATH of the containerd `program`: it marks every sandbox before its shim listens.
   * `undefined`: this machine's shims are unknown.
   */
  markingPath(folder: string, program: string): string | undefined {
    const beside = join(dirname(realpathSync(program)), SHIM)
    const shim = findProgram(SHIM) ?? (existsSync(beside) ? beside : undefined)
    if (shim === undefined) return undefined
    mkdirSync(this.#marks, { recursive: true, mode: 0o711 })
    mkdirSync(folder, { recursive: true, mode: 0o755 })
    writeFileSync(join(folder, SHIM), markingShim(shim, this.#marks), { mode: 0o755 })
    return folder
  }

  /** Marks the sandboxes of a containerd that was not started with such a PATH. The returned function ends that. */
  follow(): () => void {
    for (const folder of [this.#bundles, this.#marks]) mkdirSync(folder, { recursive: true, mode: 0o711 })
    // That a bundle has gone again by the time we hear of it says nothing of its shim's socket.
    const watcher = watch(this.#bundles, (_event, name) => {
      if (name !== null && ID.test(name)) this.#mark(name)
    })
    watcher.on('error', () => {}) // the folder goes with the node
    for (const id of idsIn(this.#bundles)) this.#mark(id)
    return () => watcher.close()
  }

  /** Removes the socket of a shim that is no more. */
  remove(id: string): void {
    rmSync(this.#socketOf(id), { force: true })
    rmSync(join(this.#marks, id), { force: true })
  }

  /** Removes all sockets, when no shim of the node runs any more. */
  removeAll(): void {
    for (const id of new Set([...this.marked(), ...idsIn(this.#bundles)])) this.remove(id)
  }

  #mark(id: string): void {
    try {
      writeFileSync(join(this.#marks, id), '')
    } catch (error) {
      // The node is being taken down, or its disk is full: then the marks of others still stand.
      if (!['ENOENT', 'ENOSPC'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    }
  }

  #socketOf(id: string): string {
    const name = createHash('sha256').update(join(this.#socket, 'k8s.io', id))
    return join(this.#shared, name.digest('hex'))
  }
}

/** What fails to make the mark starts the shim all the same. */
const markingShim = (shim: string, marks: string) => `#!/bin/sh
before=
for argument do
  [ "$before" = -id ] && id=$argument
  before=$argument
done
[ "$before" = start ] && true > ${quoted(marks)}/"$id" 2> /dev/null
exec ${quoted(shim)} "$@"
`

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`

const idsIn = (folder: string): readonly string[] =>
  existsSync(folder) ? readdirSync(folder).filter((name) => ID.test(name)) : []
