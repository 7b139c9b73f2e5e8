/** Large documents: made piece by piece, once. */
import { expect, test } from 'vitest'
import { resourceFacts } from '../../../api/generated/resources.ts'
import { turnsDuring } from '../../../base/async/turns-during.ts'
import { createDiscovery } from '../discovery.ts'

const version = { major: '1', minor: '36', gitVersion: 'v1.36.0', platform: 'linux/amd64' }
const newDiscovery = () =>
  createDiscovery(
    Object.values(resourceFacts).map((facts) => ({ ...facts })),
    {
      version: { ...version, gitCommit: '', gitTreeState: '', buildDate: '', goVersion: '', compiler: '' },
      serverAddress: '127.0.0.1:6443',
      clock: { now: () => 0 },
      issuer: { issuer: 'https://issuer', keys: [] },
    },
  )

const protobuf = (spec: string) => `application/com.github.proto-openapi.spec.${spec}.v1.0+protobuf`
const cases = [
  { path: '/openapi/v2', accept: 'application/json', pieces: 100 },
  { path: '/openapi/v2', accept: protobuf('v2'), pieces: 100 },
  { path: '/openapi/v3/api/v1', accept: 'application/json', pieces: 30 },
  { path: '/openapi/v3/api/v1', accept: protobuf('v3'), pieces: 30 },
  { path: '/openapi/v3/apis/apps/v1', accept: 'application/json', pieces: 20 },
]
for (const { path, accept, pieces } of cases) {
  test(`others have their turn while ${path} is made as ${accept}, once for all who ask`, async () => {
    const discovery = newDiscovery()
    await discovery.respond({ path: '/openapi/v3/version', accept: accept.replace('v2', 'v3') }) // loads what makes documents
    const asked = Promise.all([1, 2, 3].map(() => discovery.respond({ path, accept })))
    expect(await turnsDuring(asked)).toBeGreaterThan(pieces)
    const [first, ...others] = await asked
    expect(first?.status).toBe(200)
    for (const other of others) expect(other?.body).toBe(first?.body)
  })
}
