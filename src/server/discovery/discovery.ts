/**
 * Answers every request about what the server serves: `/api`, `/apis`, their groups and versions, `/openapi`, and
 * `/version`. Documents are made when first asked for and kept as bytes.
 */
import type { Clock } from '../../base/clock.ts'
import { noRepresentation, parseAccept } from '../http/answer/negotiate.ts'
import { AGGREGATED_TYPE, AGGREGATED_VERSION, aggregatedDiscovery } from './aggregated.ts'
import { groupsOf, type DiscoveredGroup, type DiscoveredResource } from './groups.ts'
import { openApiDocuments } from './openapi/respond.ts'
import { answerOf, type DiscoveryAnswer, type DiscoveryRequest, Documents, type Document } from './document.ts'
import { issuerDocument, type IssuerFacts, issuerPaths } from './issuer.ts'
import { apiGroup, apiGroupList, apiResourceList, apiVersions } from './legacy.ts'

/** What `GET /version` answers (https://kubernetes.io/docs/reference/kubernetes-api/). */
export interface VersionInfo {
  readonly major: string
  readonly minor: string
  /** The version whose behaviour is shown, and the oldest that it gets on with. */
  readonly emulationMajor?: string
  readonly emulationMinor?: string
  readonly minCompatibilityMajor?: string
  readonly minCompatibilityMinor?: string
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
  readonly clock: Pick<Clock, 'now'>
}

/** Everything there is to say of one set of resources. Make a new one when the set changes. */
export interface Discovery {
  /** `undefined` when the path is none of discovery's. */
  respond(request: DiscoveryRequest): Promise<DiscoveryAnswer | undefined>
  /** Every path that it answers, but the documents of OpenAPI. */
  readonly paths: readonly string[]
}

/** Discovery over these resources, in this order. */
export function createDiscovery(resources: Iterable<DiscoveredResource>, options: DiscoveryOptions): Discovery {
  const groups = groupsOf(resources)
  const documents = new Documents()
  const { version, clock } = options
  const openApi = openApiDocuments(groups, { version: `${version.major}.${version.minor}`, clock })

  const find = ({ path: given, accept }: DiscoveryRequest): Document | undefined => {
    const path = given.length > 1 && given.endsWith('/') ? given.slice(0, -1) : given
    const object = (name: string, make: () => object) => documents.object(name, accept, make)
    if (path === '/version') return versionDocument(documents, version, accept)
    const parts = path.split('/').slice(1)
    if (parts[0] !== 'api' && parts[0] !== 'apis') {
      return issuerDocument(path, options.issuer, options.serverAddress, documents)
    }
    const isCore = parts[0] === 'api'
    if (parts.length === 1) {
      if (!wantsAggregated(accept)) {
        // Before these there is no router that knows exact types alone.
        const any = accept?.replaceAll('application/*', 'application/json')
        return documents.object(path, any, () => (isCore ? apiVersions(options.serverAddress) : apiGroupList(groups)))
      }
      const own = groups.filter(({ group }) => (group === '') === isCore)
      const head = { contentType: AGGREGATED_TYPE, headers: AGGREGATED_HEADERS, tag: 'body' } as const
      return documents.json(`${path} aggregated`, head, () => aggregatedDiscovery(own))
    }
    return ofGroup(groups, parts, object)
  }

  return {
    paths: [...ROOT_PATHS, ...issuerPaths, ...groups.flatMap(groupPaths)],
    async respond(request) {
      if (request.path.startsWith('/openapi/')) return openApi(request)
      const found = find(request)
      return found === undefined ? undefined : answerOf(found, request)
    },
  }
}

const ROOT_PATHS = ['/api', '/apis', '/apis/', '/openapi/v2', '/openapi/v3', '/openapi/v3/', '/version']
const AGGREGATED_HEADERS = { 'cache-control': 'public', vary: 'Accept' }

function groupPaths({ group, versions }: DiscoveredGroup): string[] {
  if (group === '') return versions.map(({ version }) => `/api/${version}`)
  return [`/apis/${group}`, ...versions.map(({ groupVersion }) => `/apis/${groupVersion}`)]
}

function versionDocument(documents: Documents, version: VersionInfo, accept: string | undefined): Document {
  if (!takesJson(accept)) throw noRepresentation(['application/json'])
  const head = { contentType: 'application/json', headers: {} }
  return documents.bytes('/version', head, () => Buffer.from(JSON.stringify(version, null, 2)))
}

/** Whether JSON is among what the client accepts, wherever it stands: one that prefers protobuf takes it, too. */
function takesJson(accept: string | undefined): boolean {
  return !accept || parseAccept(accept).some(({ type }) => type === 'application/json' || type === '*/*')
}

function ofGroup(
  groups: readonly DiscoveredGroup[],
  [root, ...names]: readonly string[],
  object: (path: string, make: () => object) => Document,
): Document | undefined {
  const [groupName, versionName] = root === 'api' ? ['', ...names] : names
  if (names.length > (root === 'api' ? 1 : 2)) return undefined
  const group = groups.find((candidate) => candidate.group === groupName)
  if (group === undefined || (root === 'apis' && groupName === '')) return undefined
  if (versionName === undefined) return object(`/apis/${groupName}`, () => apiGroup(group))
  const version = group.versions.find((candidate) => candidate.version === versionName)
  return version === undefined ? undefined : object(version.groupVersion, () => apiResourceList(version))
}

/** Whether the client asks for aggregated discovery before anything else it accepts. */
function wantsAggregated(accept: string | undefined): boolean {
  for (const { type, parameters } of parseAccept(accept ?? '')) {
    if (type !== 'application/json' && type !== 'application/*' && type !== '*/*') continue
    if (parameters.get('as') === undefined) return false
    if (parameters.get('g') !== 'apidiscovery.k8s.io' || parameters.get('as') !== 'APIGroupDiscoveryList') continue
    if (parameters.get('v') === AGGREGATED_VERSION) return true
  }
  return false
}
