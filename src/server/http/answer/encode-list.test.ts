import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { catalog } from '../../../api/catalog.ts'
import { atOnce } from '../../../base/async/steps.ts'
import { envelopeAround, protobufContentType } from '../../../wire/protobuf/envelope.ts'
import { builtinResources } from '../../registry/served-resource.ts'
import { asWritten, storedAt } from '../../registry/stored-object.ts'
import { type EncodeContext, encodePlain, protobuf, tableRequest } from './encode.ts'
import { partialOf } from './partial.ts'
import { listInSteps } from './encode-list.ts'
import type { OutputForm } from './negotiate.ts'
import { headsOf, tableOf } from './table.ts'

const resource = builtinResources(catalog).need('v1/pods')
const metadata = { resourceVersion: '9', continue: 'more' }

const pod = (at: number) => {
  const meta = {
    name: `pod-${at}`,
    namespace: 'default',
    creationTimestamp: '2026-01-02T03:04:05Z',
    labels: { a: 'b' },
  }
  const containers = [{ name: 'c', image: 'i', env: [{ name: 'A', value: '고래: "x"\n'.repeat(10) }] }]
  return storedAt({ apiVersion: 'v1', kind: 'Pod', metadata: meta, spec: { containers }, status: {} } as never, at + 1)
}
const pods = (count: number) => Array.from({ length: count }, (_, at) => pod(at))

const encodings = ['json', 'yaml', 'protobuf'] as const
const forms: readonly OutputForm[] = encodings.flatMap((encoding) => [
  { encoding, version: '', id: encoding },
  ...(encoding === 'protobuf' ? [] : [{ encoding, as: 'Table', version: 'v1', id: `${encoding} table` } as const]),
  ...['v1', 'v1beta1'].map(
    (version) =>
      ({ encoding, as: 'PartialObjectMetadataList', version, id: `${encoding} metadata ${version}` }) as const,
  ),
])
/** The first version of metadata has other numbers in protobuf than all other lists. */
const isFirst = ({ encoding, version }: OutputForm): boolean => encoding === 'protobuf' && version === 'v1beta1'

const contextOf = (form: OutputForm): EncodeContext => ({ resource, form, includeObject: 'Metadata', now: 0 })

/** The list as one object. */
function whole(items: ReturnType<typeof pods>, context: EncodeContext): object {
  const { as, encoding, version } = context.form
  const objects = items.map(({ object }) => object)
  if (as === 'Table') return tableOf(headsOf(resource), objects, tableRequest(context), metadata)
  if (as !== undefined) {
    const partial = objects.map((object) => partialOf(object, version))
    return {
      apiVersion: `meta.k8s.io/${version}`,
      kind: as,
      metadata,
      items: items.length === 0 && encoding !== 'protobuf' ? null : partial,
    }
  }
  const bare = objects.map((object) => ({ ...asWritten(object), apiVersion: undefined, kind: undefined }))
  return { apiVersion: 'v1', kind: 'PodList', metadata, items: bare }
}

/** Items are field 1, and the metadata field 2. */
function firstVersion(items: ReturnType<typeof pods>) {
  const field = (number: number, message: Uint8Array) => {
    const [low, high] = [message.length % 128, Math.floor(message.length / 128)]
    return Buffer.concat([Buffer.from([number * 8 + 2, ...(high > 0 ? [low + 128, high] : [low])]), message])
  }
  const parts = items.map(({ object }) =>
    field(1, protobuf.encodeMessage(partialOf(object, 'v1beta1'), 'meta/v1.PartialObjectMetadata')),
  )
  const message = Buffer.concat([...parts, field(2, protobuf.encodeMessage(metadata, 'meta/v1.ListMeta'))])
  const type = { apiVersion: 'meta.k8s.io/v1beta1', kind: 'PartialObjectMetadataList' }
  const [before, behind] = envelopeAround(type, message.length)
  return { contentType: protobufContentType, body: Buffer.concat([before, message, behind]) }
}

describe('a list that is written item by item', () => {
  for (const form of forms) {
    test.each([0, 1, 3])(`has the bytes of one that is written at once: ${form.id}, %d items`, (count) => {
      const context = contextOf(form)
      const items = pods(count)
      const { contentType, body } = atOnce(listInSteps({ resource, metadata, items }, context))
      const bytes = 'parts' in body ? Buffer.concat(body.parts) : body
      const expected = isFirst(form) ? firstVersion(items) : encodePlain(whole(items, context), form)
      expect(contentType).toBe(expected.contentType)
      expect(bytes.equals(expected.body)).toBe(true)
      expect(body.length).toBe(bytes.length)
    })

    test(`lets others have their turn where it is long: ${form.id}`, () => {
      const items = pods(3_000)
      let turns = 0
      for (const steps = listInSteps({ resource, metadata, items }, contextOf(form)); steps.next().done !== true;)
        turns++
      expect(turns).toBeGreaterThanOrEqual(3)
    })
  }

  test('is refused as a single object, before anything is written', () => {
    const form = { encoding: 'json', as: 'PartialObjectMetadata', version: 'v1', id: '' } as const
    expect(() => listInSteps({ resource, metadata, items: [] }, contextOf(form))).toThrow('a list (*core.PodList)')
  })
})

describe('the table of an empty list', () => {
  const cases = [
    { key: 'v1/pods', rows: [] },
    { key: 'v1/configmaps', rows: [] },
    { key: 'v1/limitranges', rows: null },
    { key: 'rbac.authorization.k8s.io/v1/roles', rows: null },
  ]
  for (const { key, rows } of cases) {
    test.each(['json', 'yaml'] as const)(`of ${key} has ${JSON.stringify(rows)} for rows: %s`, (encoding) => {
      const empty = { resource: builtinResources(catalog).need(key), metadata, items: [] }
      const { body } = atOnce(listInSteps(empty, contextOf({ encoding, as: 'Table', version: 'v1', id: '' })))
      const text = String('parts' in body ? Buffer.concat(body.parts) : body)
      expect(parse(text)).toMatchObject({ kind: 'Table', rows })
    })
  }
})
