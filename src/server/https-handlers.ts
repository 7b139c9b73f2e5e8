/** How a server answers over HTTPS: every path there is, and what each is told. */

import { processFamilies } from '../base/metrics/process.ts'
import { withRegistered } from '../base/metrics/stability.ts'
import type { Family } from '../base/metrics/text.ts'
import { sizeFamilies } from '../storage/measured-storage.ts'
import { noRecords } from './audit/audit.ts'
import type { Authenticator } from './authn/authenticator.ts'
import { Impersonation } from './authn/impersonation.ts'
import { connectHandlers } from './connect/handlers.ts'
import { upgradeHandler } from './connect/upgrades.ts'
import { createDiscovery } from './discovery/discovery.ts'
import { dumpAt } from './flowcontrol/dump.ts'
import type { FlowControl } from './flowcontrol/flow-control.ts'
import { serverChecks } from './health.ts'
import { createHandler, type HandlerDeps, type PathHandler } from './http/handler.ts'
import { momentFamilies } from './http/metrics/moment-families.ts'
import { pathHandler } from './http/paths.ts'
import type { HttpHandlers, ListenOptions } from './http/server.ts'
import { answerUnread } from './http/unread-requests.ts'
import { serverPages } from './http/zpages.ts'
import { profilePages } from './profiling/pages.ts'
import { profiler } from './profiling/profiler.ts'
import { allocatorFamilies } from './registry/allocator-metrics.ts'
import type { AddressRepairDeps } from './registry/repair-addresses.ts'
import type { ServerParts } from './server-parts.ts'
import { versionInfo } from './version.ts'

/** What answers requests beside the parts that every server has. */
export interface HttpsParts extends ServerParts {
  readonly authenticator: Authenticator
  readonly flows: FlowControl
  readonly addressRepair: AddressRepairDeps
  isReady(): boolean
}

/** Answers requests to a server that is reached at an address. */
export function httpsHandlers(parts: HttpsParts, listenOptions: ListenOptions): HttpHandlers {
  const { core, metrics, options } = parts
  const deps = handlerDeps(parts, listenOptions)
  const handle = createHandler(deps)
  return {
    onRequest: handle,
    onUpgrade: upgradeHandler({ ...deps, handle, kubelets: options.kubelets }),
    onHandshakeError: () => metrics.requests.access.handshakeFailed(),
    onFailure: (error) => core.log.error('a request could not be answered', { error }),
    onUnread: (error, socket) => answerUnread(error, socket, core.random.uuid()),
  }
}

function handlerDeps(parts: HttpsParts, listenOptions: ListenOptions): HandlerDeps {
  const { options, core, performer, authorizer, authenticator, flows, metrics, audit } = parts
  return {
    ...performer,
    authenticator,
    authorizer,
    impersonation: new Impersonation(authorizer, { clock: core.clock, metrics: metrics.requests.access.impersonation }),
    audit,
    paths: paths(parts, listenOptions),
    flows,
    metrics: metrics.requests,
    connect: connectHandlers(core, authorizer, options.kubelets),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.readYaml === undefined ? {} : { readYaml: options.readYaml }),
  }
}

/** Paths that are no resources. */
function paths(parts: HttpsParts, listenOptions: ListenOptions): PathHandler {
  const { options, core, tokens, flows } = parts
  const { clock } = core
  const { address = listenOptions.host, port = listenOptions.port } = options.advertise ?? {}
  const facts = [...core.resources.all()].map((resource) => resource.facts)
  return pathHandler({
    discovery: createDiscovery(facts, {
      version: versionInfo,
      serverAddress: `${address}:${port}`,
      issuer: tokens.facts,
      clock,
    }),
    checks: serverChecks(() => !parts.isReady()),
    clock,
    pages: serverPages(options, clock),
    dump: (path, query) => dumpAt(path, query, flows, clock),
    profiles: profilePages(profiler(clock)),
    metrics: async () => withRegistered(await families(parts)),
  })
}

/** What /metrics tell. */
async function families({
  core,
  metrics,
  flows,
  addressRepair,
  options,
  audit,
}: HttpsParts): Promise<readonly Family[]> {
  return [
    ...metrics.requests.families,
    ...momentFamilies(core.caches, flows),
    ...flows.metrics.families(flows.levels, flows.fairFraction),
    ...metrics.storage.families,
    ...metrics.admission.families,
    ...metrics.tokens.families,
    ...allocatorFamilies(addressRepair, options),
    ...(audit?.families ?? noRecords),
    ...(await sizeFamilies(core.storage)),
    ...(await processFamilies(core.clock.now())),
  ]
}
