/**
 * What a write of something large takes, done ahead and in steps: the storage asks for its bytes and its size all at once,
 * and everybody else would wait.
 */

import type { KubeObject } from '../../meta/types.ts'
import { tooLarge } from '../../meta/errors.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { maxValues } from '../../wire/json/parse.ts'
import { knownText, rememberForNow } from '../../wire/json/known-text.ts'
import { toJson } from '../../wire/json/stringify.ts'
import { freezeAll } from '../registry/stored-object.ts'
import { type GiveWay, isLarge } from './give-way.ts'
import { fits } from './stored-size.ts'

/**
 * Whether a draft can be stored. What is too large only with the notes on who owns its fields loses these, as in
 * Kubernetes.
 */
export async function fitsInSteps(draft: KubeObject, key: string, giveWay: GiveWay): Promise<boolean> {
  await giveWay()
  if (fits(draft, key)) return true
  delete draft.metadata.managedFields
  await giveWay()
  return fits(draft, key)
}

/** Freezes and writes the large parts of a draft. A kind's hook may change the spec still. */
export async function writeAhead(draft: KubeObject, giveWay: GiveWay, hasHook: boolean): Promise<void> {
  const { managedFields = [], ...own } = draft.metadata
  const parts: unknown[] = [...Object.values(own), ...managedFields.map(({ fieldsV1 }) => fieldsV1)]
  for (const [name, part] of Object.entries(draft)) {
    if (name !== 'metadata' && !(hasHook && name === 'spec')) parts.push(part)
  }
  for (const part of parts) {
    if (typeof part !== 'object' || part === null || knownText(part) !== undefined) continue
    // oxlint-disable-next-line no-await-in-loop -- one part after the other
    await giveWay()
    if (!isLarge(freezeAll(part))) continue
    // oxlint-disable-next-line no-await-in-loop -- one part after the other
    await giveWay()
    rememberForNow(part, toJson(part))
  }
}

/** Refuses what would make of an object, patch by patch, something that no body may be. What is there may be made smaller. */
export function refuseGrowth(draft: KubeObject, old: DeepReadonly<KubeObject>): void {
  const values = valuesOf(draft)
  if (values > maxValues && values > valuesOf(old)) {
    throw tooLarge(`the object would have more than ${maxValues} values`)
  }
}

/** The values of an object, counted as those of a body are, without the notes on who owns them. */
function valuesOf({ metadata, ...rest }: DeepReadonly<KubeObject>): number {
  const { managedFields: _, ...own } = metadata
  return countValues([own, rest])
}

function countValues(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  let values = 0
  let members = 0
  if (Array.isArray(value)) {
    members = value.length
    for (const item of value) if (typeof item === 'object') values += countValues(item)
  } else {
    const keys = Object.keys(value)
    members = keys.length
    for (const key of keys) {
      const member = (value as Readonly<Record<string, unknown>>)[key]
      if (typeof member === 'object') values += countValues(member)
    }
  }
  return values + Math.max(0, members - 1)
}
