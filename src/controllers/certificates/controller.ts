/**
 * Approves what kubelets may ask for, signs what is approved, and removes what is done with
 * (https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/).
 */

import type { CertificateSigningRequest } from '../../api/generated/certificates-v1.ts'
import { readSignedRequest } from '../../base/tls/certificate-request.ts'
import type { KeyPair } from '../../base/tls/certificates.ts'
import { again, createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import type { Client } from '../../client/client.ts'
import type { Lister } from '../../client/informer.ts'
import { CERTIFICATE_SIGNING_REQUESTS } from '../../client/resources.ts'
import { hasReason } from '../../meta/errors.ts'
import { type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { nameOf, uidOf } from '../kit/ownership.ts'
import { approve } from './approve.ts'
import { holds, type ReadRequest, removalTime } from './cleaning.ts'
import { endOf, sign, type SignDeps } from './sign.ts'

const CLEAN_EVERY_MS = 3_600_000

/** Without an authority nothing is signed; the rest goes on. */
export function certificateController(deps: ControllerDeps, keys: KeyPair | undefined): Controller {
  const { client, clock } = deps
  const requests = deps.informers.of(CERTIFICATE_SIGNING_REQUESTS)
  const queue = createWorkQueue(clock)
  const enqueue = (request: ReadRequest) => queue.add(nameOf(request))
  requests.on({ added: enqueue, updated: enqueue })
  const authority = keys === undefined ? undefined : { keys, endsAt: endOf(keys.certificate) }
  const parts = { client, clock, requests, authority }
  const reconcile = (name: string, signal: AbortSignal) => reconcileRequest(parts, name, signal)
  return loopController({ name: 'certificatesigningrequest', queue, reconcile, log: deps.log, waitFor: [requests] })
}

interface RequestDeps extends SignDeps {
  readonly requests: Lister<CertificateSigningRequest>
}

async function reconcileRequest(deps: RequestDeps, name: string, signal: AbortSignal): Promise<Outcome> {
  const { client, clock } = deps
  const request = deps.requests.get(name)
  if (request === undefined) return settled
  const removal = removalTime(request, certificateEnd(request))
  if (removal !== undefined && removal <= clock.now()) {
    await remove(client, request, signal)
    return settled
  }
  const asked = readSignedRequest(Buffer.from(request.spec.request, 'base64').toString('latin1'))
  if (holds(request, 'Approved')) await sign(deps, request, asked, signal)
  else if (!holds(request, 'Denied') && typeof asked !== 'string') await approve(deps, request, asked, signal)
  return removal === undefined ? settled : again(Math.min(removal - clock.now(), CLEAN_EVERY_MS))
}

async function remove(client: Client, request: ReadRequest, signal: AbortSignal): Promise<void> {
  try {
    const preconditions = { uid: uidOf(request) }
    await client.delete(CERTIFICATE_SIGNING_REQUESTS, { name: nameOf(request) }, { preconditions }, signal)
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error
  }
}

/** When the certificate that was issued runs out. Other signers may have issued what is none. */
function certificateEnd({ status }: ReadRequest): number | undefined {
  if (status?.certificate === undefined || status.certificate === '') return undefined
  try {
    return endOf(Buffer.from(status.certificate, 'base64').toString('latin1'))
  } catch {
    return undefined
  }
}
