/** For tests: a server in the process, with all kinds, a clock that stands still, and an administrator. */

import { catalog } from '../api/catalog.ts'
import { silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { seededRandom } from '../base/random.ts'
import { createClient } from '../client/client.ts'
import { MASTERS_GROUP, userOf } from '../client/user.ts'
import { createMemoryStorage } from '../storage/memory/memory-storage.ts'
import type { Storage } from '../storage/storage.ts'
import { createApiServer } from './api-server.ts'
import type { ApiServerOptions } from './options.ts'

/** Starts a server; `storage` is one in memory where none is given. */
export async function startServer({
  storage = createMemoryStorage(),
  options = {},
}: { readonly storage?: Storage; readonly options?: Partial<ApiServerOptions> } = {}) {
  const clock = new ManualClock()
  const server = await createApiServer({ storage, clock, random: seededRandom(1), log: silentLog, catalog, options })
  const clientFor = (name: string, groups: readonly string[] = []) =>
    createClient(server.transportFor(userOf(name, groups)))
  return { server, clock, clientFor, client: clientFor('admin', [MASTERS_GROUP]) }
}
