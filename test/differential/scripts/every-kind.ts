/** The same few requests for an object of every kind: created by an update, in protobuf, by an apply, each only tried out. */

import { allBases } from '../objects/all.ts'
import type { Base } from '../corpus.ts'
import { nameOf, pathOf } from '../corpus.ts'
import { apply, post, put, remove, script, type Step } from './script.ts'

const PROTOBUF = 'application/vnd.kubernetes.protobuf'
const path = (base: Base, name?: string) => pathOf(base.key, name).replace('/namespaces/default/', '/namespaces/$NS/')
const another = (base: Base, name: string) => {
  const { namespace, ...metadata } = base.object['metadata'] as Readonly<Record<string, unknown>>
  return { ...base.object, metadata: { ...metadata, ...(namespace === undefined ? {} : { namespace: '$NS' }), name } }
}

/** One base of each resource. */
const bases = [...new Map(allBases.toReversed().map((base) => [base.key, base])).values()].toReversed()
const stored = bases.filter(({ review }) => review !== true)

const named = (base: Base): Step[] => {
  const name = `new-${nameOf(base)}`
  const one = path(base, name)
  const object = another(base, name)
  return [
    put(`${one}?dryRun=All`, object),
    put(`${one}?dryRun=All`, { ...object, metadata: { ...object.metadata, resourceVersion: '5' } }),
    put(`${one}?dryRun=All`, { ...object, metadata: { ...object.metadata, uid: 'x' } }),
    put(`${one}/status?dryRun=All`, object),
    apply(`${one}?dryRun=All&fieldManager=one`, object),
    apply(`${one}/status?dryRun=All&fieldManager=one`, object),
    remove(`${one}?dryRun=All`),
    post(`${path(base)}?dryRun=All`, object, { isProtobuf: true }),
    post(`${path(base)}?dryRun=All`, object, { accept: PROTOBUF }),
    put(`${one}?dryRun=All`, object, { isProtobuf: true, accept: PROTOBUF }),
    post(`${path(base)}?dryRun=All&fieldValidation=Strict`, { ...object, bogus: 1 }),
    post(
      `${path(base)}?dryRun=All`,
      { ...object, metadata: { ...object.metadata, name: '', generateName: 'g-' } },
      {
        unread: true,
      },
    ),
  ]
}

export const everyKindScripts = stored.map((base) => script(`every kind/${base.key}`, ...named(base)))
