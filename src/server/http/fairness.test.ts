import { once } from 'node:events'
import { type ClientHttp2Session, connect } from 'node:http2'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CLUSTER_ROLE_BINDINGS, CONFIG_MAPS } from '../../client/resources.ts'
import { startServer } from '../fixtures.ts'
import { LOOPBACK, loopbackCertificates, loopbackListener } from '../loopback.ts'
import type { Listening } from './server.ts'

const certificates = loopbackCertificates()
const stopping = new AbortController()
let running: Promise<void>
let listening: Listening

beforeAll(async () => {
  // Sixty seats: the level of most users has about five of them.
  const limits = { reads: 40, writes: 20, requestMs: 60_000 }
  const { server, client, clock } = await startServer({ options: { limits } })
  running = server.run(stopping.signal).catch(() => {})
  await clock.advance(1_000)
  const rbac = 'rbac.authorization.k8s.io'
  await client.create(CLUSTER_ROLE_BINDINGS, {
    metadata: { name: 'readers' },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'view' },
    subjects: ['greedy', 'jane'].map((name) => ({ apiGroup: rbac, kind: 'User', name })),
  })
  for (let n = 0; n < 50; n++) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await client.create(CONFIG_MAPS, {
      metadata: { namespace: 'default', name: `m${n}` },
      data: { a: 'x'.repeat(5_000) },
    })
  }
  listening = await server.listen(loopbackListener(certificates))
})
afterAll(async () => {
  await listening.close()
  stopping.abort()
  await running
})

/** An HTTP/2 connection of an administrator, who may act as others. */
async function session(): Promise<ClientHttp2Session> {
  const { authority, admin } = certificates
  const made = connect(`https://${LOOPBACK}:${listening.port}`, {
    ca: authority.certificate,
    cert: admin.certificate,
    key: admin.key,
  })
  await once(made, 'connect')
  return made
}

/** What is answered, once all of it is there. */
async function ask(over: ClientHttp2Session, user: string, path: string): Promise<number> {
  const stream = over.request({ ':path': path, 'impersonate-user': user })
  let status = 0
  stream.on('response', (headers) => (status = Number(headers[':status'])))
  stream.resume()
  await once(stream, 'end')
  return status
}

test('the few requests of one user are answered before most of the many of another', async () => {
  const [flood, few] = [await session(), await session()]
  const answered: string[] = []
  const done = (who: string) => (status: number) => void answered.push(`${who} ${status}`)
  const lists = Array.from({ length: 200 }, () =>
    ask(flood, 'greedy', '/api/v1/namespaces/default/configmaps').then(done('greedy')),
  )
  const gets = Array.from({ length: 5 }, (_, n) =>
    ask(few, 'jane', `/api/v1/namespaces/default/configmaps/m${n}`).then(done('jane')),
  )
  await Promise.all(gets)
  const before = answered.length
  await Promise.all(lists)
  expect(answered.filter((one) => one === 'jane 200')).toHaveLength(5)
  // They wait, and are answered in the end.
  expect(answered.filter((one) => one === 'greedy 200')).toHaveLength(200)
  expect(before).toBeLessThan(150)
  flood.close()
  few.close()
})

test('the more watch what is written, the more work a write is', async () => {
  const over = await session()
  const path = '/api/v1/namespaces/default/configmaps'
  const watches = Array.from({ length: 12 }, () =>
    over.request({ ':path': `${path}?watch=1`, 'impersonate-user': 'jane' }),
  )
  for (const watch of watches) watch.resume()
  await Promise.all(watches.map((watch) => once(watch, 'response')))
  const write = over.request({ ':path': path, ':method': 'POST', 'content-type': 'application/json' })
  write.resume()
  write.end(JSON.stringify({ metadata: { name: 'watched' } }))
  await once(write, 'end')
  const figures = over.request({ ':path': '/metrics' })
  let text = ''
  figures.setEncoding('utf8')
  for await (const part of figures) text += part
  const labels = 'flow_schema="exempt",priority_level="exempt"'
  expect(text).toContain(`apiserver_flowcontrol_watch_count_samples_sum{${labels}} 12`)
  expect(text).toContain(`apiserver_flowcontrol_current_executing_requests{${labels}} 1`)
  for (const watch of watches) watch.close()
  over.close()
})
