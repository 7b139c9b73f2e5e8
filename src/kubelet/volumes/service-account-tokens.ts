/**
 * Tokens by which Pods prove who they are, bound to the Pod and renewed before they end
 * (https://kubernetes.io/docs/concepts/security/service-accounts/#bound-service-account-tokens).
 */

import type { TokenRequest } from '../../api/generated/authentication-v1.ts'
import type { ServiceAccountTokenProjection } from '../../api/generated/core-v1.ts'
import { type Clock, fromTime, toTime } from '../../base/clock.ts'
import type { Client } from '../../client/client.ts'
import { SERVICE_ACCOUNTS } from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { namesOf, type PodView, specOf } from '../pods/pod-view.ts'

const DEFAULT_SECONDS = 3600
/** A token is renewed when this share of its life is over, or a day. */
const RENEW_AFTER = 0.8
const DAY_MS = 86_400_000

/** A token with the time at which it ends, as the API tells it. */
export interface IssuedToken {
  readonly token: string
  readonly expirationTimestamp: string
}

interface Issued extends IssuedToken {
  readonly renewAt: number
}

/** The tokens of one Pod, by what they are for. */
export class ServiceAccountTokens {
  readonly #client: Client
  readonly #clock: Clock
  readonly #issued = new Map<string, Issued>()

  constructor(client: Client, clock: Clock) {
    this.#client = client
    this.#clock = clock
  }

  /** A token that is good for a while yet. */
  async token(
    pod: PodView,
    projection: Pick<DeepReadonly<ServiceAccountTokenProjection>, 'audience' | 'expirationSeconds'>,
    signal: AbortSignal,
  ): Promise<IssuedToken> {
    const { audience = '', expirationSeconds = DEFAULT_SECONDS } = projection
    const key = JSON.stringify([audience, expirationSeconds])
    const old = this.#issued.get(key)
    if (old !== undefined && this.#clock.now() < old.renewAt) return old
    const fresh = await this.#request(pod, { audience, expirationSeconds }, signal)
    this.#issued.set(key, fresh)
    return fresh
  }

  /** When the first of the tokens wants renewal; `undefined` when there is none. */
  get renewAt(): number | undefined {
    const times = [...this.#issued.values()].map((issued) => issued.renewAt)
    return times.length === 0 ? undefined : Math.min(...times)
  }

  async #request(
    pod: PodView,
    { audience, expirationSeconds }: { readonly audience: string; readonly expirationSeconds: number },
    signal: AbortSignal,
  ): Promise<Issued> {
    const { namespace, name, uid } = namesOf(pod)
    const body: TokenRequest = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: {},
      spec: {
        audiences: audience === '' ? [] : [audience],
        expirationSeconds,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
      },
    }
    const at = { namespace, name: specOf(pod).serviceAccountName ?? 'default', subresource: 'token' }
    const asked = this.#clock.now()
    const answer = await this.#client.createSubresource<TokenRequest>(SERVICE_ACCOUNTS, at, body, {}, signal)
    const ends = fromTime(answer.status?.expirationTimestamp) ?? asked + expirationSeconds * 1000
    return {
      token: answer.status?.token ?? '',
      expirationTimestamp: toTime(ends),
      renewAt: asked + Math.min(DAY_MS, (ends - asked) * RENEW_AFTER),
    }
  }
}
