/** Label and field selectors of a request, made into a selection of a resource's objects. */

import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { badRequest } from '../../meta/errors.ts'
import { type FieldSelector, parseFieldSelector } from '../../meta/field-selector.ts'
import { parseLabelSelector } from '../../meta/label-selector.ts'
import type { KubeObject } from '../../meta/types.ts'
import { shownAs } from '../registry/object-views.ts'
import type { ServedResource } from '../registry/served-resource.ts'
import type { Selection } from '../watchcache/selection.ts'

export interface SelectionOptions {
  readonly namespace: string
  /** The request names one object: only that is selected. */
  readonly name?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
}

type FieldReader = (object: DeepReadonly<KubeObject>) => string | undefined

/** Throws `BadRequest` for selectors that do not read or name fields that nobody may select by. */
export function selectionOf(resource: ServedResource, options: SelectionOptions): Selection {
  const { namespace, name: asked = '', labelSelector = '', fieldSelector = '' } = options
  const scope = namespace === '' ? {} : { namespace }
  if (asked === '' && labelSelector === '' && fieldSelector === '') return { ...scope, text: '' }
  const labels = parseLabelSelector(labelSelector)
  const fields = parseFieldSelector(fieldSelector)
  const name = asked === '' ? nameIn(fields) : asked
  const byFields = fields.requirements.map(({ field, op, value }) => {
    const read = readerOf(resource, field)
    return (object: DeepReadonly<KubeObject>) => ((read(object) ?? '') === value) === (op === '=')
  })
  return {
    ...scope,
    ...(name === undefined ? {} : { name }),
    text: `${resource.view === undefined ? '' : resource.key}\n${asked}\n${labelSelector}\n${fieldSelector}`,
    matches(stored) {
      if (asked !== '' && stored.name !== asked) return false
      if (!labels.isEmpty && !labels.matches(stored.object.metadata.labels)) return false
      if (byFields.length === 0) return true
      const { object } = shownAs(resource, stored)
      return byFields.every((holds) => holds(object))
    },
  }
}

function nameIn({ requirements }: FieldSelector): string | undefined {
  return requirements.find(({ field, op }) => field === 'metadata.name' && op === '=')?.value
}

function readerOf({ meaning, namespaced, kind }: ServedResource, field: string): FieldReader {
  if (field === 'metadata.name') return (object) => object.metadata.name
  if (field === 'metadata.namespace' && (namespaced || meaning.selectableFields === undefined)) {
    return (object) => object.metadata.namespace
  }
  const { selectableFields } = meaning
  if (selectableFields === undefined) {
    throw badRequest(
      `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
    )
  }
  const read = Object.hasOwn(selectableFields, field) ? selectableFields[field] : undefined
  if (read === undefined) {
    const why = kind === 'Job' ? `${JSON.stringify(field)} not supported for Job` : `not supported: ${field}`
    throw badRequest(`field label ${why}`)
  }
  return read
}
