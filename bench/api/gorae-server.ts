/** The API server of this project, as `gorae up` runs it but without controllers: storage on disk, HTTPS. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { catalog } from '../../src/api/catalog.ts'
import { systemClock } from '../../src/base/clock.ts'
import { createLog } from '../../src/base/log.ts'
import { systemRandom } from '../../src/base/random.ts'
import { createApiServer } from '../../src/server/api-server.ts'
import { loopbackListener } from '../../src/server/loopback.ts'
import { openLmdbStorage } from '../../src/storage/lmdb/lmdb-storage.ts'
import type { Options } from './target.ts'

export async function startGorae({ credentials }: Options) {
  const folder = mkdtempSync(join(tmpdir(), 'gorae-bench-api-'))
  const storage = await openLmdbStorage(join(folder, 'data'))
  const log = createLog((line) => process.stderr.write(`${JSON.stringify(line)}\n`), 'warn')
  const server = await createApiServer({ storage, clock: systemClock, random: systemRandom, log, catalog })
  const listening = await server.listen(loopbackListener(credentials))
  const stopping = new AbortController()
  const running = server.run(stopping.signal).catch(() => {})
  return {
    port: listening.port,
    async close() {
      stopping.abort()
      await listening.close()
      server.close()
      await running
      await storage.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
