import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { listening } from '../../../base/async/listening.ts'
import { manifestUrl } from './manifest-url.ts'

const CONFIG = { staticPodURL: '', staticPodURLHeader: {}, httpCheckFrequency: 5_000 }

let server: http.Server
let asked: http.IncomingHttpHeaders
let answer: { readonly status: number; readonly body: string | Buffer }
beforeEach(async () => {
  answer = { status: 200, body: 'kind: Pod' }
  server = http.createServer((request, response) => {
    asked = request.headers
    response.writeHead(answer.status).end(answer.body)
  })
  await listening(server, { port: 0, host: '127.0.0.1' })
})
afterEach(() => server.close())

const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/pods`

function read() {
  const staticPodURLHeader = { authorization: ['Bearer x'], 'x-a': ['one', 'two'] }
  const [source] = manifestUrl({ ...CONFIG, staticPodURL: address(), staticPodURLHeader })
  return source?.read(new AbortController().signal)
}

test('no address is no source', () => {
  expect(manifestUrl(CONFIG)).toEqual([])
})

test('an address is asked with the headers that were stated', async () => {
  expect(await read()).toEqual(new Map([[address(), 'kind: Pod']]))
  expect(asked).toMatchObject({ authorization: 'Bearer x', 'x-a': 'one, two' })
})

test('an empty answer asks for nothing', async () => {
  answer = { status: 200, body: '' }
  expect(await read()).toEqual(new Map())
})

test.each([
  { what: 'a failure', status: 503, body: 'later', why: /\/pods: 503 Service Unavailable$/ },
  { what: 'too much', status: 200, body: Buffer.alloc(10 * 1024 * 1024 + 1), why: /longer than 10485760 bytes/ },
])('$what is no answer', async ({ status, body, why }) => {
  answer = { status, body }
  await expect(read()).rejects.toThrow(why)
})
