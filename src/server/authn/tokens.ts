/**
 * Service account tokens: signed, bound to an audience, an account and mostly to a Pod, and good for a while
 * (https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens).
 */

import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { errors, jwtVerify } from 'jose'
import type { Secret } from '../../api/generated/core-v1.ts'
import type { Clock } from '../../base/clock.ts'
import type { Random } from '../../base/random.ts'
import { serviceAccountGroups, serviceAccountUserName, type UserInfo } from '../../client/user.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { IssuerFacts } from '../discovery/issuer.ts'
import type { WatchCache } from '../watchcache/watch-cache.ts'
import {
  claimedIssuer,
  findSecretToken,
  SECRET_TOKEN_ISSUER,
  secretClaims,
  type SecretTokenSubject,
} from './secret-tokens.ts'
import type { TokenMetrics } from './token-metrics.ts'

export interface TokenOptions {
  /** PEM of the private key that signs. */
  readonly signingKey: string
  readonly issuer: string
  /** Whom tokens are for when nobody else is named; the server itself accepts these. */
  readonly audiences: readonly string[]
}

export interface TokenSources {
  readonly serviceAccounts: WatchCache
  readonly pods: WatchCache
  readonly nodes: WatchCache
  readonly secrets: WatchCache
  /** Told of every use of a token that a Secret holds; never fails. */
  readonly used?: (secret: DeepReadonly<Secret>) => Promise<void>
}

interface Named {
  readonly name: string
  readonly uid: string
}

/** What a token is bound to. */
export interface TokenSubject {
  readonly namespace: string
  readonly serviceAccount: Named
  readonly pod?: Named
  readonly node?: Named
  readonly secret?: Named
}

export interface VerifiedToken {
  readonly user: UserInfo
  readonly audiences: readonly string[]
  /** What its bearer is to be told. */
  readonly warning?: string
}

export interface TokenVerifier {
  /** Who the token is of; `undefined` when it is of nobody now. */
  verify(token: string, audiences?: readonly string[]): Promise<VerifiedToken | undefined>
}

export interface TokenIssuer extends TokenVerifier {
  /** What others check the tokens with. */
  readonly facts: IssuerFacts
  /** Whom tokens are for when nobody else is named. */
  readonly audiences: readonly string[]
  /** A new token. `seconds` is how long it is good for. */
  issue(subject: TokenSubject, audiences: readonly string[], seconds: number): Promise<string>
  /** A token to be kept in a Secret: good as long as that is. */
  issueForSecret(subject: SecretTokenSubject): string
}

interface KubernetesClaims {
  readonly namespace?: string
  readonly serviceaccount?: Named
  readonly pod?: Named
  readonly node?: Named
  readonly secret?: Named
}

export interface TokenTools {
  readonly clock: Clock
  readonly random: Random
  /** Absent: nobody asks which tokens are used. */
  readonly metrics?: TokenMetrics
}

const MAX_TOKEN = 16 * 1024

