/**
 * Selectors of access reviews that nobody can read: they limit nothing, and the answer tells of it
 * (https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/subject-access-review-v1/).
 */

import type { ResourceAttributes } from '../../api/generated/authorization-v1.ts'
import { isApiError } from '../../meta/errors.ts'
import { parseFieldSelector } from '../../meta/field-selector.ts'
import { parseLabelSelector } from '../../meta/label-selector.ts'
import { qualifiedName } from '../../meta/names.ts'

interface Requirement {
  readonly key?: string
  readonly operator?: string
  readonly values?: readonly string[]
}

/** What an access review's answer tells of its selectors. */
export function unreadSelectors({ fieldSelector, labelSelector }: ResourceAttributes): string[] {
  return [
    ...told('fieldSelector', fieldSelector, parseFieldSelector, isFieldRequirement),
    ...told('labelSelector', labelSelector, parseLabelSelector, isLabelRequirement),
  ]
}

function told(
  field: string,
  selector: { readonly rawSelector?: string; readonly requirements?: readonly Requirement[] } | undefined,
  parse: (text: string) => unknown,
  isReadable: (requirement: Requirement) => boolean,
): string[] {
  const { rawSelector = '', requirements = [] } = selector ?? {}
  const readable = requirements.filter(isReadable).length
  const isRead = readable === requirements.length && (rawSelector === '' || reads(rawSelector, parse))
  const extent = readable > 0 ? 'partially ignored' : 'ignored'
  return isRead ? [] : [`spec.resourceAttributes.${field} ${extent} due to parse error`]
}

function reads(text: string, parse: (text: string) => unknown): boolean {
  try {
    parse(text)
    return true
  } catch (error) {
    if (isApiError(error)) return false
    throw error
  }
}

const isFieldRequirement = ({ operator, values = [] }: Requirement) =>
  (operator === 'In' || operator === 'NotIn') && values.length === 1

function isLabelRequirement({ key = '', operator = '', values = [] }: Requirement): boolean {
  if (qualifiedName(key).length > 0) return false
  if (operator === 'In' || operator === 'NotIn') return values.length > 0
  return (operator === 'Exists' || operator === 'DoesNotExist') && values.length === 0
}
