/** The cluster's administrator, as a client over HTTPS. */

import { createClient, type Client } from '../client/client.ts'
import { httpTransport } from '../client/http-transport.ts'
import { NODES } from '../client/resources.ts'
import type { ClusterPaths } from './paths.ts'
import { ADMIN, CA, readPair } from './pki.ts'
import type { ClusterRecord } from './record.ts'

export interface AdminClient {
  readonly client: Client
  /** Every node, and whether it is Ready. */
  readyNodes(signal: AbortSignal): Promise<ReadonlyMap<string, boolean>>
  close(): Promise<void>
}

export async function connectAdmin(paths: ClusterPaths, record: ClusterRecord): Promise<AdminClient> {
  const { certificate, key } = readPair(paths.pki, ADMIN)
  const ca = readPair(paths.pki, CA).certificate
  const transport = httpTransport({
    server: `https://127.0.0.1:${record.port}`,
    ca,
    certificate,
    key,
    userAgent: 'gorae',
  })
  const client = createClient(transport)
  return {
    client,
    async readyNodes(signal) {
      const { items } = await client.list(NODES, {}, signal)
      return new Map(
        items.map(({ metadata, status }) => [
          metadata.name ?? '',
          status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false,
        ]),
      )
    },
    close: () => transport.close(),
  }
}
