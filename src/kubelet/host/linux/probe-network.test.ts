import http from 'node:http'
import type { AddressInfo } from 'node:net'

import { Server, ServerCredentials, status } from '@grpc/grpc-js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { listening } from '../../../base/async/listening.ts'
import { systemClock } from '../../../base/clock.ts'
import { linuxProbeNetwork } from './probe-network.ts'

const HOST = '127.0.0.1'
const { signal } = new AbortController()
const probes = linuxProbeNetwork(systemClock, 'kube-probe/1.36')

const bytes = (value: Buffer) => value
const health = new Server()
const web = http.createServer((request, response) => {
  const { code = '200', to } = Object.fromEntries(new URLSearchParams(request.url?.split('?')[1]))
  response.writeHead(Number(code), to === undefined ? {} : { location: to })
  response.end('hello')
})
let healthPort = 0
let webPort = 0

beforeAll(async () => {
  const check = { path: '/grpc.health.v1.Health/Check', requestStream: false, responseStream: false } as const
  const types = {
    requestSerialize: bytes,
    requestDeserialize: bytes,
    responseSerialize: bytes,
    responseDeserialize: bytes,
  }
  health.addService(
    { check: { ...check, ...types } },
    {
      check: ({ request }: { request: Buffer }, answer: (error: object | null, value?: Buffer) => void) => {
        const service = request.subarray(2).toString()
        if (service === 'none') return answer({ code: status.NOT_FOUND, details: 'unknown service' })
        if (service === 'slow') return
        answer(null, Buffer.from([0x08, service === 'down' ? 2 : 1]))
      },
    },
  )
  healthPort = await new Promise<number>((resolve, reject) =>
    health.bindAsync(`${HOST}:0`, ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    ),
  )
  await listening(web, { port: 0, host: HOST })
  webPort = (web.address() as AddressInfo).port
})

afterAll(() => {
  health.forceShutdown()
  web.close()
})

describe('a gRPC probe', () => {
  test.each([
    { service: '', outcome: 'success', output: 'service healthy' },
    { service: 'down', outcome: 'failure', output: 'service unhealthy (responded with "NOT_SERVING")' },
    {
      service: 'none',
      outcome: 'failure',
      output: 'error: health rpc probe failed: rpc error: code = NotFound desc = unknown service',
    },
    { service: 'slow', outcome: 'failure', output: 'timeout: health rpc did not complete within 1s' },
  ])('of the service "$service" says: $output', async ({ service, outcome, output }) => {
    const timeoutMs = service === 'slow' ? 1_000 : 20_000
    expect(await probes.grpc(HOST, healthPort, service, timeoutMs, signal)).toEqual({ outcome, output })
  })

  test('says when there is nobody to talk to', async () => {
    const { output } = await probes.grpc(HOST, 1, '', 1_000, signal)
    expect(output).toBe(`timeout: failed to connect service "${HOST}:1" within 1s: context deadline exceeded`)
  })
})

describe('an HTTP probe', () => {
  const ask = (more: object) =>
    probes.http(
      { scheme: 'HTTP', host: HOST, port: webPort, path: '/', headers: [], timeoutMs: 5_000, ...more },
      signal,
    )

  test('fails by an answer of the wrong kind, unless any will do', async () => {
    expect(await ask({ path: '/?code=500' })).toEqual({
      outcome: 'failure',
      output: 'HTTP probe failed with statuscode: 500',
    })
    expect(await ask({ path: '/?code=500', anyStatus: true })).toMatchObject({ outcome: 'success' })
  })

  const leads = 'Probe terminated redirects, Response body: hello'
  test.each([
    { to: 'its own host', path: '/?code=302&to=/there', output: 'hello', isWarning: undefined },
    { to: 'another', path: '/?code=302&to=http://192.0.2.1/', output: leads, isWarning: true },
    { to: 'nowhere', path: '/?code=301', output: leads, isWarning: true },
    { to: 'what is no redirect', path: '/?code=300&to=/there', output: leads, isWarning: true },
  ])('that is sent to $to succeeds, with a warning unless it got there', async ({ path, output, isWarning }) => {
    expect(await ask({ path })).toEqual({ outcome: 'success', output, ...(isWarning && { isWarning }) })
  })

  test('says that a server does not speak TLS', async () => {
    const { output } = await ask({ scheme: 'HTTPS' })
    expect(output).toBe(`Get "https://${HOST}:${webPort}/": http: server gave HTTP response to HTTPS client`)
  })
})
