/** What requests and answers carry, as the audit log shows it: always JSON, whatever they came or went as. */

import type { KubeObject, Status } from '../../meta/types.ts'
import { toJson } from '../../wire/json/stringify.ts'
import type { BodyType } from '../codec.ts'
import type { RequestContext } from '../core.ts'
import { encodeAnswer } from '../http/answer/encode-answer.ts'
import type { EncodeContext } from '../http/answer/encode.ts'
import { asWritten } from '../registry/stored-object.ts'
import type { Answer } from '../verbs/answer.ts'
import type { ApiRequest } from '../verbs/perform.ts'
import { readBody } from '../verbs/read-body.ts'
import type { RequestAudit } from './audit.ts'

/** Records what a request sends. What cannot be read as the object it should be is not recorded. */
export function recordRequest(audit: RequestAudit, context: RequestContext, request: ApiRequest, now: number): void {
  switch (request.verb) {
    case 'get':
    case 'list':
      return
    case 'create':
    case 'update': {
      const object = sentObject(context, request, now)
      if (object === undefined) return
      const { name, namespace, uid, resourceVersion } = object.metadata
      audit.sends({ name, namespace, uid, resourceVersion }, () => shown(audit, object))
      return
    }
    case 'patch':
      audit.sends({}, () => toJson(request.body.value))
      return
    case 'delete':
    case 'deletecollection': {
      const { kind: _, apiVersion: __, ...options } = request.options
      if (request.hasBody !== true) return
      audit.sends({}, () => toJson({ kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/__internal', ...options }))
    }
  }
}

/** The object in a body, with its defaults. */
function sentObject(
  context: RequestContext,
  { body, options }: Extract<ApiRequest, { verb: 'create' | 'update' }>,
  now: number,
): KubeObject | undefined {
  try {
    const quiet = { ...context, warn: () => {} }
    const object = readBody(quiet, body, { ...options, fieldValidation: 'Ignore' }, sentType(context))
    if (context.subresource === '' || context.subresource === 'status')
      context.resource.meaning.setDefaults?.(object, now)
    return object
  } catch {
    return undefined // the verb will say why
  }
}

/** What the body of a request is: the resource itself, or what its subresource takes. */
function sentType({ resource, subresource }: RequestContext): BodyType {
  const { group, version, kind, type } = resource.subresources.get(subresource) ?? {
    ...resource,
    type: resource.facts.type,
  }
  return { apiVersion: group === '' ? version : `${group}/${version}`, kind, type }
}

function shown(audit: RequestAudit, object: KubeObject): string {
  return toJson(asWritten(audit.omitsManagedFields ? withoutOwners(object) : object))
}

const withoutOwners = <T extends Pick<KubeObject, 'metadata'>>(object: T): T => {
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata }
}

/** Records what a request is answered with. */
export function recordAnswer(audit: RequestAudit, answer: Answer, context: EncodeContext): void {
  if (answer.form === 'plain' && 'kind' in answer.object && answer.object.kind === 'Status') {
    audit.answersStatus(answer.object as Status)
    return
  }
  audit.answers(() => {
    const { body } = encodeAnswer(answer, { ...context, form: { ...context.form, encoding: 'json', id: '' } })
    const text = ('parts' in body ? Buffer.concat(body.parts, body.length) : body).toString('utf8').trimEnd()
    return audit.omitsManagedFields && text.includes('"managedFields"') ? toJson(stripped(JSON.parse(text))) : text
  })
}

type Shown = Partial<KubeObject> & { readonly items?: readonly Shown[]; readonly rows?: readonly { object?: Shown }[] }

/** The same without the owners of fields: of an object, of a list's items, of the objects in a table. */
function stripped(value: Shown): Shown {
  const { metadata, items, rows } = value
  return {
    ...value,
    ...(metadata === undefined ? {} : withoutOwners({ metadata })),
    ...(items === undefined ? {} : { items: items.map(stripped) }),
    ...(rows === undefined
      ? {}
      : { rows: rows.map((row) => (row.object === undefined ? row : { ...row, object: stripped(row.object) })) }),
  }
}
