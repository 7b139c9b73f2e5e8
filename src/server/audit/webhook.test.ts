import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openWebhook, type Webhook } from './webhook.ts'

interface Got {
  readonly request: IncomingMessage
  readonly body: unknown
}

let got: Got[]
let status: number
let webhook: Webhook
const server = createServer((request, response) => {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => {
    got.push({ request, body: JSON.parse(Buffer.concat(parts).toString()) })
    response.writeHead(status).end('seen')
  })
})

beforeEach(async () => {
  got = []
  status = 200
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  webhook = openWebhook({ name: 'hook', server: `http://127.0.0.1:${port}/audit?by=us`, ca: '', token: 'secret' })
})
afterEach(async () => {
  await webhook.close()
  server.close()
  await once(server, 'close')
})

const event = (id: string) => `{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"${id}"}\n`
const signal = new AbortController().signal

test('events come as one list, as whom the kubeconfig says', async () => {
  await webhook.deliver([event('1'), event('2')], signal)
  expect(got).toMatchObject([
    {
      request: { url: '/audit?by=us', method: 'POST', headers: { authorization: 'Bearer secret' } },
      body: {
        kind: 'EventList',
        apiVersion: 'audit.k8s.io/v1',
        metadata: {},
        items: [
          { level: 'Metadata', auditID: '1' },
          { level: 'Metadata', auditID: '2' },
        ],
      },
    },
  ])
  expect(JSON.stringify(got[0]?.body)).not.toContain('"kind":"Event"')
})

test('what is not taken is an error', async () => {
  status = 503
  await expect(webhook.deliver([event('1')], signal)).rejects.toThrow('the webhook answered 503')
})
