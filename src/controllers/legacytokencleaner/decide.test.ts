import { describe, expect, test } from 'vitest'
import type { Secret, ServiceAccount } from '../../api/generated/core-v1.ts'
import { judgeToken } from './decide.ts'

const SINCE = Date.parse('2025-11-23T12:00:00Z')
const USED = 'kubernetes.io/legacy-token-last-used'
const INVALID = 'kubernetes.io/legacy-token-invalid-since'
const account: ServiceAccount = { metadata: { name: 'robot' }, secrets: [{ name: 'token' }] }

const token = (labels: Record<string, string>, metadata: Secret['metadata'] = {}): Secret => ({
  metadata: { name: 'token', creationTimestamp: '2024-01-01T00:00:00Z', labels, ...metadata },
})

describe('judgeToken()', () => {
  const cases: readonly [when: string, secret: Secret, verdict: string, facts?: object][] = [
    ['was never used', token({}), 'invalidate'],
    ['was used long ago', token({ [USED]: '2025-11-22' }), 'invalidate'],
    ['was used on the first day that counts', token({ [USED]: '2025-11-23' }), 'keep'],
    ['was used on a day that there is not', token({ [USED]: '2024-02-30' }), 'keep'],
    ['is young', token({}, { creationTimestamp: '2025-11-23T12:00:00Z' }), 'keep'],
    ['is going', token({}, { deletionTimestamp: '2026-01-01T00:00:00Z' }), 'keep'],
    ['is mounted', token({}), 'keep', { isMounted: true }],
    ['has no account', token({}), 'keep', { account: undefined }],
    ['was made by hand', token({}), 'keep', { account: { ...account, secrets: [] } }],
    ['is refused since long ago', token({ [INVALID]: '2025-11-22' }), 'delete'],
    ['is refused since the first day that counts', token({ [INVALID]: '2025-11-23' }), 'keep'],
    ['is refused since no day', token({ [INVALID]: 'yes' }), 'invalidate'],
  ]
  for (const [when, secret, verdict, facts] of cases) {
    test(`says ${verdict} of a token that ${when}`, () => {
      expect(judgeToken(secret, { account, isMounted: false, since: SINCE, ...facts })).toBe(verdict)
    })
  }
})
