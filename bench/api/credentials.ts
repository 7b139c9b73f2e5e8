/** Certificates for one run: an authority, a server on loopback, a client who may do everything. */

import { createSigningKey } from '../../src/base/tls/certificates.ts'
import { type LoopbackCertificates, loopbackCertificates } from '../../src/server/loopback.ts'

export interface Credentials extends LoopbackCertificates {
  /** Signs service account tokens. */
  readonly tokens: { readonly key: string; readonly publicKey: string }
}

export function makeCredentials(): Credentials {
  return { ...loopbackCertificates(), tokens: createSigningKey() }
}
