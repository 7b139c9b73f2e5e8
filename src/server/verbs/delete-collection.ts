/** deletecollection: deletes each object that a list would give (https://kubernetes.io/docs/reference/using-api/api-concepts/#collections). */

import type { ListOptions } from '../../client/transport.ts'
import { hasReason } from '../../meta/errors.ts'
import type { DeleteOptions } from '../../meta/types.ts'
import type { ApiCore, RequestContext } from '../core.ts'
import { deleteObject } from './delete.ts'
import { checkDeleteOptions, warnOfDependents } from './delete-options.ts'
import { type ListAnswer, listObjects } from './read.ts'
import { checkListOptions } from './resource-version.ts'

/** What is deleted at once goes to the disk together. */
const AT_ONCE = 16

/** Deletes what is selected and answers with it as it was. Objects that are gone meanwhile are fine. */
export async function deleteCollection(
  core: ApiCore,
  context: RequestContext,
  list: ListOptions,
  options: DeleteOptions,
): Promise<ListAnswer> {
  checkListOptions(list)
  checkDeleteOptions(options)
  warnOfDependents(context, options)
  const found = await listObjects(core, context, list)
  const left = found.items.values()
  let hasFailed = false
  const deleteEach = async () => {
    for (const { namespace, name } of left) {
      if (hasFailed) return
      try {
        // oxlint-disable-next-line no-await-in-loop -- one after the other, so that others get their turn
        await deleteObject(core, { ...context, namespace, name }, options, { isOfMany: true })
      } catch (error) {
        if (hasReason(error, 'NotFound')) continue
        hasFailed = true
        throw error
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, deleteEach))
  return found
}
