import { describe, expect, test } from 'vitest'
import { ACCOUNT_NAME, ACCOUNT_UID, filledSecret, type ReadAccount, type ReadSecret, TYPE } from './fill-secret.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')
const FULL = { 'ca.crt': base64('PEM'), namespace: base64('shop'), token: base64('mine') }
const making = { mint: () => 'minted', rootCa: 'PEM' }

const account: ReadAccount = { metadata: { name: 'robot', namespace: 'shop', uid: 'u1' } }
const aSecret = (data: Record<string, string>, uid?: string): ReadSecret => ({
  metadata: {
    name: 's',
    namespace: 'shop',
    annotations: { [ACCOUNT_NAME]: 'robot', ...(uid === undefined ? {} : { [ACCOUNT_UID]: uid }) },
  },
  type: TYPE,
  data,
})

describe('filledSecret()', () => {
  const cases = [
    { when: 'it is empty', data: {}, want: { ...FULL, token: base64('minted') } },
    { when: 'it names another authority', data: { ...FULL, 'ca.crt': base64('OLD') }, want: FULL },
    {
      when: 'it holds more',
      data: { ...FULL, token: '', more: 'x' },
      want: { ...FULL, token: base64('minted'), more: 'x' },
    },
  ]
  for (const { when, data, want } of cases) {
    test(`gives a Secret what it lacks when ${when}`, () => {
      const filled = filledSecret(making, aSecret(data, 'u1'), account)
      expect(filled?.data).toEqual(want)
    })
  }

  test('ties a full one to its account', () => {
    expect(filledSecret(making, aSecret(FULL), account)?.metadata.annotations?.[ACCOUNT_UID]).toBe('u1')
  })

  test('changes nothing about one that has everything', () => {
    expect(filledSecret(making, aSecret(FULL, 'u1'), account)).toBeUndefined()
  })
})
