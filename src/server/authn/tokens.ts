/**
 * Service account tokens: signed, bound to an audience, an account and mostly to a Pod, and good for a while
 * (https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens).
 */

import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { errors, jwtVerify } from 'jose'
import type { Secret } from '../../api/generated/core-v1.ts'
import type { Clock } from '../../base/clock.ts'
import type { Random } from '../../base/random.ts'
import { serviceAccountUserName, type UserInfo } from '../../client/user.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { goList } from '../../meta/go-quote.ts'
import type { IssuerFacts } from '../discovery/issuer.ts'
import type { WatchCache } from '../watchcache/watch-cache.ts'
import {
  claimedIssuer,
  findSecretToken,
  SECRET_TOKEN_ISSUER,
  secretClaims,
  type SecretTokenSubject,
} from './secret-tokens.ts'
import { boundUser, type KubernetesClaims, type Named } from './token-subjects.ts'
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
  /** Who the token is of; `undefined` when it is of nobody now: `tell` may be told why. */
  verify(token: string, audiences?: readonly string[], tell?: (why: string) => void): Promise<VerifiedToken | undefined>
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
    async verify(token, audiences = own, tell) {
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
        const user = claims === undefined ? undefined : boundUser(claims, payload.jti, sources)
        if (typeof user === 'string') tell?.(user)
        if (user === undefined || typeof user === 'string') return undefined
        metrics?.usedBound()
        return { user, audiences: listOf(payload.aud).filter((audience) => audiences.includes(audience)) }
      } catch (error) {
        if (!(error instanceof errors.JOSEError)) throw error
        const why = refusalOf(error, audiences)
        if (why !== undefined) tell?.(why)
        return undefined
      }
    },
  }
}

/** Why a token with a good signature is good for nothing, where Kubernetes says more than that it is not valid. */
function refusalOf(error: errors.JOSEError, audiences: readonly string[]): string | undefined {
  if (error instanceof errors.JWTExpired) return 'service account token has expired'
  if (!(error instanceof errors.JWTClaimValidationFailed) || error.claim !== 'aud') return undefined
  return `token audiences ${goList(listOf(error.payload.aud))} is invalid for the target audiences ${goList(audiences)}`
}

const listOf = (aud: string | readonly string[] = []): readonly string[] => (typeof aud === 'string' ? [aud] : aud)

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

/** A key's name: a digest of what is public of it. */
function keyId(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('base64url')
}

function algorithmOf(key: KeyObject): string {
  return key.asymmetricKeyType === 'ec' ? 'ES256' : 'RS256'
}
