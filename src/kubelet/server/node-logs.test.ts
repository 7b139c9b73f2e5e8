import http from 'node:http'
import { type AddressInfo, Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { listening } from '../../base/async/listening.ts'
import type { SystemLogs } from '../host/host.ts'
import { KubeletRefusal } from './kubelet-api.ts'
import { nodeLogs } from './node-logs.ts'

const FILES: Readonly<Record<string, string>> = { '/sys log': 'one\n', '/pods/x': '' }

const logs: SystemLogs = {
  async open(path) {
    if (path === '' || path === '/' || path === '/pods' || path === '/pods/')
      return { kind: 'folder', names: ['a:b<c>/', 'sys log'] }
    const text = FILES[path.replace(/\/$/, '')]
    if (text === undefined) return undefined
    return { kind: 'file', size: text.length, modifiedAt: 1_000, bytes: () => [Buffer.from(text)] }
  },
}

let server: http.Server
beforeEach(async () => {
  server = http.createServer((request, response) => {
    const asked = { path: request.url ?? '', isHead: request.method === 'HEAD' }
    nodeLogs(logs, asked, response).catch((error: unknown) => {
      response.writeHead(error instanceof KubeletRefusal ? error.status : 500).end()
    })
  })
  await listening(server, { port: 0, host: '127.0.0.1' })
})
afterEach(() => server.close())

const ask = (path: string, method = 'GET') =>
  fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { method, redirect: 'manual' })

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

  test('is refused where the machine has none', async () => {
    const { ServerResponse, IncomingMessage } = http
    const response = new ServerResponse(new IncomingMessage(new Socket()))
    await expect(nodeLogs(undefined, { path: '/logs/', isHead: false }, response)).rejects.toThrow(
      'logs endpoint is disabled.',
    )
  })
})
