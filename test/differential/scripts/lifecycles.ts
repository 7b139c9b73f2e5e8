/**
 * The life of an object of every kind, as upstream's conformance tests of the API live it: create, list by labels here and
 * everywhere, patch, update, status, watch from where it began, delete, delete the rest as a collection.
 */

import { definitionOf } from '../../../src/api/catalog.ts'
import { resourceFacts } from '../../../src/api/generated/resources.ts'
import type { Base } from '../corpus.ts'
import { nameOf, pathOf } from '../corpus.ts'
import { allBases } from '../objects/all.ts'
import { apply, get, METADATA, patch, post, put, remove, script, type Step, strategic, TABLE, watch } from './script.ts'

type Json = Readonly<Record<string, unknown>>

/** What such an object does to the rest of the cluster would be seen by all, or its name says what it is. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'v1/namespaces',
  'v1/bindings',
  'apiregistration.k8s.io/v1/apiservices',
  'networking.k8s.io/v1/servicecidrs',
  // Kubernetes writes its status meanwhile.
  'flowcontrol.apiserver.k8s.io/v1/flowschemas',
  'networking.k8s.io/v1/ipaddresses',
  'admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
  'admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
  'admissionregistration.k8s.io/v1/validatingadmissionpolicybindings',
  'admissionregistration.k8s.io/v1/mutatingadmissionpolicybindings',
])

const bases = [...new Map(allBases.toReversed().map((base) => [base.key, base])).values()]
  .toReversed()
  .filter(({ key, review }) => review !== true && !LEFT_OUT.has(key))

/** Kinds whose names stand in the cluster are told apart by the namespace of the script. */
const own = (base: Base, name: string) => (resourceFacts[base.key]!.namespaced ? name : `${name}.$NS`)
const path = (base: Base, name?: string) => pathOf(base.key, name).replace('/namespaces/default/', '/namespaces/$NS/')

function objectOf(base: Base, name: string, labels: Json, more: Json = {}): Json {
  const { namespace: _, ...metadata } = base.object['metadata'] as Json
  const all = { ...(metadata['labels'] as object), ...labels, e2e: '$NS' }
  const object = JSON.parse(
    JSON.stringify(base.object).replaceAll('"namespace":"default"', '"namespace":"$NS"'),
  ) as Json
  return { ...object, metadata: { ...metadata, name: own(base, name), labels: all, ...more } }
}

const hasStatus = (base: Base) => resourceFacts[base.key]!.subresources.some(({ name }) => name === 'status')
const selected = (path: string) => `${path}?labelSelector=e2e%3D$NS`

/** Everywhere: the path without its namespace. */
const everywhere = (base: Base) => path(base).replace('/namespaces/$NS', '')

function life(base: Base): Step[] {
  const [all, name] = [path(base), nameOf(base)!]
  const one = path(base, own(base, name))
  const two = path(base, own(base, `${name}2`))
  const status = `${one}/status`
  const mustSay = definitionOf(base.key).allowUnconditionalUpdate === false
  const said = mustSay ? { resourceVersion: '$V' } : {}
  const save = { V: 'metadata.resourceVersion' }
  return [
    get(selected(all), { save: { FROM: 'metadata.resourceVersion' } }),
    post(`${all}?fieldManager=e2e`, objectOf(base, name, { n: '1' })),
    post(`${all}?fieldManager=e2e`, objectOf(base, name, { n: '1' })),
    get(one, { save }),
    get(one, { accept: METADATA }),
    get(selected(all)),
    get(selected(everywhere(base))),
    get(`${selected(everywhere(base))}&limit=1`, { accept: METADATA }),
    patch(`${one}?fieldManager=e2e`, { metadata: { annotations: { patched: 'true' } } }),
    strategic(`${one}?fieldManager=e2e`, { metadata: { labels: { n: '2' }, finalizers: ['e2e.io/f'] } }),
    patch(`${one}?fieldManager=e2e`, { metadata: { resourceVersion: '1', labels: { n: '3' } } }, { unread: true }),
    get(one, { save }),
    put(`${one}?fieldManager=e2e2`, objectOf(base, name, { n: '4' }, { ...said, annotations: { updated: 'true' } })),
    put(`${one}?fieldManager=e2e2`, objectOf(base, name, { n: '5' }, { resourceVersion: '$V' }), { unread: true }),
    get(one, { save: { ...save, UID: 'metadata.uid' } }),
    put(
      `${one}?fieldManager=e2e2`,
      objectOf(base, name, { n: '6' }, { resourceVersion: '$V', uid: '$UID', finalizers: ['e2e.io/f'] }),
    ),
    apply(`${one}?fieldManager=applier`, {
      apiVersion: base.object['apiVersion'],
      kind: base.object['kind'],
      metadata: { name: own(base, name), labels: { applied: 'yes' } },
    }),
    ...(hasStatus(base)
      ? [
          get(status),
          patch(`${status}?fieldManager=e2e`, { metadata: { annotations: { patchedstatus: 'true' } }, status: {} }),
          put(`${status}?fieldManager=e2e`, objectOf(base, name, { n: '7' }, said), { unread: mustSay }),
          get(status, { accept: TABLE }),
        ]
      : []),
    apply(`${two}?fieldManager=applier`, objectOf(base, `${name}2`, { n: '2' })),
    get(`${selected(all)}%2Cn%21%3D2`),
    get(selected(all), { accept: TABLE }),
    remove(`${one}?gracePeriodSeconds=0`, { body: { preconditions: { uid: 'other' } } }),
    remove(`${one}?gracePeriodSeconds=0`, { body: { preconditions: { uid: '$UID' } } }),
    get(one),
    patch(`${one}?fieldManager=e2e`, { metadata: { finalizers: null } }),
    get(one),
    remove(`${selected(all)}&gracePeriodSeconds=0`),
    get(selected(all)),
    watch(`${selected(all)}&resourceVersion=$FROM`),
  ]
}

export const lifecycleScripts = bases.map((base) => script(`lifecycles/${base.key}`, ...life(base)))
