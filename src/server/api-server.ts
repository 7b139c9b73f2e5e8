/**
 * The API server: one set of rules in front of one storage, reached in the process or over HTTPS
 * (https://kubernetes.io/docs/concepts/overview/kubernetes-api/).
 */

import type { ResourceDefinition } from '../api/resource.ts'
import { aborted, withGroup } from '../base/async/group.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import { processFamilies } from '../base/metrics/process.ts'
import { withRegistered } from '../base/metrics/stability.ts'
import { createSigningKey } from '../base/tls/certificates.ts'
import { createClient } from '../client/client.ts'
import type { Transport } from '../client/transport.ts'
import { MASTERS_GROUP, type UserInfo, userOf } from '../client/user.ts'
import { measuredStorage, sizeFamilies, StorageMetrics } from '../storage/measured-storage.ts'
import type { Storage } from '../storage/storage.ts'
import { admissionChain } from './admission/admission.ts'
import { AdmissionMetrics, measuredAdmission } from './admission/admission-metrics.ts'
import { builtinAdmission } from './admission/plugins.ts'
import { Auditor, noRecords } from './audit/audit.ts'
import { createAuthenticator } from './authn/authenticator.ts'
import { keepTracking, noteUse } from './authn/legacy-tracking.ts'
import type { SecretTokenSubject } from './authn/secret-tokens.ts'
import { TokenMetrics } from './authn/token-metrics.ts'
import { createTokens } from './authn/tokens.ts'
import { ClusterAuthorizer } from './authz/cluster-authorizer.ts'
import { NodeAuthorizer } from './authz/node-authorizer.ts'
import { NodeGraph } from './authz/node-graph.ts'
import { RbacAuthorizer } from './authz/rbac.ts'
import { bootstrap, bootstrapControllers } from './bootstrap/bootstrap.ts'
import { nodeRole } from './bootstrap/node-role.ts'
import { kubeletStats } from './connect/kubelet-stats.ts'
import { connectHandlers } from './connect/handlers.ts'
import { upgradeHandler } from './connect/upgrades.ts'
import type { ApiCore } from './core.ts'
import { type Component, componentHandlers } from './component-server.ts'
import { directTransport } from './direct-transport.ts'
import { createDiscovery } from './discovery/discovery.ts'
import { expireEvents } from './event-expiry.ts'
import { FlowConfiguration, PRODUCER } from './flowcontrol/configuration.ts'
import { dumpAt } from './flowcontrol/dump.ts'
import { FlowControl } from './flowcontrol/flow-control.ts'
import { statsIn } from './flowcontrol/work-estimate.ts'
import { serverChecks } from './health.ts'
import { Impersonation } from './authn/impersonation.ts'
import { createHandler, type HandlerDeps } from './http/handler.ts'
import { defaultLimits, seatsOf } from './http/limits.ts'
import { momentFamilies } from './http/metrics.ts'
import { RequestMetrics } from './http/request-metrics.ts'
import { pathHandler } from './http/paths.ts'
import { listen, type Listening, type ListenOptions } from './http/server.ts'
import { answerUnread } from './http/unread-requests.ts'
import { type ApiServerOptions, DEFAULT_ISSUER, defaultOptions } from './options.ts'
import { profilePages } from './profiling/pages.ts'
import { profiler } from './profiling/profiler.ts'
import { allocatorFamilies } from './registry/allocator-metrics.ts'
import { storageHooks } from './registry/hooks.ts'
import { repairAddresses } from './registry/repair-addresses.ts'
import { builtinResources } from './registry/served-resource.ts'
import { subresourceHandlers } from './subresources/handlers.ts'
import { LostRaces } from './verbs/lost-races.ts'
import type { Performer } from './verbs/perform.ts'
import { serverPages } from './http/zpages.ts'
import { versionInfo } from './version.ts'
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

