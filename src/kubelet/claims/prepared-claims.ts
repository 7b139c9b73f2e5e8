/**
 * The claims that drivers have prepared on this node, and for whom. They outlive the kubelet in a file,
 * `dra_manager_state`, whose form is our own.
 */

import { readFile, rename, writeFile } from 'node:fs/promises'

import { InTurn } from '../../base/async/in-turn.ts'
import type { PreparedDevice } from './dra-client.ts'

/** A claim that is to be prepared, or is. */
export interface ClaimState {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  /** The Pods that use it here. */
  pods: readonly string[]
  /** The devices of each driver that the claim has devices of. */
  drivers: Readonly<Record<string, readonly PreparedDevice[]>>
  /** Whether all drivers have prepared it since this kubelet started. */
  isPrepared: boolean
}

const VERSION = 1

export class PreparedClaims {
  readonly #file: string
  readonly #claims = new Map<string, ClaimState>()
  readonly #inTurn = new InTurn()

  constructor(file: string) {
    this.#file = file
  }

  /** Takes up what an earlier kubelet knew. Throws where that cannot be read: nobody else knows what is prepared. */
  async load(): Promise<void> {
    const text = await readFile(this.#file, 'utf8').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
      throw error
    })
    if (text === undefined) return
    const { version, claims } = JSON.parse(text) as { readonly version: number; readonly claims: readonly ClaimState[] }
    if (version !== VERSION) throw new Error(`${this.#file} has version ${version}, not ${VERSION}`)
    for (const claim of claims) this.#claims.set(keyOf(claim), { ...claim, isPrepared: false })
  }

  get all(): readonly ClaimState[] {
    return [...this.#claims.values()]
  }

  get(at: { readonly namespace: string; readonly name: string }): ClaimState | undefined {
    return this.#claims.get(keyOf(at))
  }

  /** Those that a Pod uses. */
  of(uid: string): readonly ClaimState[] {
    return this.all.filter(({ pods }) => pods.includes(uid))
  }

  add(claim: ClaimState): void {
    this.#claims.set(keyOf(claim), claim)
  }

  remove(claim: ClaimState): void {
    if (this.get(claim) === claim) this.#claims.delete(keyOf(claim))
  }

  /** Writes it all. */
  async save(): Promise<void> {
    await this.#inTurn.run('', async () => {
      const draft = `${this.#file}.draft`
      await writeFile(draft, JSON.stringify({ version: VERSION, claims: this.all }), { mode: 0o600 })
      await rename(draft, this.#file)
    })
  }
}

const keyOf = ({ namespace, name }: { readonly namespace: string; readonly name: string }) => `${namespace}/${name}`
