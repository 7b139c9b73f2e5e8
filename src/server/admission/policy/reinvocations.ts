/** Which policies have a second turn, because others changed the object after them (https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/#reinvocation-policy). */

import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import type { KubeObject } from '../../../meta/types.ts'
import { deepEqual } from '../../../meta/validation.ts'
import type { MutationPass } from '../admission.ts'

const known = new WeakMap<MutationPass, Reinvocations>()

export class Reinvocations {
  readonly #pass: MutationPass
  /** Those that want a second turn, if anything changes. */
  readonly #had = new Set<string>()
  /** Those that have one. */
  readonly #again = new Set<string>()
  #last: unknown
  #isChanged = false

  private constructor(pass: MutationPass) {
    this.#pass = pass
  }

  /** What is remembered of a request from its first turn to its second. */
  static of(pass: MutationPass): Reinvocations {
    const found = known.get(pass) ?? new Reinvocations(pass)
    known.set(pass, found)
    return found
  }

  /** A turn begins. What others changed since the last one counts as a change. */
  begin(object: DeepReadonly<KubeObject> | undefined): void {
    this.#isChanged = false
    if (this.#pass.isSecond && !deepEqual(this.#last, object)) this.#recall()
  }

  /** A turn is over. Whoever changed something is among those that see what others make of it. */
  end(object: DeepReadonly<KubeObject> | undefined): void {
    if (this.#isChanged) this.#recall()
    this.#last = structuredClone(object)
  }

  /** Whether a policy is followed in this turn. */
  isTurnOf(key: string): boolean {
    return !this.#pass.isSecond || this.#again.has(key)
  }

  mayRunAgain(key: string): void {
    this.#had.add(key)
  }

  /** The object changed: all plug-ins have a second turn, and so have the policies before this one. */
  changed(): void {
    this.#isChanged = true
    this.#pass.askForSecond()
    this.#recall()
  }

  #recall(): void {
    for (const key of this.#had) this.#again.add(key)
    this.#had.clear()
  }
}
