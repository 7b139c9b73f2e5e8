/**
 * What OpenAPI tells of, piece by piece: each group and version with its resources, and each path on which discovery
 * tells of itself (https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v3).
 */
import type { DiscoveredGroup, DiscoveredResource, DiscoveredVersion } from '../groups.ts'
import { capital, groupName } from './operations.ts'

/** A document of version 3, and what it adds to the one of version 2. */
export interface DocumentPart {
  /** Below `/openapi/v3/`: `api/v1`, `apis/apps`, `version`. */
  readonly path: string
  /** Of one group and version; none where discovery alone is told of. */
  readonly resources: readonly DiscoveredResource[]
  readonly discovery: DiscoveryOperation
}

/** How discovery is asked: always by GET. */
export interface DiscoveryOperation {
  readonly path: string
  readonly id: string
  readonly tag: string
  readonly description: string
  /** The type of the answer; absent: a text. */
  readonly answer?: string
  readonly produces: readonly string[]
  /** Kubernetes says this even of requests without a body. */
  readonly consumes?: readonly string[]
}

/** The type that `/version` answers with, by its name in the documents. */
export const VERSION_TYPE = 'io.k8s.apimachinery.pkg.version.Info'

const JSON_TYPE = 'application/json'
const OBJECT_TYPES = [JSON_TYPE, 'application/yaml', 'application/vnd.kubernetes.protobuf']
const objects = { produces: OBJECT_TYPES, consumes: OBJECT_TYPES }

/** All parts, by path. */
export function documentParts(groups: readonly DiscoveredGroup[]): readonly DocumentPart[] {
  const named = groups.filter(({ group }) => group !== '')
  return [
    ...ROOTS.map((discovery) => partOf(discovery)),
    ...named.map(({ group }) => partOf(ofGroup(group))),
    ...groups.flatMap(({ versions }) => versions.map((version) => partOf(ofVersion(version), version.resources))),
  ].toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

function partOf(discovery: DiscoveryOperation, resources: readonly DiscoveredResource[] = []): DocumentPart {
  return { path: discovery.path.slice(1, -1), resources, discovery }
}

const ROOTS: readonly DiscoveryOperation[] = [
  {
    path: '/.well-known/openid-configuration/',
    id: 'getServiceAccountIssuerOpenIDConfiguration',
    tag: 'WellKnown',
    description: 'Who issues the tokens of service accounts, as OpenID Connect has it.',
    produces: [JSON_TYPE],
  },
  {
    path: '/openid/v1/jwks/',
    id: 'getServiceAccountIssuerOpenIDKeyset',
    tag: 'openid',
    description: 'The public keys that tokens of service accounts are checked with.',
    produces: ['application/jwk-set+json'],
  },
  {
    path: '/version/',
    id: 'getCodeVersion',
    tag: 'version',
    description: 'The version of this server.',
    answer: VERSION_TYPE,
    produces: [JSON_TYPE],
    consumes: [JSON_TYPE],
  },
  {
    path: '/api/',
    id: 'getCoreAPIVersions',
    tag: 'core',
    description: 'The versions of the core group.',
    answer: 'meta/v1.APIVersions',
    ...objects,
  },
  {
    path: '/apis/',
    id: 'getAPIVersions',
    tag: 'apis',
    description: 'The groups and their versions.',
    answer: 'meta/v1.APIGroupList',
    ...objects,
  },
]

function ofGroup(group: string): DiscoveryOperation {
  return {
    path: `/apis/${group}/`,
    id: `get${capital(groupName(group))}APIGroup`,
    tag: groupName(group),
    description: 'The versions of the group.',
    answer: 'meta/v1.APIGroup',
    ...objects,
  }
}

function ofVersion({ group, version }: DiscoveredVersion): DiscoveryOperation {
  return {
    path: group === '' ? `/api/${version}/` : `/apis/${group}/${version}/`,
    id: `get${capital(groupName(group))}${capital(version)}APIResources`,
    tag: `${groupName(group)}_${version}`,
    description: 'The resources of the group in this version.',
    answer: 'meta/v1.APIResourceList',
    ...objects,
  }
}
