/**
 * The API server: one set of rules in front of one storage, reached in the process or over HTTPS
 * (https://kubernetes.io/docs/concepts/overview/kubernetes-api/).
 */

import { aborted, withGroup } from '../base/async/group.ts'
import type { Transport } from '../client/transport.ts'
import type { UserInfo } from '../client/user.ts'
import { createAuthenticator } from './authn/authenticator.ts'
import { keepTracking } from './authn/legacy-tracking.ts'
import type { SecretTokenSubject } from './authn/secret-tokens.ts'
import { bootstrap, bootstrapControllers } from './bootstrap/bootstrap.ts'
import { type Component, componentHandlers } from './component-server.ts'
import { expireEvents } from './event-expiry.ts'
import { FlowConfiguration, PRODUCER } from './flowcontrol/configuration.ts'
import { FlowControl } from './flowcontrol/flow-control.ts'
import { statsIn } from './flowcontrol/work-estimate.ts'
import { defaultLimits, seatsOf } from './http/limits.ts'
import { listen, type Listening, type ListenOptions } from './http/server.ts'
import { httpsHandlers } from './https-handlers.ts'
import { type AddressRepairDeps, repairAddresses } from './registry/repair-addresses.ts'
import { type ApiServerDeps, createParts, type ServerParts } from './server-parts.ts'

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

/** A server that has read its storage, with everything in it that every cluster has. */
export async function createApiServer(deps: ApiServerDeps): Promise<ApiServer> {
  const parts = await createParts(deps)
  const { core, options, authorizer, tokens, metrics } = parts
  const { clock, random, caches } = core
  await fillStorage(parts)
  const certified = (until: number) => metrics.requests.access.certified((until - clock.now()) / 1000)
  const authenticator = createAuthenticator(tokens, certified)
  const seats = seatsOf(options.limits ?? defaultLimits)
  const flows = new FlowControl({ clock, seats, statsOf: (info) => statsIn(core.resources, caches, info) })
  const addressRepair = addressRepairOf(parts)
  let isReady = true
  return {
    transportFor: parts.transportFor,
    secretToken: (subject) => tokens.issueForSecret(subject),
    admitControllers: () => bootstrapControllers(parts.ownClient()),
    async listen(to) {
      return listen(to, httpsHandlers({ ...parts, authenticator, flows, addressRepair, isReady: () => isReady }, to))
    },
    listenFor: (component, to) =>
      listen(to, componentHandlers(component, { authenticator, authorizer, clock, random })),
    run: (signal) => keepUp(parts, { flows, addressRepair }, signal),
    close() {
      isReady = false
      caches.close()
    },
  }
}

/** Writes what every cluster has, as far as it is not there. */
async function fillStorage({ core, options, ownClient }: ServerParts): Promise<void> {
  const { caches, storage } = core
  const isNew = caches.revision <= EMPTY_REVISION
  await bootstrap(ownClient(), options)
  if (!isNew) return
  // Nobody can have seen how a cluster's first objects came to be.
  await storage.compact(caches.revision)
  caches.beginHistory()
}

function addressRepairOf({ core, options, cacheOf, ownClient }: ServerParts): AddressRepairDeps {
  const { clock, random, log } = core
  return {
    client: ownClient(),
    clock,
    random,
    log,
    services: cacheOf('v1/services'),
    addresses: cacheOf('networking.k8s.io/v1/ipaddresses'),
    ranges: cacheOf('networking.k8s.io/v1/servicecidrs'),
    serviceRange: options.serviceRange,
  }
}

interface Upkeep {
  readonly flows: FlowControl
  readonly addressRepair: AddressRepairDeps
}

/** What goes on beside the requests, until `signal` aborts. */
function keepUp(
  { core, cacheOf, ownClient }: ServerParts,
  { flows, addressRepair }: Upkeep,
  signal: AbortSignal,
): Promise<void> {
  const { clock, random, log, caches } = core
  const flowConfiguration = new FlowConfiguration({ flows, client: ownClient(PRODUCER), clock, random, log })
  const tracking = { client: ownClient(), clock, log, configMaps: cacheOf('v1/configmaps') }
  return withGroup(async (group) => {
    group.start((inner) => caches.run(clock, inner))
    group.start((inner) => expireEvents(core, inner))
    group.start((inner) => flowConfiguration.run(inner))
    group.start((inner) => keepTracking(tracking, inner))
    group.start((inner) => repairAddresses(addressRepair, inner))
    await aborted(group.signal)
  }, signal)
}
