/** The cluster's administrator, as a client over HTTPS. */

import { request } from 'node:https'
import { text as readText } from 'node:stream/consumers'

import { type Client, createClient } from '../client/client.ts'
import { httpTransport } from '../client/http-transport.ts'
import { NODES } from '../client/resources.ts'
import type { ClusterPaths } from './paths.ts'
import { ADMIN, CA, readPair } from './pki.ts'
import { serverUrl } from './record.ts'

export interface AdminClient {
  readonly client: Client
  /** The text of any path, as `accept` asks for it. */
  read(path: string, accept: string, signal: AbortSignal): Promise<string>
  /** Every node, and whether it is Ready. */
  readyNodes(signal: AbortSignal): Promise<ReadonlyMap<string, boolean>>
  close(): Promise<void>
}

/** It is on this machine: who takes longer does not answer. */
const CONNECT_MS = 2_000

/** Connects when first used. */
export function connectAdmin(paths: ClusterPaths, port: number): AdminClient {
  const { certificate, key } = readPair(paths.pki, ADMIN)
  const ca = readPair(paths.pki, CA).certificate
  const server = serverUrl(port)
  const transport = httpTransport({ server, ca, certificate, key, userAgent: 'gorae', connectTimeoutMs: CONNECT_MS })
  const client = createClient(transport)
  return {
    client,
    read: (path, accept, signal) =>
      new Promise((resolve, reject) => {
        const options = { ca, cert: certificate, key, agent: false as const, signal, headers: { Accept: accept } }
        const outgoing = request(new URL(path, server), options, (response) => {
          readText(response).then((body) => {
            if (response.statusCode === 200) resolve(body)
            else reject(new Error(`GET ${path} failed with ${response.statusCode}: ${body}`))
          }, reject)
        })
        outgoing.once('error', reject)
        outgoing.end()
      }),
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
