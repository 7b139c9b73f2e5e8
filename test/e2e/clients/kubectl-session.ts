/** One kubectl against one cluster, in a namespace of its own: what the tests of every part of kubectl share. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'

import type { Answer, Machine, RunOptions } from '../machine.ts'
import type { KubectlClient } from './clients.ts'

export interface KubectlSession {
  readonly client: KubectlClient
  readonly namespace: string
  /** Before 1.27: other flags, other texts of its own. */
  readonly isOld: boolean
  /** There once the cluster is up. */
  readonly machine: Machine
  readonly kubectl: (args: readonly string[], options?: RunOptions) => Promise<Answer>
  /** What it prints, without the last line end. */
  readonly says: (...args: string[]) => Promise<string>
  /** What it complains of; a failure when it does not. */
  readonly refused: (args: readonly string[], options?: RunOptions) => Promise<string>
  /** A file in the machine's folder. */
  readonly file: (name: string, text: string) => string
}

/** A session of `client`; `machine` is asked for when something is run. */
export function kubectlSession(client: KubectlClient, machine: () => Machine): KubectlSession {
  const namespace = `kubectl-${client.version.replaceAll('.', '-')}`
  const kubectl = (args: readonly string[], options?: RunOptions): Promise<Answer> =>
    machine().run(client.program, ['--namespace', namespace, ...args], options)
  return {
    client,
    namespace,
    isOld: client.minor < 27,
    get machine() {
      return machine()
    },
    kubectl,
    says: async (...args) => (await kubectl(args)).stdout.trimEnd(),
    async refused(args, options = {}) {
      const { code, stderr } = await kubectl(args, { ...options, mayFail: true })
      expect(code).not.toBe(0)
      return stderr
    },
    file(name, text) {
      const path = join(machine().folder, name)
      writeFileSync(path, text)
      return path
    },
  }
}
