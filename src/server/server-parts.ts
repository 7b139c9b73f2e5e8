/** What an API server is made of, each part built on those before it. */

import type { Secret } from '../api/generated/core-v1.ts'
import type { ResourceDefinition } from '../api/resource.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import { createSigningKey } from '../base/tls/certificates.ts'
import { type Client, createClient } from '../client/client.ts'
import type { Transport } from '../client/transport.ts'
import { MASTERS_GROUP, type UserInfo, userOf } from '../client/user.ts'
import type { DeepReadonly } from '../meta/deep-readonly.ts'
import { measuredStorage, StorageMetrics } from '../storage/measured-storage.ts'
import type { Storage } from '../storage/storage.ts'
import { AdmissionMetrics } from './admission/admission-metrics.ts'
import { admissionChain, type AdmissionChain } from './admission/admission.ts'
import { builtinAdmission } from './admission/plugins.ts'
import { Auditor } from './audit/audit.ts'
import { noteUse } from './authn/legacy-tracking.ts'
import { TokenMetrics } from './authn/token-metrics.ts'
import { createTokens, type TokenIssuer, type TokenOptions, type TokenSources } from './authn/tokens.ts'
import { ClusterAuthorizer } from './authz/cluster-authorizer.ts'
import { NodeAuthorizer } from './authz/node-authorizer.ts'
import { NodeGraph } from './authz/node-graph.ts'
import { RbacAuthorizer } from './authz/rbac.ts'
import { nodeRole } from './bootstrap/node-role.ts'
import { kubeletStats } from './connect/kubelet-stats.ts'
import type { ApiCore } from './core.ts'
import { directTransport } from './direct-transport.ts'
import { RequestMetrics } from './http/metrics/request-metrics.ts'
import { type ApiServerOptions, DEFAULT_ISSUER, defaultOptions } from './options.ts'
import { storageHooks } from './registry/hooks.ts'
import { builtinResources, type ResourceTable } from './registry/served-resource.ts'
import { subresourceHandlers } from './subresources/handlers.ts'
import { LostRaces } from './verbs/lost-races.ts'
import type { Performer } from './verbs/perform.ts'
import type { WatchCache } from './watchcache/watch-cache.ts'
import { WatchCaches } from './watchcache/watch-caches.ts'

export interface ApiServerDeps {
  readonly storage: Storage
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** What the kinds mean. */
  readonly catalog: readonly ResourceDefinition[]
  readonly options?: Partial<ApiServerOptions>
}

/** Who the server itself is. */
const SELF = userOf('system:apiserver', [MASTERS_GROUP])
/** Under which name it owns what it writes. */
const AGENT = 'kube-apiserver'

/** What the parts count, for /metrics. */
export interface ServerMetrics {
  readonly requests: RequestMetrics
  readonly storage: StorageMetrics
  readonly admission: AdmissionMetrics
  readonly tokens: TokenMetrics
}

export interface ServerParts {
  readonly options: ApiServerOptions
  readonly metrics: ServerMetrics
  readonly core: ApiCore
  readonly authorizer: ClusterAuthorizer
  readonly tokens: TokenIssuer
  readonly performer: Performer
  readonly audit: Auditor | undefined
  /** What is known of all objects of a resource, by its key. */
  readonly cacheOf: (key: string) => WatchCache
  /** The server as `user` sees it, without a network in between. */
  readonly transportFor: (user: UserInfo, userAgent?: string) => Transport
  /** A client of the server itself, which may do everything. */
  readonly ownClient: (userAgent?: string) => Client
}

