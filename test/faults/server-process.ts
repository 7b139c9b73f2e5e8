/** An API server on lmdb in a process of its own, to be killed: says where it listens, then serves. */

import { writeFileSync } from 'node:fs'
import { catalog } from '../../src/api/catalog.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { systemRandom } from '../../src/base/random.ts'
import { createApiServer } from '../../src/server/api-server.ts'
import { openLmdbStorage } from '../../src/storage/lmdb/lmdb-storage.ts'
import { loopbackAuthority } from '../../src/server/loopback.ts'
import { serveCluster } from '../../src/testing/serve.ts'

const [folder = '', accessFile = ''] = process.argv.slice(2)
const deps = { clock: systemClock, random: systemRandom, log: silentLog, catalog }
const server = await createApiServer({ ...deps, storage: await openLmdbStorage(folder) })
const served = await serveCluster(server, { port: 0, authority: loopbackAuthority() })
writeFileSync(accessFile, JSON.stringify(served.access))
process.stdout.write('ready\n')
await server.run(new AbortController().signal)
