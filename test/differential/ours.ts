/** This project's API server, alone, with all the kinds, for the side of a comparison that is ours. */

import { catalog } from '../../src/api/catalog.ts'
import { systemClock } from '../../src/base/clock.ts'
import { createLog } from '../../src/base/log.ts'
import { systemRandom } from '../../src/base/random.ts'
import { createApiServer } from '../../src/server/api-server.ts'
import { LOOPBACK, loopbackCertificates, loopbackListener } from '../../src/server/loopback.ts'
import { createMemoryStorage } from '../../src/storage/memory/memory-storage.ts'
import { askerOf, type Ask } from './client.ts'

/** Starts it on a port of its own. `ask` is its administrator; `origin` is for those who ask as others. */
export async function startOurs(): Promise<{ ask: Ask; origin: string; close(): Promise<void> }> {
  const certificates = loopbackCertificates()
  const log = createLog((line) => process.stderr.write(`${JSON.stringify(line)}\n`), 'error')
  const server = await createApiServer({
    storage: createMemoryStorage(),
    clock: systemClock,
    random: systemRandom,
    log,
    catalog,
  })
  // The roles of controllers are asked about as well.
  await server.admitControllers()
  const listening = await server.listen(loopbackListener(certificates))
  const origin = `https://${LOOPBACK}:${listening.port}`
  const ask = askerOf(origin, { cert: certificates.admin.certificate, key: certificates.admin.key })
  return {
    ask,
    origin,
    async close() {
      await listening.close()
      server.close()
    },
  }
}