/** Reads a storage and builds what answers requests about it. Nothing is written yet. */
export async function createParts(deps: ApiServerDeps): Promise<ServerParts> {
  const { clock, random } = deps
  const metrics: ServerMetrics = {
    requests: new RequestMetrics(),
    storage: new StorageMetrics(),
    admission: new AdmissionMetrics(),
    tokens: new TokenMetrics(),
  }
  const options: ApiServerOptions = { ...defaultOptions, ...deps.options }
  const storage = measuredStorage(deps.storage, metrics.storage, clock)
  const resources = builtinResources(deps.catalog)
  const caches = new WatchCaches(storage, resources)
  await caches.fill()
  const cacheOf = (key: string) => caches.of(resources.need(key))
  const roles = createRoles(cacheOf)
  const authorizer = createAuthorizer(cacheOf, roles)
  const admission = createAdmission(deps, { cacheOf, resources, authorizer, roles, metrics: metrics.admission })
  const hooks = storageHooks({ cacheOf, options, clock, random })
  const core: ApiCore = {
    storage,
    caches,
    resources,
    admission,
    hooks,
    races: new LostRaces(),
    clock,
    random,
    log: deps.log,
  }
  const ownClient = (userAgent = AGENT) => createClient(transportFor(SELF, userAgent))
  const used = (secret: DeepReadonly<Secret>) => noteUse({ client: ownClient(), clock, log: deps.log }, secret)
  const tokens = createTokenIssuer(deps, { cacheOf, used, options: options.tokens, metrics: metrics.tokens })
  const stats = options.nodeStats ?? kubeletStats(() => core, options.kubelets)
  const subresources = subresourceHandlers({ authorizer, tokens, metrics: { stats, clock } })
  const performer: Performer = { core, subresources }
  const audit = options.audit === undefined ? undefined : new Auditor(options.audit, clock)
  const transportFor = (user: UserInfo, userAgent?: string) =>
    directTransport({ ...performer, authorizer, audit }, user, userAgent)
  return { options, metrics, core, authorizer, tokens, performer, audit, cacheOf, transportFor, ownClient }
}

type CacheOf = ServerParts['cacheOf']

function createRoles(cacheOf: CacheOf): RbacAuthorizer {
  return new RbacAuthorizer({
    roles: cacheOf('rbac.authorization.k8s.io/v1/roles'),
    roleBindings: cacheOf('rbac.authorization.k8s.io/v1/rolebindings'),
    clusterRoles: cacheOf('rbac.authorization.k8s.io/v1/clusterroles'),
    clusterRoleBindings: cacheOf('rbac.authorization.k8s.io/v1/clusterrolebindings'),
  })
}

/** Judges nodes by what runs on them, and everybody by roles. */
function createAuthorizer(cacheOf: CacheOf, roles: RbacAuthorizer): ClusterAuthorizer {
  const graph = new NodeGraph({
    pods: cacheOf('v1/pods'),
    volumes: cacheOf('v1/persistentvolumes'),
    attachments: cacheOf('storage.k8s.io/v1/volumeattachments'),
    slices: cacheOf('resource.k8s.io/v1/resourceslices'),
  })
  return new ClusterAuthorizer(new NodeAuthorizer(graph, nodeRole().rules ?? []), roles)
}

interface AdmissionParts {
  readonly cacheOf: CacheOf
  readonly resources: ResourceTable
  readonly authorizer: ClusterAuthorizer
  readonly roles: RbacAuthorizer
  readonly metrics: AdmissionMetrics
}

function createAdmission({ clock, random }: ApiServerDeps, parts: AdmissionParts): AdmissionChain {
  const { metrics } = parts
  const plugins = builtinAdmission({ ...parts, clock, random, metrics: metrics.policies })
  return admissionChain(plugins, metrics.watch(clock))
}

interface TokenParts {
  readonly cacheOf: CacheOf
  readonly used: NonNullable<TokenSources['used']>
  /** Absent: a key of this process's own. */
  readonly options: TokenOptions | undefined
  readonly metrics: TokenMetrics
}

function createTokenIssuer(
  { clock, random }: ApiServerDeps,
  { cacheOf, used, options, metrics }: TokenParts,
): TokenIssuer {
  const own = () => ({ signingKey: createSigningKey().key, issuer: DEFAULT_ISSUER, audiences: [DEFAULT_ISSUER] })
  const sources = {
    serviceAccounts: cacheOf('v1/serviceaccounts'),
    pods: cacheOf('v1/pods'),
    nodes: cacheOf('v1/nodes'),
    secrets: cacheOf('v1/secrets'),
    used,
  }
  return createTokens(options ?? own(), sources, { clock, random, metrics })
}
