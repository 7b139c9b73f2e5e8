import { describe, expect, test } from 'vitest'
import { catalog } from '../../../api/catalog.ts'
import { builtinResources } from '../../registry/served-resource.ts'
import { bookmarkFrame } from '../../watchcache/watch-frame.ts'
import { frameEncoder } from './encode.ts'
import type { IncludeObject } from './table.ts'

const resources = builtinResources(catalog)
const form = { encoding: 'json', as: 'Table', version: 'v1', id: 'table' } as const

/** What a watch of tables is told by a bookmark. */
function toldBy(key: string, { isEnd, includeObject }: { isEnd: boolean; includeObject: IncludeObject }) {
  const resource = resources.need(key)
  const encode = frameEncoder(resource, { resource, form, includeObject, now: 0 })
  return JSON.parse(encode(bookmarkFrame(resource, 7, isEnd)).toString()) as { object: { rows: unknown[] } }
}

describe('a bookmark in a watch of tables', () => {
  test.each([...resources.all()].filter(({ verbs }) => verbs.has('watch')).map(({ key }) => key))(
    'is a table of one row: %s',
    (key) => {
      expect(toldBy(key, { isEnd: true, includeObject: 'Metadata' }).object.rows).toHaveLength(1)
    },
  )

  const empty: [key: string, cells: (string | number)[]][] = [
    ['v1/services', ['', '', '<none>', '<unknown>', '<none>', '<unknown>', '<none>']],
    ['apps/v1/deployments', ['', '0/0', 0, 0, '<unknown>', '', '', '']],
    ['batch/v1/cronjobs', ['', '', '<none>', '<unset>', 0, '<none>', '<unknown>', '', '', '<none>']],
    ['v1/pods', ['', '0/0', '', '0', '<unknown>', '<none>', '<none>', '<none>', '<none>']],
    ['rbac.authorization.k8s.io/v1/roles', ['', '0001-01-01T00:00:00Z']],
    ['v1/limitranges', ['', '0001-01-01T00:00:00Z']],
  ]
  test.each(empty)('tells of an object of %s with nothing in it', (key, cells) => {
    const { rows } = toldBy(key, { isEnd: true, includeObject: 'None' }).object
    expect(rows).toMatchObject([{ cells }])
  })

  const annotations = { 'k8s.io/initial-events-end': 'true' }
  const object = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: { resourceVersion: '7' } }
  const ended = { ...object, metadata: { ...object.metadata, annotations } }
  const cases: [what: string, isEnd: boolean, includeObject: IncludeObject, object: object | null][] = [
    ['the end of the initial events', true, 'Metadata', ended],
    ['that end even to who wants no objects', true, 'None', ended],
    ['a revision', false, 'Metadata', object],
    ['a revision without an object', false, 'None', null],
  ]
  test.each(cases)('tells %s', (_what, isEnd, includeObject, row) => {
    const { type, object: table } = { type: '', ...toldBy('v1/configmaps', { isEnd, includeObject }) }
    expect([type, table]).toMatchObject(['BOOKMARK', { metadata: { resourceVersion: '7' }, rows: [{ object: row }] }])
  })
})
