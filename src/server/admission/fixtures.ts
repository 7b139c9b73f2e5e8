/** A server in the process for tests of admission: with all kinds, an administrator, and answers as texts. */

import { catalog } from '../../api/catalog.ts'
import type { Pod, PodSpec } from '../../api/generated/core-v1.ts'
import { silentLog } from '../../base/log.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { seededRandom } from '../../base/random.ts'
import { createClient } from '../../client/client.ts'
import { MASTERS_GROUP, userOf } from '../../client/user.ts'
import { isApiError } from '../../meta/errors.ts'
import { createMemoryStorage } from '../../storage/memory/memory-storage.ts'
import { createApiServer } from '../api-server.ts'

export async function startServer() {
  const clock = new ManualClock()
  const server = await createApiServer({
    storage: createMemoryStorage(),
    clock,
    random: seededRandom(1),
    log: silentLog,
    catalog,
  })
  const clientFor = (name: string, groups: readonly string[] = []) =>
    createClient(server.transportFor(userOf(name, groups)))
  const client = clientFor('admin', [MASTERS_GROUP])
  return { server, clock, clientFor, client }
}

/** What the server refused a request with; `allowed` when it did not. */
export async function answerOf(request: Promise<unknown>): Promise<string> {
  try {
    await request
    return 'allowed'
  } catch (error) {
    if (!isApiError(error)) throw error
    return error.message
  }
}

/** A Pod of one container. */
export function aPod(name: string, spec: Partial<PodSpec> = {}): Pod {
  const own = { containers: [{ name: 'c', image: 'i' }], automountServiceAccountToken: false, ...spec }
  return { metadata: { name, namespace: 'default' }, spec: own }
}
