import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

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

test('a review tells why a token is good for nothing', async () => {
  const accounts = '/api/v1/namespaces/default/serviceaccounts'
  const send = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const text = body === undefined ? {} : { type: 'application/json', body: JSON.stringify(body) }
    return JSON.parse((await server.ask({ method, path, ...text })).body) as T
  }
  const account = { metadata: { name: 'android' } }
  const created = await send<{ metadata: { uid: string } }>('POST', accounts, account)
  const { status } = await send<{ status: { token: string } }>('POST', `${accounts}/android/token`, { spec: {} })
  const told = async (audiences?: string[]) => {
    const spec = { token: status.token, ...(audiences === undefined ? {} : { audiences }) }
    const reviews = '/apis/authentication.k8s.io/v1/tokenreviews'
    return (await send<{ status: { error?: string } }>('POST', reviews, { spec })).status.error
  }
  expect(await told()).toBe(undefined)
  expect(await told(['them'])).toMatch(
    /^\[invalid bearer token, token audiences \[".*"\] is invalid for the target audiences \["them"\]\]$/,
  )
  await send('DELETE', `${accounts}/android`)
  expect(await told()).toBe('[invalid bearer token, serviceaccounts "android" not found]')
  const again = await send<{ metadata: { uid: string } }>('POST', accounts, account)
  const uids = `(${again.metadata.uid}) does not match claim (${created.metadata.uid})`
  expect(await told()).toBe(`[invalid bearer token, service account UID ${uids}]`)
})

describe('a review reads a token as it would stand in a header', () => {
  const cases: [token: string, name: string | undefined][] = [
    [' x', 'system:anonymous'],
    ['   ', 'system:anonymous'],
    ['x y', undefined],
    ['\tx', undefined],
    ['$TOKEN y', 'system:serviceaccount:default:reader'],
    [' $TOKEN', 'system:anonymous'],
  ]
  for (const [text, name] of cases) {
    test(`${JSON.stringify(text)} is of ${name ?? 'nobody'}`, async () => {
      const post = async <T>(path: string, body: object): Promise<T> =>
        JSON.parse(
          (await server.ask({ method: 'POST', path, type: 'application/json', body: JSON.stringify(body) })).body,
        ) as T
      const accounts = '/api/v1/namespaces/default/serviceaccounts'
      await post(accounts, { metadata: { name: 'reader' } })
      const { status: issued } = await post<{ status: { token: string } }>(`${accounts}/reader/token`, { spec: {} })
      const spec = { token: text.replace('$TOKEN', issued.token), audiences: [] }
      type Told = { status: { authenticated?: boolean; error?: string; user: { username?: string } } }
      const { status } = await post<Told>('/apis/authentication.k8s.io/v1/tokenreviews', { spec })
      expect(status.user.username).toBe(name)
      expect(status.authenticated).toBe(name === undefined ? undefined : true)
      expect(status.error).toBe(name === undefined ? 'invalid bearer token' : undefined)
    })
  }
})
