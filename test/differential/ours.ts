/** This project's API server, alone, with all the kinds, for the side of a comparison that is ours. */

import { catalog } from '../../src/api/catalog.ts'
import { systemClock } from '../../src/base/clock.ts'
import { createLog } from '../../src/base/log.ts'
import { systemRandom } from '../../src/base/random.ts'
import { createAuthority, issueCertificate } from '../../src/base/tls/certificates.ts'
import { createApiServer } from '../../src/server/api-server.ts'
import { createMemoryStorage } from '../../src/storage/memory/memory-storage.ts'
import { askerOf, type Ask } from './client.ts'

const HOST = '127.0.0.1'
const DAY_MS = 86_400_000

/** Starts it on a port of its own. `ask` is its administrator; `origin` is for those who ask as others. */
export async function startOurs(): Promise<{ ask: Ask; origin: string; close(): Promise<void> }> {
  const validity = { notBefore: Date.now() - DAY_MS, notAfter: Date.now() + DAY_MS }
  const authority = createAuthority({ commonName: 'differential', ...validity })
  const own = issueCertificate(authority, {
    commonName: 'server',
    ipAddresses: [HOST],
    usages: ['server'],
    ...validity,
  })
  const admin = issueCertificate(authority, {
    commonName: 'admin',
    organizations: ['system:masters'],
    usages: ['client'],
    ...validity,
  })
  const log = createLog((line) => process.stderr.write(`${JSON.stringify(line)}\n`), 'error')
  const server = await createApiServer({
    storage: createMemoryStorage(),
    clock: systemClock,
    random: systemRandom,
    log,
    catalog,
  })
  const listening = await server.listen({ host: HOST, port: 0, ...own, clientCa: authority.certificate })
  const origin = `https://${HOST}:${listening.port}`
  const ask = askerOf(origin, { cert: admin.certificate, key: admin.key })
  return {
    ask,
    origin,
    async close() {
      await listening.close()
      server.close()
    },
  }
}
