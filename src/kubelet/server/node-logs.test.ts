import http from 'node:http'
import { type AddressInfo, Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { listening } from '../../base/async/listening.ts'
import { fromTime } from '../../base/clock.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import type { ServiceLogQuery, SystemLogs } from '../host/host.ts'
import { KubeletRefusal } from './kubelet-api.ts'
import { nodeLogs } from './node-logs.ts'

const DEPS = { clock: new ManualClock(0), signal: new AbortController().signal }
const FILES: Readonly<Record<string, string>> = { '/sys log': 'one\n', '/pods/x': '', '/app.log': 'app said\n' }

/** What the journal has been asked for. */
let asked: ServiceLogQuery | undefined

const logs: SystemLogs = {
  async open(path) {
    if (path === '' || path === '/' || path === '/pods' || path === '/pods/')
      return { kind: 'folder', names: ['a:b<c>/', 'sys log'] }
    const text = FILES[path.replace(/\/$/, '').replace('/./', '/')]
    if (text === undefined) return undefined
    return { kind: 'file', size: text.length, modifiedAt: 1_000, bytes: () => [Buffer.from(text)] }
  },
  services: {
    knows: (service) => Promise.resolve(service === 'ssh'),
    async *read(query) {
      asked = query
      yield Buffer.from('said\n')
    },
  },
}

let server: http.Server
beforeEach(async () => {
  server = http.createServer((request, response) => {
    const { pathname: path, searchParams } = new URL(request.url ?? '', 'http://node')
    const query = request.headers['x-search'] === undefined ? undefined : searchParams
    const asked = { path, isHead: request.method === 'HEAD', ...(query !== undefined && { query }) }
    nodeLogs({ ...DEPS, logs }, asked, response).catch((error: unknown) => {
      if (!(error instanceof KubeletRefusal)) response.writeHead(500).end(String(error))
      else response.writeHead(error.status).end(error.message)
    })
  })
  await listening(server, { port: 0, host: '127.0.0.1' })
})
afterEach(() => server.close())

const ask = (path: string, method = 'GET', headers: Record<string, string> = {}) =>
  fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { method, headers, redirect: 'manual' })

describe('/logs/', () => {
  test('shows a folder as a page of links', async () => {
    const answer = await ask('/logs/')
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
    const lines = (await answer.text()).split('\n')
    expect(lines).toContain('<a href="a%3Ab%3Cc%3E/">a:b&lt;c&gt;/</a>')
    expect(lines).toContain('<a href="sys%20log">sys log</a>')
  })

  test('sends a file', async () => {
    const answer = await ask('/logs/sys%20log')
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(answer.headers.get('last-modified')).toBe('Thu, 01 Jan 1970 00:00:01 GMT')
    expect(await answer.text()).toBe('one\n')
    const head = await ask('/logs/sys%20log', 'HEAD')
    expect([head.headers.get('content-length'), await head.text()]).toEqual(['4', ''])
  })

  const elsewhere = [
    { path: '/logs', status: 301, to: 'logs/' },
    { path: '/logs/pods', status: 301, to: 'pods/' },
    { path: '/logs/sys%20log/', status: 301, to: '../sys%20log' },
    { path: '/logs/none', status: 404, to: null },
  ]
  for (const { path, status, to } of elsewhere) {
    test(`${path}: ${status}${to === null ? '' : ` ${to}`}`, async () => {
      const answer = await ask(path)
      expect([answer.status, answer.headers.get('location')]).toEqual([status, to])
    })
  }

  const search = async (query: string) => {
    const answer = await ask(`/logs/${query}`, 'GET', { 'x-search': '1' })
    return { status: answer.status, text: await answer.text() }
  }

  const found = [
    { what: 'a service of the journal', query: '?query=ssh', text: 'said\n' },
    { what: 'one that writes a file', query: '?query=app', text: 'app said\n' },
    { what: 'both', query: '?query=app&query=ssh', text: 'said\napp said\n' },
    { what: 'a file', query: '?query=./app.log', text: 'app said\n' },
    { what: 'nobody', query: '?query=none', text: '\nlog not found for none\n' },
    { what: 'a path', query: 'app.log', text: 'app said\n' },
  ]
  for (const { what, query, text } of found) {
    test(`searches for ${what}`, async () => {
      expect(await search(query)).toEqual({ status: 200, text })
    })
  }

  test('asks the journal for what narrows the answer, and says that files cannot be narrowed', async () => {
    const narrow =
      'sinceTime=2026-01-01T02:00:00%2B02:00&untilTime=2026-01-02T00:00:00Z&tailLines=7&boot=-1&pattern=a.*'
    expect(await search(`?query=ssh&query=app&${narrow}`)).toEqual({
      status: 200,
      text: 'said\n\noptions present and query resolved to log files for [app]\ntry without specifying options\n',
    })
    const [since, until] = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'].map(fromTime)
    expect(asked).toMatchObject({ services: ['ssh'], since, until, tail: 7, boot: -1, pattern: 'a.*' })
  })

  const refused = [
    { query: '?query=', status: 400, text: 'query: Invalid value: [""]: may not be empty' },
    { query: '?tailLines=x', status: 400, text: 'strconv.Atoi: parsing "x": invalid syntax' },
    { query: '?query=ssh&sinceTime=2026-01-01', status: 400, text: '"2026-01-01": invalid time format' },
    { query: '?tailLines=2', status: 406, text: 'query: Required value: cannot be empty with options' },
    { query: '?query=ssh&boot=1', status: 406, text: 'boot: Invalid value: 1: must be less than 1' },
    { query: '?query=ssh&tailLines=100001', status: 406, text: 'must be between 0 and 100000, inclusive' },
    { query: '?query=ssh&pattern=(', status: 406, text: 'error parsing regexp: missing closing ): `(`' },
    { query: '?query=a%24', status: 406, text: 'query: Invalid value: "a$": input contains unsupported characters' },
    { query: '?query=a&query=b&query=c&query=d&query=e', status: 406, text: 'Too many: 5: must have at most 4 items' },
    { query: '?query=/app.log', status: 406, text: 'statat /app.log: path escapes from parent' },
    { query: '?query=./none', status: 406, text: 'statat ./none: no such file or directory' },
    { query: '?query=./app.log&boot=0', status: 406, text: 'cannot specify file with options' },
    {
      query: '?query=./app.log&query=ssh',
      status: 406,
      text: '"[./app.log], [ssh]": cannot specify a file and service',
    },
    { query: 'app.log?query=ssh', status: 406, text: 'path not allowed in query mode' },
  ]
  for (const { query, status, text } of refused) {
    test(`refuses ${query}`, async () => {
      expect(await search(query)).toEqual({ status, text: expect.stringContaining(text) })
    })
  }

  test('is refused where the machine has none', async () => {
    const { ServerResponse, IncomingMessage } = http
    const response = new ServerResponse(new IncomingMessage(new Socket()))
    await expect(nodeLogs({ ...DEPS, logs: undefined }, { path: '/logs/', isHead: false }, response)).rejects.toThrow(
      'logs endpoint is disabled.',
    )
  })
})
