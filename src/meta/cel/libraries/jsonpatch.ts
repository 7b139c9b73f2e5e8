/** JSON patches that expressions make (https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/#jsonpatch). */

import { declare, type Library } from '../environment.ts'

export const jsonpatch: Library = {
  functions: [
    declare('jsonpatch.escapeKey(string): string', (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1')),
  ],
}
