import { generateKeyPairSync, sign, X509Certificate } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { CertificateSigningRequestSpec } from '../../src/api/generated/certificates-v1.ts'
import {
  bitString,
  explicit,
  implicit,
  integer,
  objectId,
  octetString,
  sequence,
  set,
  utf8String,
} from '../../src/base/tls/der.ts'
import { createClient } from '../../src/client/client.ts'
import { httpTransport } from '../../src/client/http-transport.ts'
import {
  CERTIFICATE_SIGNING_REQUESTS,
  CLUSTER_ROLE_BINDINGS,
  CONFIG_MAPS,
  NAMESPACES,
} from '../../src/client/resources.ts'
import { type Cluster, createCluster } from '../../src/testing/cluster.ts'

interface Wish {
  readonly commonName: string
  readonly organization?: string
  readonly dnsNames?: readonly string[]
  /** Somebody else's signature. */
  readonly isForged?: boolean
}

/** A request for a certificate as `openssl req -new` makes it, base64, and its key. */
function keyed({ commonName, organization, dnsNames = [], isForged = false }: Wish) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const part = (oid: string, text: string) => set(sequence(objectId(oid), utf8String(text)))
  const names = sequence(...dnsNames.map((name) => implicit(2, Buffer.from(name))))
  const wanted = sequence(sequence(objectId('2.5.29.17'), octetString(names)))
  const attributes = dnsNames.length === 0 ? [] : [sequence(objectId('1.2.840.113549.1.9.14'), set(wanted))]
  const info = sequence(
    integer(Buffer.from([0])),
    sequence(...(organization === undefined ? [] : [part('2.5.4.10', organization)]), part('2.5.4.3', commonName)),
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(0, ...attributes),
  )
  const signer = isForged ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey : privateKey
  const signature = bitString(sign('sha256', info, signer))
  const der = sequence(info, sequence(objectId('1.2.840.10045.4.3.2')), signature)
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${lines.join('\n')}\n-----END CERTIFICATE REQUEST-----\n`
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return { request: Buffer.from(pem).toString('base64'), key }
}

const requestFor = (wish: Wish): string => keyed(wish).request

const ask = (cluster: Cluster, request: string, spec: Partial<CertificateSigningRequestSpec>) =>
  cluster.client.create(CERTIFICATE_SIGNING_REQUESTS, {
    metadata: { name: 'r' },
    spec: { request, signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'], ...spec },
  })

const find = (cluster: Cluster) => cluster.client.get(CERTIFICATE_SIGNING_REQUESTS, { name: 'r' })

async function approve(cluster: Cluster): Promise<void> {
  const request = await find(cluster)
  const conditions = [{ type: 'Approved', status: 'True' as const, reason: 'Fine', message: 'fine' }]
  await cluster.client.update(
    CERTIFICATE_SIGNING_REQUESTS,
    { ...request, status: { conditions } },
    { subresource: 'approval' },
  )
  await cluster.advance(100)
}

async function issued(cluster: Cluster): Promise<X509Certificate> {
  const text = (await find(cluster)).status?.certificate
  if (text === undefined) throw new Error('nothing was issued')
  return new X509Certificate(Buffer.from(text, 'base64').toString('latin1'))
}

describe('a request for a certificate', () => {
  test('is signed by the authority of the cluster once somebody approves it', async () => {
    await using cluster = await createCluster({ clock: 'virtual', startMs: Date.UTC(2026, 5, 1) })
    await ask(cluster, requestFor({ commonName: 'jane', organization: 'devs' }), { expirationSeconds: 86_400 })
    await cluster.advance(1_000)
    expect((await find(cluster)).status?.certificate).toBeUndefined()
    await approve(cluster)
    const certificate = await issued(cluster)
    const roots = await cluster.client.get(CONFIG_MAPS, { namespace: 'default', name: 'kube-root-ca.crt' })
    const root = new X509Certificate(roots.data?.['ca.crt'] ?? '')
    expect(certificate.verify(root.publicKey)).toBe(true)
    expect(certificate.checkIssued(root)).toBe(true)
    expect(certificate.subject).toBe('O=devs\nCN=jane')
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2'])
    expect(certificate.ca).toBe(false)
    const [from, to] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)]
    expect(to - from).toBe(86_400_000)
    expect(cluster.clock.now() - from).toBeLessThan(302_000)
  })

  test('opens the API to whom it names', async () => {
    await using cluster = await createCluster()
    const { server, ca = '' } = (await cluster.serve()).access
    const { request, key } = keyed({ commonName: 'jane' })
    await ask(cluster, request, {})
    await approve(cluster)
    await cluster.until(async () => (await find(cluster)).status?.certificate !== undefined)
    const transport = httpTransport({ server, ca, certificate: (await issued(cluster)).toString(), key })
    await expect(createClient(transport).list(NAMESPACES)).rejects.toThrow('User "jane" cannot list')
    await transport.close()
  })

  const cases: readonly {
    readonly why: string
    readonly wish: Wish
    readonly spec: Partial<CertificateSigningRequestSpec>
  }[] = [
    {
      why: 'invalid usage for client certificate: server auth',
      wish: { commonName: 'jane' },
      spec: { usages: ['client auth', 'server auth'] },
    },
    {
      why: 'DNS or IP subjectAltName is required',
      wish: { commonName: 'system:node:a', organization: 'system:nodes' },
      spec: { signerName: 'kubernetes.io/kubelet-serving', usages: ['server auth', 'digital signature'] },
    },
    {
      why: 'usages did not match [digital signature key encipherment server auth]',
      wish: { commonName: 'system:node:a', organization: 'system:nodes', dnsNames: ['a'] },
      spec: { signerName: 'kubernetes.io/kubelet-serving', usages: ['client auth'] },
    },
    {
      why: 'unable to verify certificate request signature: x509: invalid signature',
      wish: { commonName: 'jane', isForged: true },
      spec: {},
    },
  ]
  for (const { why, wish, spec } of cases) {
    test(`fails, and says: ${why}`, async () => {
      await using cluster = await createCluster({ clock: 'virtual' })
      await ask(cluster, requestFor(wish), spec)
      await approve(cluster)
      const { conditions = [], certificate } = (await find(cluster)).status ?? {}
      expect(certificate).toBeUndefined()
      expect(conditions.at(-1)).toMatchObject({ type: 'Failed', reason: 'SignerValidationFailure', message: why })
    })
  }

  test('of a kubelet is approved by itself where its sender may create one for a node', async () => {
    await using cluster = await createCluster({ clock: 'virtual' })
    const sender = cluster.clientFor('system:bootstrap:abc', ['system:bootstrappers'])
    const give = (name: string) =>
      cluster.client.create(CLUSTER_ROLE_BINDINGS, {
        metadata: { name: name.replaceAll(':', '-') },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
        subjects: [{ kind: 'Group', name: 'system:bootstrappers', apiGroup: 'rbac.authorization.k8s.io' }],
      })
    await cluster.advance(1_000)
    await give('system:node-bootstrapper')
    const request = requestFor({ commonName: 'system:node:a', organization: 'system:nodes' })
    const spec: CertificateSigningRequestSpec = {
      request,
      signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
      usages: ['digital signature', 'client auth'],
    }
    await sender.create(CERTIFICATE_SIGNING_REQUESTS, { metadata: { name: 'r' }, spec })
    await cluster.advance(1_000)
    expect((await find(cluster)).status?.conditions).toBeUndefined()
    await give('system:certificates.k8s.io:certificatesigningrequests:nodeclient')
    await cluster.client.delete(CERTIFICATE_SIGNING_REQUESTS, { name: 'r' })
    await sender.create(CERTIFICATE_SIGNING_REQUESTS, { metadata: { name: 'r' }, spec })
    await cluster.advance(1_000)
    expect((await find(cluster)).status?.conditions).toMatchObject([
      {
        type: 'Approved',
        reason: 'AutoApproved',
        message: 'Auto approving kubelet client certificate after SubjectAccessReview.',
      },
    ])
    expect((await issued(cluster)).subject).toBe('O=system:nodes\nCN=system:node:a')
  })

  test('goes an hour after it was issued', async () => {
    await using cluster = await createCluster({ clock: 'virtual', scheduler: false })
    const isThere = async () => (await cluster.client.list(CERTIFICATE_SIGNING_REQUESTS)).items.length === 1
    await ask(cluster, requestFor({ commonName: 'jane' }), {})
    await approve(cluster)
    await cluster.advance(3_590_000)
    expect(await isThere()).toBe(true)
    await cluster.advance(20_000)
    expect(await isThere()).toBe(false)
  })
})
