/** Questions that are asked as they stand: discovery, OpenAPI, tables of what is there. */

import { resourceFacts } from '../../src/api/generated/resources.ts'
import { type Base, nameOf, pathOf, type Request } from './corpus.ts'

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'
const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json'
const get = (path: string, accept?: string): Request => ({
  id: `GET ${path} ${accept === undefined ? '' : accept.slice(0, 40)}`,
  method: 'GET',
  path,
  ...(accept === undefined ? {} : { accept }),
})

/** Discovery in both forms, and the versions. */
export function discoveryRequests(): Request[] {
  const groups = new Set(
    Object.values(resourceFacts).map(({ group, version }) =>
      group === '' ? `/api/${version}` : `/apis/${group}/${version}`,
    ),
  )
  const parents = new Set(
    [...groups].filter((path) => path.startsWith('/apis/')).map((path) => path.replace(/\/[^/]*$/, '')),
  )
  return [
    get('/api'),
    get('/apis'),
    get('/api', AGGREGATED),
    get('/apis', AGGREGATED),
    get('/openapi/v3'),
    ...[...groups, ...parents].filter((path) => !path.includes('metrics.k8s.io')).map((path) => get(path)),
  ]
}

/** The schemas of one group. */
export function openApiRequests(): Request[] {
  return discoveryRequests()
    .filter(({ path }) => /^\/(api|apis\/[^/]+)\/v\d/.test(path))
    .map(({ path }) => get(`/openapi/v3${path}`))
}

/** Every object that was made, as a table. */
export function tableRequests(bases: readonly Base[]): Request[] {
  return bases
    .filter(({ dry, review }) => dry !== true && review !== true)
    .map((base) => get(`${pathOf(base.key, nameOf(base))}`, TABLE))
}
