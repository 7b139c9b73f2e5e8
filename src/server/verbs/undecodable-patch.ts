/**
 * What a patch whose result is no object of its kind is refused with: the patch is at fault, not the request
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply).
 */

import { ApiError } from '../../meta/errors.ts'
import { goQuote } from '../../meta/go-quote.ts'
import type { KubeObject } from '../../meta/types.ts'
import type { RequestContext } from '../core.ts'
import { asGoPrints } from '../fieldmanager/go-values.ts'
import { type AppliedPatch, patchedText } from './patch-text.ts'

/** Kubernetes shows what the patch made, or of a strategic patch the patch, as Go prints it. */
export function undecodablePatch(patch: AppliedPatch, why: string, cause?: unknown): ApiError {
  const isStrategic = patch.type === 'strategic'
  const shown = goQuote(isStrategic ? asGoPrints(patch.body) : patchedText(patch))
  const message = `Invalid value: ${shown}: ${why}`
  const causes = [{ reason: 'FieldValueInvalid', message, field: 'patch' }]
  const told = ` "" is invalid: patch: ${message}`
  return new ApiError({ message: told, reason: 'Invalid', details: { causes }, code: 422 }, { cause })
}

/** An applied configuration whose fields are all known, but have values that nobody can read. */
export function unreadableApply(
  { resource }: RequestContext,
  { metadata: { namespace, name } }: KubeObject,
  why: string,
  cause?: unknown,
): ApiError {
  const { group, version, kind } = resource
  const type = `${group}/${version}, Kind=${kind}`
  const told = `failed to convert new object (${namespace ?? ''}/${name ?? ''}; ${type}) to proper version`
  const message = `${told}: unable to convert unstructured object to ${type}: ${why}`
  return new ApiError({ message, code: 500 }, { cause })
}
