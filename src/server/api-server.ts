/**
 * The API server: one set of rules in front of one storage, reached in the process or over HTTPS
 * (https://kubernetes.io/docs/concepts/overview/kubernetes-api/).
 */

import type { ResourceDefinition } from '../api/resource.ts'
import { withGroup } from '../base/async/group.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import { createClient } from '../client/client.ts'
import type { Transport } from '../client/transport.ts'
import { MASTERS_GROUP, type UserInfo, userOf } from '../client/user.ts'
import type { Storage } from '../storage/storage.ts'
import { admissionChain } from './admission/admission.ts'
import { builtinAdmission } from './admission/plugins.ts'
import type { Authorizer } from './authz/authorizer.ts'
import { RbacAuthorizer } from './authz/rbac.ts'
import { bootstrap } from './bootstrap/bootstrap.ts'
import type { ApiCore } from './core.ts'
import { directTransport } from './direct-transport.ts'
import { storageHooks } from './registry/hooks.ts'
import { builtinResources } from './registry/served-resource.ts'
import { subresourceHandlers } from './subresources/handlers.ts'
import type { Performer } from './verbs/perform.ts'
import { WatchCaches } from './watchcache/watch-caches.ts'

export interface ApiServerDeps {
  readonly storage: Storage
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** What the kinds mean. */
  readonly catalog: readonly ResourceDefinition[]
}

export interface ApiServer {
  /** The server as `user` sees it, without a network in between. */
  transportFor(user: UserInfo, userAgent?: string): Transport
  /** Sends bookmarks, drops old history, expires events, until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>
  /** Ends all watches. The storage stays open: it is the caller's. */
  close(): void
}

/** Who the server itself is. */
const SELF = userOf('system:apiserver', [MASTERS_GROUP])

/** A server that has read its storage, with everything in it that every cluster has. */
export async function createApiServer(deps: ApiServerDeps): Promise<ApiServer> {
  const { storage, clock, random, log, catalog } = deps
  const resources = builtinResources(catalog)
  const caches = new WatchCaches(storage, resources)
  await caches.fill()
  const cacheOf = (key: string) => caches.of(resources.need(key))
  const authorizer: Authorizer = new RbacAuthorizer({
    roles: cacheOf('rbac.authorization.k8s.io/v1/roles'),
    roleBindings: cacheOf('rbac.authorization.k8s.io/v1/rolebindings'),
    clusterRoles: cacheOf('rbac.authorization.k8s.io/v1/clusterroles'),
    clusterRoleBindings: cacheOf('rbac.authorization.k8s.io/v1/clusterrolebindings'),
  })
  const admission = admissionChain(builtinAdmission(cacheOf))
  const core: ApiCore = { storage, caches, resources, admission, hooks: storageHooks(), clock, random, log }
  const performer: Performer = { core, subresources: subresourceHandlers() }
  const transportFor = (user: UserInfo, userAgent?: string) =>
    directTransport({ ...performer, authorizer }, user, userAgent)
  await bootstrap(createClient(transportFor(SELF)))
  return {
    transportFor,
    run: (signal) =>
      withGroup(async (group) => {
        group.start((inner) => caches.run(clock, inner))
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
      }, signal),
    close: () => caches.close(),
  }
}
