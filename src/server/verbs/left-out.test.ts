import { afterAll, beforeAll, expect, test } from 'vitest'

import { type Hostile, startHostile } from '../http/hostile-client.ts'

let server: Hostile
beforeAll(async () => {
  server = await startHostile()
})
afterAll(() => server.close())

interface Answer {
  readonly code?: number
  readonly message?: string
  readonly metadata: { readonly generation?: number }
}

async function send(method: string, path: string, body: unknown, type = 'application/json'): Promise<Answer> {
  return JSON.parse((await server.ask({ method, path, type, body: JSON.stringify(body) })).body) as Answer
}
const told = async (...request: Parameters<typeof send>) => (await send(...request)).message

const PODS = '/api/v1/namespaces/default/pods'
const pod = (name: string, spec: object = {}) => ({
  metadata: { name },
  spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
})

test('a Pod may not be given what is not for it, even if it is empty', async () => {
  await send('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } })
  await send('POST', PODS, pod('p'))
  expect(await told('POST', `${PODS}?dryRun=All`, pod('q', { overhead: {} }))).toContain('Pod Overhead set without')
  expect(await told('POST', `${PODS}?dryRun=All`, pod('q', { resources: { claims: [] } }))).toContain(
    'spec.resources.claims',
  )
  const words =
    'Pod "p" is invalid: spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container'
  const body = { spec: { ephemeralContainers: [{ name: 'd', image: 'i', ports: [] }] } }
  const path = `${PODS}/p/ephemeralcontainers?dryRun=All`
  expect(await told('PATCH', path, body, 'application/merge-patch+json')).toBe(words)
  expect(await told('PATCH', path, body, 'application/strategic-merge-patch+json')).toBe(words)
  const applied = { apiVersion: 'v1', kind: 'Pod', ...pod('new', { resources: { claims: [] } }) }
  const apply = `${PODS}/new?dryRun=All&fieldManager=m`
  expect(await told('PATCH', apply, applied, 'application/apply-patch+yaml')).toContain('spec.resources.claims')
})

test('no policies at all are not the same as none said', async () => {
  const scaler = (policies: unknown) => ({
    metadata: { name: 'a' },
    spec: {
      maxReplicas: 2,
      scaleTargetRef: { apiVersion: 'a/v1', kind: 'D', name: 'd' },
      behavior: { scaleUp: { policies } },
    },
  })
  const path = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers?dryRun=All'
  expect(await told('POST', path, scaler(null))).toBe(undefined)
  expect(await told('POST', path, scaler([]))).toContain('spec.behavior.scaleUp.policies: Required value')
})

test('a NetworkPolicy that is given an empty list is another each time', async () => {
  const path = '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies'
  const policy = (spec: object) => ({ metadata: { name: 'n' }, spec: { podSelector: {}, ...spec } })
  const generationOf = async (...request: Parameters<typeof send>) => (await send(...request)).metadata.generation
  expect(await generationOf('POST', path, policy({}))).toBe(1)
  expect(await generationOf('PUT', `${path}/n`, policy({}))).toBe(1)
  expect(await generationOf('PUT', `${path}/n`, policy({ ingress: [] }))).toBe(2)
  expect(await generationOf('PUT', `${path}/n`, policy({ policyTypes: [] }))).toBe(2)
  expect(await generationOf('PUT', `${path}/n`, policy({ ingress: [] }))).toBe(3)
})
