/**
 * Sends audit events to a server elsewhere, as an audit.k8s.io/v1 EventList
 * (https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/#webhook-backend).
 */

import { Pool } from '../../base/kept-connections.ts'
import type { KubeAccess } from '../../client/kubeconfig.ts'
import type { Deliver } from './deliver.ts'

const TIMEOUT_MS = 30_000
/** How each line begins; in a list, events need not say what they are. */
const KIND = '"kind":"Event","apiVersion":"audit.k8s.io/v1",'

export interface Webhook {
  readonly deliver: Deliver
  close(): Promise<void>
}

/** Posts batches to the server that `access` leads to, as whom it says. */
export function openWebhook({ server, ca, certificate, key, token }: KubeAccess): Webhook {
  const { origin, pathname, search } = new URL(server)
  const pool = new Pool(origin, {
    connections: 1,
    connect: {
      ...(ca === '' ? {} : { ca }),
      ...(certificate === undefined ? {} : { cert: certificate }),
      ...(key === undefined ? {} : { key }),
    },
  })
  const headers = {
    'content-type': 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  }
  const deliver: Deliver = async (lines) => {
    const { statusCode, body } = await pool.request({
      path: pathname + search,
      method: 'POST',
      headers,
      body: eventList(lines),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    await body.dump()
    if (statusCode >= 300) throw new Error(`the webhook answered ${statusCode}`)
  }
  return { deliver, close: () => pool.destroy() }
}

function eventList(lines: readonly string[]): string {
  const items = lines.map((line) => line.trimEnd().replace(KIND, ''))
  return `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${items.join(',')}]}\n`
}
