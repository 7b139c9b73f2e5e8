/** An object of a kind, by its API version. */

import type { Base } from '../corpus.ts'

/** `name` stays empty where objects of the kind have none. */
export const baseOf = (
  apiVersion: string,
  kind: string,
  plural: string,
  name: string,
  rest: object,
  namespaced: boolean,
  more: Partial<Base> = {},
): Base => ({
  name: name === '' ? plural : name,
  key: `${apiVersion}/${plural}`,
  object: { apiVersion, kind, metadata: namespaced ? { name, namespace: 'default' } : { name }, ...rest },
  ...more,
})