export function createTokens(
  { signingKey, issuer, audiences: own }: TokenOptions,
  sources: TokenSources,
  { clock, random, metrics }: TokenTools,
): TokenIssuer {
  const privateKey = createPrivateKey(signingKey)
  const publicKey = createPublicKey(privateKey)
  const algorithm = algorithmOf(privateKey)
  const kid = keyId(publicKey)
  const verifyOfSecret = async (token: string, audiences: readonly string[]): Promise<VerifiedToken | undefined> => {
    const { payload } = await jwtVerify(token, publicKey, { issuer: SECRET_TOKEN_ISSUER, algorithms: [algorithm] })
    const found = findSecretToken(token, payload, sources)
    if (found === undefined) return undefined
    await sources.used?.(found.secret)
    const { user, warning } = found
    const meant = audiences.filter((audience) => own.includes(audience))
    if (user === undefined || meant.length === 0) return undefined
    metrics?.usedLegacy()
    return { user, audiences: meant, ...(warning === undefined ? {} : { warning }) }
  }
  return {
    audiences: own,
    facts: { issuer, keys: [{ kid, alg: algorithm, jwk: { ...publicKey.export({ format: 'jwk' }) } }] },
    async issue(subject, audiences, seconds) {
      const now = Math.floor(clock.now() / 1_000)
      const { namespace, serviceAccount, pod, node, secret } = subject
      const claims: KubernetesClaims = {
        namespace,
        serviceaccount: serviceAccount,
        ...(pod === undefined ? {} : { pod }),
        ...(node === undefined ? {} : { node }),
        ...(secret === undefined ? {} : { secret }),
      }
      return signed(
        { key: privateKey, alg: algorithm, kid },
        {
          'kubernetes.io': claims,
          iss: issuer,
          sub: serviceAccountUserName(namespace, serviceAccount.name),
          aud: [...(audiences.length === 0 ? own : audiences)],
          iat: now,
          nbf: now,
          exp: now + seconds,
          jti: random.uuid(),
        },
      )
    },
    issueForSecret: (subject) => signed({ key: privateKey, alg: algorithm, kid }, secretClaims(subject)),
    async verify(token, audiences = own) {
      if (token.length > MAX_TOKEN) return undefined
      try {
        if (claimedIssuer(token) === SECRET_TOKEN_ISSUER) return await verifyOfSecret(token, audiences)
        const { payload } = await jwtVerify(token, publicKey, {
          issuer,
          audience: [...audiences],
          algorithms: [algorithm],
          currentDate: new Date(clock.now()),
        })
        const claims = payload['kubernetes.io'] as KubernetesClaims | undefined
        const user = claims === undefined ? undefined : userOf(claims, payload.jti, sources)
        if (user === undefined) return undefined
        metrics?.usedBound()
        const given = typeof payload.aud === 'string' ? [payload.aud] : (payload.aud ?? [])
        return { user, audiences: given.filter((audience) => audiences.includes(audience)) }
      } catch (error) {
        if (error instanceof errors.JOSEError) return undefined
        throw error
      }
    },
  }
}

/**
 * A token in its compact form (RFC 7515). Signed on this thread: it takes a fraction of a millisecond, and what comes
 * back from other threads comes in no certain order, which would make histories differ on virtual time.
 */
function signed(
  { key, alg, kid }: { readonly key: KeyObject; readonly alg: string; readonly kid: string },
  claims: object,
): string {
  const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const text = `${encoded({ alg, kid })}.${encoded(claims)}`
  const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' })
  return `${text}.${signature.toString('base64url')}`
}

/** The user, if everything that the token is bound to is still there. */
function userOf(claims: KubernetesClaims, jti: string | undefined, sources: TokenSources): UserInfo | undefined {
  const { namespace = '', serviceaccount, pod, node, secret } = claims
  if (serviceaccount === undefined || !isThere(sources.serviceAccounts, namespace, serviceaccount)) return undefined
  if (pod !== undefined && !isThere(sources.pods, namespace, pod)) return undefined
  if (secret !== undefined && !isThere(sources.secrets, namespace, secret)) return undefined
  if (node !== undefined && pod === undefined && !isThere(sources.nodes, '', node)) return undefined
  const extra: Record<string, readonly string[]> = {}
  if (jti !== undefined) extra['authentication.kubernetes.io/credential-id'] = [`JTI=${jti}`]
  if (node !== undefined) {
    extra['authentication.kubernetes.io/node-name'] = [node.name]
    extra['authentication.kubernetes.io/node-uid'] = [node.uid]
  }
  if (pod !== undefined) {
    extra['authentication.kubernetes.io/pod-name'] = [pod.name]
    extra['authentication.kubernetes.io/pod-uid'] = [pod.uid]
  }
  return {
    name: serviceAccountUserName(namespace, serviceaccount.name),
    uid: serviceaccount.uid,
    groups: serviceAccountGroups(namespace),
    extra,
  }
}

function isThere(cache: WatchCache, namespace: string, { name, uid }: Named): boolean {
  return cache.get(namespace, name)?.object.metadata.uid === uid
}

/** A key's name: a digest of what is public of it. */
function keyId(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('base64url')
}

function algorithmOf(key: KeyObject): string {
  return key.asymmetricKeyType === 'ec' ? 'ES256' : 'RS256'
}