export interface ApiServer {
  /** The server as `user` sees it, without a network in between. */
  transportFor(user: UserInfo, userAgent?: string): Transport
  /** Gives every controller its role. Before that, none of them may do anything. */
  admitControllers(): Promise<void>
  /** A token of a service account, to be kept in a Secret and good as long as that is. */
  secretToken(subject: SecretTokenSubject): string
  /** Serves over HTTPS, as often as wanted. */
  listen(options: ListenOptions): Promise<Listening>
  /** Serves what another program of the cluster tells of itself, to whom this server's rules allow it. */
  listenFor(component: Component, options: ListenOptions): Promise<Listening>
  /** Sends bookmarks, drops old history, expires events, until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>
  /** Ends all watches. The storage stays open: it is the caller's. */
  close(): void
}

/** Where a storage stands that nothing was ever written to. */
const EMPTY_REVISION = 1

/** Who the server itself is. */
const SELF = userOf('system:apiserver', [MASTERS_GROUP])

/** A server that has read its storage, with everything in it that every cluster has. */
export async function createApiServer(deps: ApiServerDeps): Promise<ApiServer> {
  const { clock, random, log, catalog } = deps
  const storageMetrics = new StorageMetrics()
  const admissionMetrics = new AdmissionMetrics()
  const tokenMetrics = new TokenMetrics()
  const metrics = new RequestMetrics()
  const storage = measuredStorage(deps.storage, storageMetrics, clock)
  const options: ApiServerOptions = { ...defaultOptions, ...deps.options }
  const resources = builtinResources(catalog)
  const caches = new WatchCaches(storage, resources)
  await caches.fill()
  const cacheOf = (key: string) => caches.of(resources.need(key))
  const roles = new RbacAuthorizer({
    roles: cacheOf('rbac.authorization.k8s.io/v1/roles'),
    roleBindings: cacheOf('rbac.authorization.k8s.io/v1/rolebindings'),
    clusterRoles: cacheOf('rbac.authorization.k8s.io/v1/clusterroles'),
    clusterRoleBindings: cacheOf('rbac.authorization.k8s.io/v1/clusterrolebindings'),
  })
  const graph = new NodeGraph({
    pods: cacheOf('v1/pods'),
    volumes: cacheOf('v1/persistentvolumes'),
    attachments: cacheOf('storage.k8s.io/v1/volumeattachments'),
    slices: cacheOf('resource.k8s.io/v1/resourceslices'),
  })
  const authorizer = new ClusterAuthorizer(new NodeAuthorizer(graph, nodeRole().rules ?? []), roles)
  const tokens = createTokens(
    options.tokens ?? { signingKey: createSigningKey().key, issuer: DEFAULT_ISSUER, audiences: [DEFAULT_ISSUER] },
    {
      serviceAccounts: cacheOf('v1/serviceaccounts'),
      pods: cacheOf('v1/pods'),
      nodes: cacheOf('v1/nodes'),
      secrets: cacheOf('v1/secrets'),
      used: (secret) => noteUse(tracking(), secret),
    },
    { clock, random, metrics: tokenMetrics },
  )
  const core: ApiCore = {
    storage,
    caches,
    resources,
    admission: measuredAdmission(
      admissionChain(
        builtinAdmission({ cacheOf, resources, authorizer, roles, clock, random, metrics: admissionMetrics.policies }),
        admissionMetrics.watch(clock),
      ),
      admissionMetrics,
      clock,
    ),
    hooks: storageHooks({ cacheOf, options, clock, random }),
    races: new LostRaces(),
    clock,
    random,
    log,
  }
  const stats = options.nodeStats ?? kubeletStats(() => core, options.kubelets)
  const subresources = subresourceHandlers({ authorizer, tokens, metrics: { stats, clock } })
  const performer: Performer = { core, subresources }
  const audit = options.audit === undefined ? undefined : new Auditor(options.audit, clock)
  const transportFor = (user: UserInfo, userAgent?: string) =>
    directTransport({ ...performer, authorizer, audit }, user, userAgent)
  const tracking = () => ({ client: createClient(transportFor(SELF)), clock, log })
  const isNew = caches.revision <= EMPTY_REVISION
  await bootstrap(createClient(transportFor(SELF)), options)
  if (isNew) {
    // Nobody can have seen how a cluster's first objects came to be.
    await storage.compact(caches.revision)
    caches.beginHistory()
  }
  const authenticator = createAuthenticator(tokens, (until) => metrics.access.certified((until - clock.now()) / 1000))
  const producer = createClient(transportFor(SELF, PRODUCER))
  const seats = seatsOf(options.limits ?? defaultLimits)
  const flows = new FlowControl({ clock, seats, statsOf: (info) => statsIn(resources, caches, info) })
  const flowConfiguration = new FlowConfiguration({ flows, client: producer, clock, random, log })
  const addressRepair = {
    client: createClient(transportFor(SELF)),
    clock,
    random,
    log,
    services: cacheOf('v1/services'),
    addresses: cacheOf('networking.k8s.io/v1/ipaddresses'),
    ranges: cacheOf('networking.k8s.io/v1/servicecidrs'),
    serviceRange: options.serviceRange,
  }
  let isReady = true
  return {
    transportFor,
    secretToken: (subject) => tokens.issueForSecret(subject),
    admitControllers: () => bootstrapControllers(createClient(transportFor(SELF))),
    async listen(listenOptions) {
      const { address = listenOptions.host, port = listenOptions.port } = options.advertise ?? {}
      const facts = [...resources.all()].map((resource) => resource.facts)
      const discovery = createDiscovery(facts, {
        version: versionInfo,
        serverAddress: `${address}:${port}`,
        issuer: tokens.facts,
        clock,
      })
      const checks = serverChecks(() => !isReady)
      const handlerDeps: HandlerDeps = {
        ...performer,
        authenticator,
        authorizer,
        impersonation: new Impersonation(authorizer),
        audit,
        paths: pathHandler({
          discovery,
          checks,
          clock,
          pages: serverPages(options, clock),
          dump: (path, query) => dumpAt(path, query, flows, clock),
          profiles: profilePages(profiler(clock)),
          metrics: async () =>
            withRegistered([
              ...metrics.families,
              ...momentFamilies(caches, flows),
              ...flows.metrics.families(flows.levels, flows.fairFraction),
              ...storageMetrics.families,
              ...admissionMetrics.families,
              ...tokenMetrics.families,
              ...allocatorFamilies(addressRepair, options),
              ...(audit?.families ?? noRecords),
              ...(await sizeFamilies(storage)),
              ...(await processFamilies(clock.now())),
            ]),
        }),
        flows,
        metrics,
        connect: connectHandlers(core, authorizer, options.kubelets),
        ...(options.limits === undefined ? {} : { limits: options.limits }),
        ...(options.readYaml === undefined ? {} : { readYaml: options.readYaml }),
      }
      const handle = createHandler(handlerDeps)
      const upgrade = upgradeHandler({ ...handlerDeps, handle, kubelets: options.kubelets })
      return listen(listenOptions, {
        onRequest: handle,
        onUpgrade: upgrade,
        onHandshakeError: () => metrics.access.handshakeFailed(),
        onFailure: (error) => log.error('a request could not be answered', { error }),
        onUnread: (error, socket) => answerUnread(error, socket, random.uuid()),
      })
    },
    listenFor: (component, listenOptions) =>
      listen(listenOptions, componentHandlers(component, { authenticator, authorizer, clock, random })),
    run: (signal) =>
      withGroup(async (group) => {
        group.start((inner) => caches.run(clock, inner))
        group.start((inner) => expireEvents(core, inner))
        group.start((inner) => flowConfiguration.run(inner))
        group.start((inner) => keepTracking({ ...tracking(), configMaps: cacheOf('v1/configmaps') }, inner))
        group.start((inner) => repairAddresses(addressRepair, inner))
        await aborted(group.signal)
      }, signal),
    close() {
      isReady = false
      caches.close()
    },
  }
}
