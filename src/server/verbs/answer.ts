/** What a request is answered with, before it is encoded. */

import type { StoredObject } from '../registry/stored-object.ts'
import type { ListAnswer } from './read.ts'

export type Answer =
  | { readonly form: 'object'; readonly code: number; readonly object: StoredObject }
  | { readonly form: 'list'; readonly list: ListAnswer }
  /** An object that is not stored: a Status, a Scale, a review. It carries its apiVersion and kind. */
  | { readonly form: 'plain'; readonly code: number; readonly object: object; readonly type?: string }

export const objectAnswer = (object: StoredObject, code = 200): Answer => ({ form: 'object', code, object })
export const plainAnswer = (object: object, code = 200, type?: string): Answer =>
  type === undefined ? { form: 'plain', code, object } : { form: 'plain', code, object, type }
