/** What a request is answered with, before it is encoded. */

import type { Column } from '../../api/resource.ts'
import type { KubeObject } from '../../meta/types.ts'
import type { StoredObject } from '../registry/stored-object.ts'
import type { ListAnswer } from './read.ts'

export type Answer =
  | { readonly form: 'object'; readonly code: number; readonly object: StoredObject }
  | { readonly form: 'list'; readonly list: ListAnswer }
  /** An object that is not stored: a Status, a review. It carries its apiVersion and kind. */
  | { readonly form: 'plain'; readonly code: number; readonly object: object }
  /** An object that is not stored and has metadata all the same, and columns for its table. */
  | { readonly form: 'shown'; readonly code: number; readonly object: KubeObject; readonly columns: Columns }

type Columns = readonly Column<KubeObject>[]

export const objectAnswer = (object: StoredObject, code = 200): Answer => ({ form: 'object', code, object })
export const plainAnswer = (object: object, code = 200): Answer => ({ form: 'plain', code, object })
export const shownAnswer = (object: KubeObject, columns: Columns): Answer => ({
  form: 'shown',
  code: 200,
  object,
  columns,
})
