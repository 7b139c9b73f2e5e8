import { request as httpsRequest } from 'node:https'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { silentLog } from '../../base/log.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import type { Listening } from '../http/server.ts'
import { startServer } from '../fixtures.ts'
import { LOOPBACK, loopbackCertificates, loopbackListener } from '../loopback.ts'
import type { AuditSink } from './audit.ts'
import { blockingSink } from './blocking.ts'
import { readAuditPolicy } from './read-policy.ts'

describe('an event that is waited for', () => {
  const { signal } = new AbortController()
  const failing = (isStrict: boolean) => {
    const clock = new ManualClock()
    let tries = 0
    const deliver = async () => {
      tries++
      throw new Error('nobody there')
    }
    const sink = blockingSink({ deliver, isStrict, initialBackoffMs: 10, clock, log: silentLog, signal })
    return { clock, sink, tries: () => tries }
  }

  test('is tried five times, and then lost', async () => {
    const { clock, sink, tries } = failing(false)
    const taken = sink('1')
    for (let i = 0; i < 5; i++) await clock.advance(100)
    expect(await taken).toBeUndefined()
    expect(tries()).toBe(5)
  })

  test('is an error where events must not be lost', async () => {
    const { clock, sink } = failing(true)
    const failed = Promise.resolve(sink('1')).catch((error: unknown) => error)
    for (let i = 0; i < 5; i++) await clock.advance(100)
    expect(await failed).toEqual(new Error('nobody there'))
  })
})

describe('a request whose events are waited for', () => {
  let listening: Listening | undefined
  afterEach(() => listening?.close())

  /** A server with this sink, and what asks it for the version of its API. */
  async function serving(sink: AuditSink) {
    const text = 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata, nonResourceURLs: [/version]}]'
    const { server } = await startServer({ options: { audit: { policy: readAuditPolicy(text), sink } } })
    const certificates = loopbackCertificates()
    listening = await server.listen(loopbackListener(certificates))
    const { authority, admin } = certificates
    const { port } = listening
    const tls = { ca: authority.certificate, cert: admin.certificate, key: admin.key, agent: false }
    const get = (path: string) =>
      new Promise<{ readonly code: number | undefined; readonly body: string }>((resolve, reject) => {
        httpsRequest({ host: LOOPBACK, port, path, ...tls }, (response) => {
          let body = ''
          response.setEncoding('utf8').on('data', (piece: string) => (body += piece))
          response.on('end', () => resolve({ code: response.statusCode, body }))
        })
          .on('error', reject)
          .end()
      })
    return {
      ask: async () => (await get('/version')).code,
      rejected: async () => /^apiserver_audit_requests_rejected_total (.*)$/m.exec((await get('/metrics')).body)?.[1],
    }
  }

  test('begins when its first is taken, and ends when its last is', async () => {
    const taken: { readonly stage: string; readonly take: () => void }[] = []
    const { ask } = await serving(
      (line) => new Promise((take) => taken.push({ stage: (JSON.parse(line) as { stage: string }).stage, take })),
    )
    let status: number | undefined
    const answered = ask().then((code) => (status = code))
    await vi.waitFor(() => expect(taken.map(({ stage }) => stage)).toEqual(['RequestReceived']))
    taken[0]!.take()
    await vi.waitFor(() => expect(taken.map(({ stage }) => stage)).toEqual(['RequestReceived', 'ResponseComplete']))
    expect(status).toBeUndefined()
    taken[1]!.take()
    await answered
    expect(status).toBe(200)
  })

  test('is refused when nobody takes what must be taken', async () => {
    const { ask, rejected } = await serving(async () => Promise.reject(new Error('nobody there')))
    expect(await rejected()).toBe('0')
    expect(await ask()).toBe(500)
    expect(await rejected()).toBe('1')
  })
})
