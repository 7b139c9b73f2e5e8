/** Statuses, scales and the other parts of every kind as tables and as metadata alone, and the tables of empty lists. */

import { allBases } from '../objects/all.ts'
import { type Base, nameOf, pathOf } from '../corpus.ts'
import { get, patch, post, put, remove, script, type Step, watch } from './script.ts'

const form = (as: string, v = 'v1') => `application/json;as=${as};v=${v};g=meta.k8s.io`
const FORMS = [
  form('Table'),
  form('Table', 'v1beta1'),
  form('PartialObjectMetadata'),
  form('PartialObjectMetadata', 'v1beta1'),
  form('PartialObjectMetadataList'),
]

const path = (base: Base, name?: string) => pathOf(base.key, name).replace('/namespaces/default/', '/namespaces/$NS/')
const inNamespace = (base: Base) => {
  const metadata = base.object['metadata'] as Readonly<Record<string, unknown>>
  return { ...base.object, metadata: { ...metadata, ...('namespace' in metadata ? { namespace: '$NS' } : {}) } }
}

/** Parts that some kinds have besides a status and a scale. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  'v1/pods': ['ephemeralcontainers', 'resize'],
  'v1/namespaces': ['finalize'],
  'certificates.k8s.io/v1/certificatesigningrequests': ['approval'],
}

const partsOf = ({ key }: Base) => ['status', 'scale', ...(PARTS[key] ?? [])]

const asked = (base: Base): Step[] => {
  const one = path(base, nameOf(base))
  return FORMS.flatMap((accept) => [
    ...['', ...partsOf(base).map((part) => `/${part}`)].flatMap((part) => [
      get(`${one}${part}`, { accept }),
      patch(`${one}${part}?dryRun=All`, { metadata: { annotations: { a: 'b' } } }, { accept }),
      put(`${one}${part}?dryRun=All`, inNamespace(base), { accept }),
    ]),
    get(`${path(base)}?fieldSelector=metadata.name%3Dnone`, { accept }),
    post(`${path(base)}?dryRun=All`, inNamespace(base), { accept }),
    remove(`${one}?dryRun=All`, { accept }),
    remove(`${path(base)}?dryRun=All&fieldSelector=metadata.name%3D${nameOf(base)}`, { accept }),
  ])
}

const followed = (base: Base): Step[] =>
  FORMS.slice(0, 4).map((accept) =>
    watch(`${path(base)}?resourceVersion=0&fieldSelector=metadata.name%3D${nameOf(base)}`, { accept }),
  )

/** Nothing of it is left for the next run. */
const gone = (base: Base): Step[] => {
  const one = path(base, nameOf(base))
  const isNamespace = base.key === 'v1/namespaces'
  return [
    patch(one, { metadata: { finalizers: null } }),
    remove(one),
    patch(one, { metadata: { finalizers: null } }),
    ...(isNamespace ? [put(`${one}/finalize`, { ...inNamespace(base), spec: { finalizers: [] } })] : []),
  ]
}

/** One base of each resource. */
const bases = [...new Map(allBases.toReversed().map((base) => [base.key, base])).values()].toReversed()

export const partTableScripts = bases
  .filter(({ review }) => review !== true)
  .map((base) =>
    script(
      `part tables/${base.key}`,
      post(base.dry === true ? `${path(base)}?dryRun=All` : path(base), inNamespace(base)),
      ...asked(base),
      ...followed(base),
      ...(base.dry === true ? [] : gone(base)),
    ),
  )
