import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type Hostile, startHostile } from '../http/hostile-client.ts'

let server: Hostile
beforeAll(async () => {
  server = await startHostile()
})
afterAll(() => server.close())

const read = async (path: string): Promise<unknown> => JSON.parse((await server.ask({ method: 'GET', path })).body)

test('anybody can check a token with what the server says of itself', async () => {
  const accounts = '/api/v1/namespaces/default/serviceaccounts'
  const post = (path: string, body: object) =>
    server.ask({ method: 'POST', path, type: 'application/json', body: JSON.stringify(body) })
  await post(accounts, { metadata: { name: 'robot' } })
  const { body } = await post(`${accounts}/robot/token`, { spec: { audiences: ['them'] } })
  const { status } = JSON.parse(body) as { status: { token: string } }

  const { issuer } = (await read('/.well-known/openid-configuration')) as { issuer: string }
  const keys = createLocalJWKSet((await read('/openid/v1/jwks')) as JSONWebKeySet)
  const { payload, protectedHeader } = await jwtVerify(status.token, keys, { issuer, audience: 'them' })
  expect(payload.sub).toBe('system:serviceaccount:default:robot')
  expect(protectedHeader.kid).toMatch(/^[\w-]{43}$/)
})
