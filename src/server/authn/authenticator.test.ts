import type { TLSSocket } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { userOf } from '../../client/user.ts'
import { createAuthenticator } from './authenticator.ts'

describe('the header Authorization', () => {
  const verify = async (token: string) => ({ user: userOf(`of ${token}`), audiences: [] })
  const authenticator = createAuthenticator({ verify })
  const nobody = 'system:anonymous'
  const apart = 'the provided Authorization header contains extra space before the bearer token, and is ignored'

  const cases: [header: string, name: string, ...warnings: string[]][] = [
    ['Bearer t', 'of t'],
    ['bearer t ', 'of t'],
    ['Bearer t u', 'of t'],
    ['Bearer', nobody],
    ['Bearer  ', nobody],
    ['Basic t', nobody],
    ['Basic  t', nobody],
    ['Bearer  t', nobody, apart],
  ]
  for (const [header, name, ...expected] of cases) {
    test(`"${header}" is ${name}${expected.length === 0 ? '' : ', who is warned'}`, async () => {
      const warnings: string[] = []
      const user = await authenticator.authenticate({} as TLSSocket, header, (text) => warnings.push(text))
      expect([user.name, ...warnings]).toEqual([name, ...expected])
    })
  }
})
