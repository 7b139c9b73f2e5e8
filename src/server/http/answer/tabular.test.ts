import { expect, test } from 'vitest'
import { catalog } from '../../../api/catalog.ts'
import { builtinResources } from '../../registry/served-resource.ts'
import { headsOf, rowOf, tableHead, type TableRequest } from './table.ts'
import { isTabular } from './tabular.ts'

const resources = builtinResources(catalog)

test.each<[key: string, part: string, isTold: boolean]>([
  ['v1/pods', '', true],
  ['v1/pods', 'status', true],
  ['v1/pods', 'resize', false],
  ['apps/v1/deployments', 'scale', true],
  ['resource.k8s.io/v1/resourceclaims', '', true],
  ['resource.k8s.io/v1/resourceclaims', 'status', false],
  ['apiregistration.k8s.io/v1/apiservices', '', true],
  ['apiregistration.k8s.io/v1/apiservices', 'status', false],
  ['authentication.k8s.io/v1/tokenreviews', '', false],
])('of %s/%s there is a table: %s', (key, part, isTold) => {
  expect(isTabular(resources.need(key), part)).toBe(isTold)
})

test('an address has an age, of which no column tells', () => {
  const heads = headsOf(resources.need('networking.k8s.io/v1/ipaddresses'))
  const request: TableRequest = { version: 'v1', includeObject: 'None', now: Date.parse('2026-01-01T00:00:05Z') }
  const { columnDefinitions } = tableHead(heads, request, {})
  expect(columnDefinitions?.map(({ name }) => name)).toEqual(['Name', 'ParentRef'])
  const object = {
    metadata: { name: '10.0.0.1', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { parentRef: { resource: 'services', name: 's' } },
  }
  expect(rowOf(heads, object as never, request)).toMatchObject({ cells: ['10.0.0.1', 'services/s', '5s'] })
})
