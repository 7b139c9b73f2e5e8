import { request as httpsRequest } from 'node:https'
import { describe, expect, test, vi } from 'vitest'
import { CONFIG_MAPS, NAMESPACES, PODS, SERVICE_ACCOUNTS } from '../../client/resources.ts'
import { startServer } from '../fixtures.ts'
import { LOOPBACK, loopbackCertificates, loopbackListener } from '../loopback.ts'
import type { Policy } from './policy.ts'
import { readAuditPolicy } from './read-policy.ts'

interface Line {
  readonly [field: string]: unknown
  readonly stage: string
  readonly requestURI: string
  readonly objectRef?: Readonly<Record<string, string>>
  readonly responseStatus?: Readonly<Record<string, unknown>>
  readonly requestObject?: { readonly metadata?: Readonly<Record<string, unknown>> }
  readonly responseObject?: { readonly kind?: string; readonly metadata?: Readonly<Record<string, unknown>> }
  readonly annotations?: Readonly<Record<string, string>>
}

const policyOf = (rule: string): Policy =>
  readAuditPolicy(
    `apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None, users: ['system:apiserver']}, ${rule}]`,
  )

/** A server that records by one rule, and what it has recorded. */
async function recording(rule: string) {
  const lines: Line[] = []
  const sink = (line: string) => void lines.push(JSON.parse(line) as Line)
  const started = await startServer({ options: { audit: { policy: policyOf(rule), sink } } })
  return { ...started, lines, last: () => lines.at(-1)! }
}

const map = (name: string) => ({ metadata: { name, namespace: 'default' }, data: { a: 'b' } })
const inDefault = { namespace: 'default' }

describe('the audit log', () => {
  test('tells who asked for what, before it is done and after', async () => {
    const { client, lines } = await recording('{level: Metadata}')
    await client.create(CONFIG_MAPS, map('a'))
    expect(lines.map(({ stage }) => stage)).toEqual(['RequestReceived', 'ResponseComplete'])
    expect(lines[1]).toMatchObject({
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: 'Metadata',
      requestURI: '/api/v1/namespaces/default/configmaps',
      verb: 'create',
      user: { username: 'admin', groups: ['system:masters', 'system:authenticated'] },
      objectRef: { resource: 'configmaps', namespace: 'default', name: 'a', apiVersion: 'v1' },
      responseStatus: { metadata: {}, code: 201 },
      annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': '' },
    })
    expect(lines[0]!.annotations).toBeUndefined()
    expect(lines[1]!.requestObject).toBeUndefined()
  })

  test.each([
    ['Request', 'ConfigMap', undefined],
    ['RequestResponse', 'ConfigMap', 'ConfigMap'],
  ])('has the bodies that the level %s asks for', async (level, sent, answered) => {
    const { client, last } = await recording(`{level: ${level}}`)
    await client.create(CONFIG_MAPS, map('a'))
    expect(last().requestObject).toEqual({
      kind: sent,
      apiVersion: 'v1',
      metadata: { name: 'a', namespace: 'default' },
      data: { a: 'b' },
    })
    expect(last().responseObject?.kind).toBe(answered)
  })

  test('leaves out owners of fields, and stages, where it is told to', async () => {
    const { client, lines } = await recording(
      '{level: RequestResponse, omitManagedFields: true, omitStages: [RequestReceived]}',
    )
    await client.create(CONFIG_MAPS, map('a'))
    await client.list(CONFIG_MAPS, inDefault)
    expect(lines.length).toBe(2)
    expect(JSON.stringify(lines)).not.toContain('managedFields')
    expect(lines[0]!.responseObject?.metadata).toHaveProperty('uid')
  })

  test('has the whole Status of a refusal, and why it was one', async () => {
    const { clientFor, last } = await recording('{level: Metadata}')
    await clientFor('jane')
      .get(CONFIG_MAPS, { ...inDefault, name: 'a' })
      .catch(() => {})
    expect(last().responseStatus).toMatchObject({ status: 'Failure', reason: 'Forbidden', code: 403 })
    expect(last().annotations).toMatchObject({ 'authorization.k8s.io/decision': 'forbid' })
  })

  test('tells what Pod security thinks of a Pod', async () => {
    const { client, last } = await recording('{level: Metadata}')
    const labels = {
      'pod-security.kubernetes.io/enforce': 'baseline',
      'pod-security.kubernetes.io/audit': 'restricted',
    }
    await client.create(NAMESPACES, { metadata: { name: 'n', labels } })
    await client.create(SERVICE_ACCOUNTS, { metadata: { name: 'default', namespace: 'n' } })
    const spec = { automountServiceAccountToken: false, containers: [{ name: 'c', image: 'i' }] }
    await client.create(PODS, { metadata: { name: 'p', namespace: 'n' }, spec })
    expect(last().annotations).toMatchObject({
      'pod-security.kubernetes.io/enforce-policy': 'baseline:latest',
      'pod-security.kubernetes.io/audit-violations': expect.stringContaining(
        'would violate PodSecurity "restricted:latest"',
      ),
    })
  })

  test('tells over the network where a request came from, as whom it acts, and of those nobody knows', async () => {
    const { server, lines } = await recording('{level: Metadata}')
    const certificates = loopbackCertificates()
    const listening = await server.listen(loopbackListener(certificates))
    const { authority, admin } = certificates
    const ask = (path: string, headers: Record<string, string>, known = true) =>
      new Promise<void>((resolve, reject) => {
        const who = known ? { cert: admin.certificate, key: admin.key } : {}
        const options = { host: LOOPBACK, port: listening.port, path, headers, ca: authority.certificate, agent: false }
        httpsRequest({ ...options, ...who }, (response) => {
          // A watch is left as soon as it begins.
          if (path.includes('watch')) resolve(void response.destroy())
          else response.resume().on('end', resolve)
        })
          .on('error', reject)
          .end()
      })
    const nodes = '/api/v1/nodes?fieldSelector=metadata.name%3Dn'
    const acting = { 'audit-id': 'one', 'impersonate-user': 'jane', 'x-forwarded-for': '192.0.2.1, nonsense' }
    await ask(nodes, acting)
    await ask(nodes, { 'audit-id': 'two', authorization: 'Bearer nonsense' }, false)
    await ask('/api/v1/namespaces?watch=1', { 'audit-id': 'three', 'user-agent': 'x'.repeat(2_000) })
    const of = (id: string) => lines.filter(({ auditID }) => auditID === id)
    await vi.waitFor(() => expect(of('three').length).toBe(3))
    await listening.close()
    expect(of('one').at(-1)).toMatchObject({
      user: { username: 'kubernetes-admin' },
      impersonatedUser: { username: 'jane', groups: ['system:authenticated'] },
      sourceIPs: ['192.0.2.1', '127.0.0.1'],
      objectRef: { resource: 'nodes', name: 'n', apiVersion: 'v1' },
      responseStatus: { code: 403 },
    })
    expect(of('two')).toMatchObject([{ stage: 'ResponseStarted', user: {}, responseStatus: { code: 401 } }])
    expect(of('three').map(({ stage }) => stage)).toEqual(['RequestReceived', 'ResponseStarted', 'ResponseComplete'])
    expect(of('three')[0]!['userAgent']).toBe(`${'x'.repeat(1_024)}...TRUNCATED`)
  })
})
