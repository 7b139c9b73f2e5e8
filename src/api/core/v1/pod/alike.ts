/**
 * Pods of one template are alike but for their names. Of a spec that had no fault and nothing to warn of it is
 * remembered, so that the next one like it need not be judged: to find it takes a quarter of the time.
 */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import { toJson } from '../../../../wire/json/stringify.ts'
import type { Pod, PodSpec } from '../../../generated/core-v1.ts'

/** What begins the name of the volume that every Pod gets for its token; chance gives the rest. */
export const TOKEN_VOLUME_PREFIX = 'kube-api-access-'
const TOKEN_VOLUME = new RegExp(`^${TOKEN_VOLUME_PREFIX}[0-9a-z]{5}$`)
/** Stands for that name. It is in no JSON text, so nothing can be taken for it. */
const ANY_NAME = '"\0"'

/** So many are remembered, each of so many characters at most. */
const MAX_SPECS = 64
const MAX_TEXT = 16_000

const fine = new Set<string>()

/** What a Pod's spec is judged by, as one text; undefined where its name matters as well, or it is too long to keep. */
export function judgedText({ metadata, spec }: DeepReadonly<Pod>): string | undefined {
  const volumes = spec?.volumes ?? []
  // The claims of such volumes are called after the Pod.
  if (volumes.some(({ ephemeral }) => ephemeral !== undefined)) return undefined
  const text = toJson([metadata.annotations, spec])
  if (text.length > MAX_TEXT) return undefined
  const token = volumes.find(({ name }) => TOKEN_VOLUME.test(name))
  return token === undefined ? text : text.replaceAll(`"${token.name}"`, ANY_NAME)
}

/** Whether a Pod of this text was found to be without fault or warning. */
export function isFine(text: string): boolean {
  return fine.has(text)
}

/** Remembers that a Pod of this text has no fault and nothing to warn of. */
export function rememberFine(text: string): void {
  for (const oldest of fine) {
    if (fine.size < MAX_SPECS) break
    fine.delete(oldest)
  }
  fine.add(text)
}

/** The specs that were found to have nothing to warn of by a text already known. */
const quiet = new WeakSet<DeepReadonly<PodSpec>>()

/** Spares the question about warnings that follows on the spec's faults. */
export function noteQuiet(spec: DeepReadonly<PodSpec> | undefined): void {
  if (spec !== undefined) quiet.add(spec)
}

/** Whether this very spec is known to have nothing to warn of. */
export function isQuiet(spec: DeepReadonly<PodSpec> | undefined): boolean {
  return spec !== undefined && quiet.has(spec)
}
