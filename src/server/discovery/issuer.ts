/**
 * What others need for checking service account tokens: who issues them, and the public key
 * (https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#service-account-issuer-discovery).
 */

import type { Document, Documents } from './document.ts'

/** A public key as a JSON Web Key (RFC 7517), with the algorithm it is used with. */
export interface PublicKeyFacts {
  readonly kid: string
  readonly alg: string
  readonly jwk: Readonly<Record<string, unknown>>
}

/** Who issues tokens, and what they are checked with. */
export interface IssuerFacts {
  readonly issuer: string
  readonly keys: readonly PublicKeyFacts[]
}

/** Where the issuer says who it is, and where its keys are. */
const CONFIGURATION = '/.well-known/openid-configuration'
const KEYS = '/openid/v1/jwks'
/** Whoever checks tokens need not ask more often. */
const HOURLY = { 'cache-control': 'public, max-age=3600' }

/** Where these documents are. */
export const issuerPaths = [CONFIGURATION, KEYS] as const

/** The document at `path`; `undefined` when the path is none of the issuer's. */
export function issuerDocument(
  path: string,
  { issuer, keys }: IssuerFacts,
  serverAddress: string,
  documents: Documents,
): Document | undefined {
  switch (path) {
    case CONFIGURATION:
      return documents.json(path, { contentType: 'application/json', headers: HOURLY }, () => ({
        issuer,
        jwks_uri: `https://${serverAddress}${KEYS}`,
        response_types_supported: ['id_token'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: [...new Set(keys.map(({ alg }) => alg))],
      }))
    case KEYS:
      return documents.json(path, { contentType: 'application/jwk-set+json', headers: HOURLY }, () => ({
        keys: keys.map(({ kid, alg, jwk }) => ({ use: 'sig', kty: jwk['kty'], kid, alg, ...jwk })),
      }))
    default:
      return undefined
  }
}
