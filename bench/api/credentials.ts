/** Certificates for one run: an authority, a server on loopback, a client who may do everything. */

import { createAuthority, createSigningKey, issueCertificate, type KeyPair } from '../../src/base/tls/certificates.ts'

export interface Credentials {
  readonly authority: KeyPair
  readonly server: KeyPair
  readonly client: KeyPair
  /** Signs service account tokens. */
  readonly tokens: { readonly key: string; readonly publicKey: string }
}

export const HOST = '127.0.0.1'
const DAY_MS = 86_400_000

export function makeCredentials(): Credentials {
  const validity = { notBefore: Date.now() - DAY_MS, notAfter: Date.now() + DAY_MS }
  const authority = createAuthority({ commonName: 'gorae-bench', ...validity })
  const client = { commonName: 'bench', organizations: ['system:masters'], usages: ['client'] as const }
  const server = {
    commonName: 'kube-apiserver',
    dnsNames: ['localhost'],
    ipAddresses: [HOST],
    usages: ['server'] as const,
  }
  return {
    authority,
    server: issueCertificate(authority, { ...server, ...validity }),
    client: issueCertificate(authority, { ...client, ...validity }),
    tokens: createSigningKey(),
  }
}
