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
  response.statusCode = request.url === '/bad' ? 500 : 200
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
    expect(await probes.grpc(HOST, healthPort, service, 1_000, signal)).toEqual({ outcome, output })
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
    expect(await ask({ path: '/bad' })).toEqual({
      outcome: 'failure',
      output: 'HTTP probe failed with statuscode: 500',
    })
    expect(await ask({ path: '/bad', anyStatus: true })).toMatchObject({ outcome: 'success' })
  })

  test('says that a server does not speak TLS', async () => {
    const { output } = await ask({ scheme: 'HTTPS' })
    expect(output).toBe(`Get "https://${HOST}:${webPort}/": http: server gave HTTP response to HTTPS client`)
  })
})
