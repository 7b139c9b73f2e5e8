/**
 * Subresources that are the object itself with other rules on what may change: finalize, approval, ephemeralcontainers,
 * resize (https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris).
 */

import type { KindMeaning } from '../../api/resource.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { fieldPath } from '../../meta/field-path.ts'
import type { KubeObject } from '../../meta/types.ts'
import { copyAsGiven } from '../../wire/json/nil.ts'
import { objectAnswer } from '../verbs/answer.ts'
import { methodNotAllowed } from '../verbs/attributes.ts'
import { matchName, matchRequest } from '../verbs/metadata.ts'
import { patchObject } from '../verbs/patch.ts'
import { getObject } from '../verbs/read.ts'
import { readBody } from '../verbs/read-body.ts'
import { changeObject, type UpdateRules } from '../verbs/update.ts'
import { validatePartChange } from '../verbs/validate.ts'
import type { SubresourceHandler } from './handler.ts'

/** What such a subresource may change. */
export interface PartRules {
  /** Puts everything else back to what it was. */
  readonly keep: (draft: KubeObject, old: DeepReadonly<KubeObject>) => void
  readonly validate?: KindMeaning<KubeObject>['validateUpdate']
  readonly countsGeneration?: boolean
}

export function objectPart({ keep, validate, countsGeneration = false }: PartRules): SubresourceHandler {
  return async (core, context, request) => {
    const rules: UpdateRules = {
      prepare: keep,
      validate: (draft, old) =>
        validatePartChange(context.resource, draft, old, validate?.(draft, old, fieldPath()) ?? []),
      countsGeneration,
    }
    switch (request.verb) {
      case 'get':
        return objectAnswer(getObject(core, context, request.resourceVersion))
      case 'update': {
        const body = readBody(context, request.body, request.options)
        matchName(context, body.metadata)
        matchRequest(context, body.metadata)
        const makeDraft = () => copyAsGiven(body)
        const { object } = await changeObject(core, context, { makeDraft, options: request.options, rules })
        return objectAnswer(object)
      }
      case 'patch': {
        const { type, options, body } = request
        const { object } = await patchObject(core, context, {
          type,
          body: body.value,
          ...(body.source === undefined ? {} : { source: body.source }),
          options,
          rules,
        })
        return objectAnswer(object)
      }
      case 'create':
      case 'delete':
      case 'deletecollection':
      case 'list':
        throw methodNotAllowed()
    }
  }
}
