import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Hostile, startHostile } from '../http/hostile-client.ts'

let server: Hostile
beforeAll(async () => {
  server = await startHostile()
})
afterAll(() => server.close())

const MAPS = '/api/v1/namespaces/default/configmaps'
const WEB_SOCKET = ['sec-websocket-version: 13', 'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==']

/** A masked frame that ends a WebSocket: else the server would wait for it. */
const CLOSE = Buffer.from([0x88, 0x80, 0, 0, 0, 0])

/** A request that wishes for an upgrade, and what follows it. */
const wish = (line: string, to: string, headers: readonly string[] = [], rest = '') => [
  `${[`${line} HTTP/1.1`, 'host: server', 'connection: Upgrade', `upgrade: ${to}`, ...headers].join('\r\n')}\r\n\r\n${rest}`,
]

describe('a wish for an upgrade that is not done', () => {
  const passedOver: readonly (readonly [what: string, bytes: readonly string[], status: number, body: string])[] = [
    ['HTTP/2', wish(`GET ${MAPS}`, 'h2c', ['HTTP2-Settings: AAMAAABkAAQAAP__']), 200, 'ConfigMapList'],
    ['a WebSocket for a list', wish(`GET ${MAPS}`, 'websocket', WEB_SOCKET), 200, 'ConfigMapList'],
    ['a WebSocket for no resource', wish('GET /version', 'websocket', WEB_SOCKET), 200, '"major"'],
    ['a WebSocket for nothing', wish('GET /nope', 'websocket', WEB_SOCKET), 404, '404 page not found'],
    ['SPDY for a delete', wish(`DELETE ${MAPS}/none`, 'SPDY/3.1'), 404, 'configmaps \\"none\\" not found'],
    ['streams for a watch', wish(`GET ${MAPS}?watch=1&timeoutSeconds=1`, 'SPDY/3.1'), 200, ''],
  ]
  for (const [what, bytes, status, body] of passedOver) {
    test(`is passed over: ${what}`, async () => {
      const answer = await server.raw(bytes)
      expect(answer.status).toBe(status)
      expect(answer.body).toContain(body)
    })
  }

  test('hides no second request behind it', async () => {
    const second = `GET /version HTTP/1.1\r\nhost: server\r\n\r\n`
    const { head, body } = await server.raw(wish(`GET ${MAPS}`, 'websocket', WEB_SOCKET, second))
    expect(body).not.toContain('HTTP/1.1')
    expect(head.toLowerCase()).toContain('connection: close')
  })

  test('is refused where there is a body, which cannot be read any more', async () => {
    const { status } = await server.raw(wish(`POST ${MAPS}`, 'h2c', ['content-length: 2'], '{}'))
    expect(status).toBe(400)
    expect(server.failures).toEqual([])
  })
})

test('a refused WebSocket is answered as other requests are', async () => {
  const { status, head } = await server.raw(wish('GET /api/v1/pods?watch=1&labelSelector=!!', 'websocket', WEB_SOCKET))
  expect(status).toBe(400)
  expect(head).toMatch(/^HTTP\/1\.1 400 Bad Request\r\naudit-id: \S+\r\ncache-control: no-cache, private\r\n/)
})

describe('a watch over a WebSocket', () => {
  const path = `GET ${MAPS}?watch=1&timeoutSeconds=1`
  const page = 'origin: https://page.example'
  const version8 = 'sec-websocket-version: 8'
  const cases: readonly (readonly [what: string, headers: readonly string[], head: RegExp])[] = [
    ['from a page', [...WEB_SOCKET, page], / 101 /],
    ['from nowhere', WEB_SOCKET, / 403 Forbidden/],
    ['from a page without a name', [...WEB_SOCKET, 'origin: null'], / 403 Forbidden/],
    ['in a subprotocol of any name', [...WEB_SOCKET, page, 'sec-websocket-protocol: any'], / 101 .*-Protocol: any$/is],
    ['in one of two subprotocols', [...WEB_SOCKET, page, 'sec-websocket-protocol: a, b'], / 400 /],
    ['in an old version', [WEB_SOCKET[1]!, version8, page], / 400 .*Sec-WebSocket-Version: 13/is],
    ['without a key', [WEB_SOCKET[0]!, page], / 400 /],
  ]
  for (const [what, headers, head] of cases) {
    test(`is begun or refused: ${what}`, async () =>
      expect((await server.raw([...wish(path, 'websocket', headers), CLOSE])).head).toMatch(head))
  }
})
