/**
 * Pods of one template are alike but for their names. Of a spec that had no fault and nothing to warn of it is
 * remembered, so that the next one like it need not be judged: to find it takes a quarter of the time.
 */

import { deepFreeze, type DeepReadonly } from '../../../../meta/deep-readonly.ts'
import { rememberText } from '../../../../wire/json/known-text.ts'
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

/** What a Pod's spec is judged by. */
export interface Judged {
  /** Two Pods of one such text are alike. */
  readonly text: string
  /** The spec's own JSON. */
  readonly spec: string
}

/** What a Pod is judged by; undefined where its name matters as well, or it is too long to keep. */
export function judgedBy({ metadata: { annotations }, spec }: DeepReadonly<Pod>): Judged | undefined {
  const volumes = spec?.volumes ?? []
  // The claims of such volumes are called after the Pod.
  if (spec === undefined || volumes.some(({ ephemeral }) => ephemeral !== undefined)) return undefined
  const own = toJson(spec)
  const text = annotations === undefined ? own : toJson(annotations) + own
  if (text.length > MAX_TEXT) return undefined
  const token = volumes.find(({ name }) => TOKEN_VOLUME.test(name))
  return { text: token === undefined ? text : text.replaceAll(`"${token.name}"`, ANY_NAME), spec: own }
}

/** Whether a Pod like this one was found to be without fault or warning. */
export function isFine({ text }: Judged): boolean {
  return fine.has(text)
}

/** Remembers that such a Pod has no fault and nothing to warn of. */
export function rememberFine({ text }: Judged): void {
  for (const oldest of fine) {
    if (fine.size < MAX_SPECS) break
    fine.delete(oldest)
  }
  fine.add(text)
}

/** The specs that were found to have nothing to warn of by a text already known. */
const quiet = new WeakSet<DeepReadonly<PodSpec>>()

/** Spares what follows on a spec without faults: the question about warnings, and to write it once more. Freezes it. */
export function noteQuiet(spec: DeepReadonly<PodSpec> | undefined, judged: Judged): void {
  if (spec === undefined) return
  quiet.add(spec)
  rememberText(deepFreeze(spec), judged.spec)
}

/** Whether this very spec is known to have nothing to warn of. */
export function isQuiet(spec: DeepReadonly<PodSpec> | undefined): boolean {
  return spec !== undefined && quiet.has(spec)
}
