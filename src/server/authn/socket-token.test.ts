import { describe, expect, test } from 'vitest'
import { takeSocketToken } from './socket-token.ts'

const token = (text: string) => `base64url.bearer.authorization.k8s.io.${Buffer.from(text).toString('base64url')}`
const headers = (protocols: string, upgrade = 'WebSocket') => ({ upgrade, 'sec-websocket-protocol': protocols })

describe('a token among the subprotocols of a WebSocket', () => {
  for (const protocols of [`${token('me?>')}, base64.binary.k8s.io`, `base64.binary.k8s.io,${token('me?>')}`]) {
    test(`says who it is, and is no protocol: ${protocols}`, () => {
      const asked = headers(protocols)
      expect(takeSocketToken(asked)).toBe('Bearer me?>')
      expect(asked['sec-websocket-protocol']).toBe('base64.binary.k8s.io')
    })
  }

  const refused = {
    alone: token('me'),
    twice: `${token('me')}, ${token('you')}, binary.k8s.io`,
    empty: 'base64url.bearer.authorization.k8s.io., binary.k8s.io',
    'no base64': 'base64url.bearer.authorization.k8s.io.~~~~, binary.k8s.io',
  }
  for (const [name, protocols] of Object.entries(refused)) {
    test(`is refused when it is ${name}`, () => {
      expect(() => takeSocketToken(headers(protocols))).toThrow('Unauthorized')
    })
  }

  test('is none elsewhere', () => {
    expect(takeSocketToken(headers('binary.k8s.io'))).toBeUndefined()
    expect(takeSocketToken({})).toBeUndefined()
    expect(takeSocketToken(headers(`${token('me')}, binary.k8s.io`, 'h2c'))).toBeUndefined()
  })
})
