/**
 * Answers every request about what the server serves: `/api`, `/apis`, their groups and versions, `/openapi`, and
 * `/version`. Documents are made when first asked for and kept as bytes.
 */
import { aggregatedContentType, aggregatedDiscovery, aggregatedVersions, type AggregatedVersion } from './aggregated.ts'
import { groupsOf, type DiscoveredGroup, type DiscoveredResource } from './groups.ts'
import { openApiDocuments } from './openapi/respond.ts'
import { Documents, type Document } from './document.ts'
import { issuerDocument, type IssuerFacts } from './issuer.ts'
import { apiGroup, apiGroupList, apiResourceList, apiVersions } from './legacy.ts'

/** What `GET /version` answers (https://kubernetes.io/docs/reference/kubernetes-api/). */
export interface VersionInfo {
  readonly major: string
  readonly minor: string
  readonly gitVersion: string
  readonly gitCommit: string
  readonly gitTreeState: string
  readonly buildDate: string
  readonly goVersion: string
  readonly compiler: string
  readonly platform: string
}

export interface DiscoveryOptions {
  readonly version: VersionInfo
  /** `host:port` as clients reach the server. */
  readonly serverAddress: string
  readonly issuer: IssuerFacts
}

/** What a request asks: its path without the query, and two of its headers. */
export interface DiscoveryRequest {
  readonly path: string
  readonly accept?: string | undefined
  readonly ifNoneMatch?: string | undefined
}

/** An answer to send as it is. `body` is shared: never change it. */
export interface DiscoveryAnswer {
  readonly status: 200 | 304
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** Everything there is to say of one set of resources. Make a new one when the set changes. */
export interface Discovery {
  /** `undefined` when the path is none of discovery's. */
  respond(request: DiscoveryRequest): Promise<DiscoveryAnswer | undefined>
}

/** Discovery over these resources, in this order. */
export function createDiscovery(resources: Iterable<DiscoveredResource>, options: DiscoveryOptions): Discovery {
  const groups = groupsOf(resources)
  const documents = new Documents()
  const openApi = openApiDocuments(groups, options.version.gitVersion)
  const json = (path: string, make: () => object) => documents.json(path, 'application/json', make)

  const find = ({ path: given, accept }: DiscoveryRequest): Document | undefined => {
    const path = given.length > 1 && given.endsWith('/') ? given.slice(0, -1) : given
    if (path === '/version') return json(path, () => options.version)
    const parts = path.split('/').slice(1)
    if (parts[0] !== 'api' && parts[0] !== 'apis') {
      return issuerDocument(path, options.issuer, options.serverAddress, documents)
    }
    const isCore = parts[0] === 'api'
    if (parts.length === 1) {
      const version = aggregatedVersion(accept)
      if (version === undefined) {
        return json(path, () => (isCore ? apiVersions(options.serverAddress) : apiGroupList(groups)))
      }
      const own = groups.filter(({ group }) => (group === '') === isCore)
      return documents.json(`${path} ${version}`, aggregatedContentType(version), () =>
        aggregatedDiscovery(own, version),
      )
    }
    return ofGroup(groups, parts, json)
  }

  return {
    async respond(request) {
      const found = request.path.startsWith('/openapi/') ? await openApi(request) : find(request)
      return found === undefined ? undefined : answer(found, request.ifNoneMatch)
    },
  }
}

function ofGroup(
  groups: readonly DiscoveredGroup[],
  [root, ...names]: readonly string[],
  json: (path: string, make: () => object) => Document,
): Document | undefined {
  const [groupName, versionName] = root === 'api' ? ['', ...names] : names
  if (names.length > (root === 'api' ? 1 : 2)) return undefined
  const group = groups.find((candidate) => candidate.group === groupName)
  if (group === undefined || (root === 'apis' && groupName === '')) return undefined
  if (versionName === undefined) return json(`/apis/${groupName}`, () => apiGroup(group))
  const version = group.versions.find((candidate) => candidate.version === versionName)
  return version === undefined ? undefined : json(version.groupVersion, () => apiResourceList(version))
}

function answer({ contentType, body, etag }: Document, ifNoneMatch: string | undefined): DiscoveryAnswer {
  const headers = { 'content-type': contentType, etag, vary: 'Accept', 'cache-control': 'public' }
  if (ifNoneMatch === etag) return { status: 304, headers, body: Buffer.alloc(0) }
  return { status: 200, headers, body }
}

/** The version of aggregated discovery that the client asks for before anything else it accepts. */
function aggregatedVersion(accept: string | undefined): AggregatedVersion | undefined {
  for (const range of (accept ?? '').split(',')) {
    const [type, ...parameters] = range.split(';').map((part) => part.trim())
    if (type !== 'application/json' && type !== 'application/*' && type !== '*/*') continue
    const values = new Map(parameters.map((parameter) => parameter.split('=', 2) as [string, string]))
    if (values.get('as') === undefined) return undefined
    if (values.get('g') !== 'apidiscovery.k8s.io' || values.get('as') !== 'APIGroupDiscoveryList') continue
    const version = aggregatedVersions.find((candidate) => candidate === values.get('v'))
    if (version !== undefined) return version
  }
  return undefined
}
