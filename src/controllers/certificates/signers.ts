/**
 * What the signers of Kubernetes itself sign (https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#kubernetes-signers). Pure.
 */

import type { AskedCertificate } from '../../base/tls/certificate-request.ts'

export const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client'
export const KUBELET_CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client-kubelet'
const KUBELET_SERVING_SIGNER = 'kubernetes.io/kubelet-serving'
export const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown'

type Check = (asked: AskedCertificate, usages: readonly string[]) => string | undefined

/** Why the signer does not sign this, in Kubernetes's words; undefined: it does. */
export const signers: ReadonlyMap<string, Check> = new Map([
  [CLIENT_SIGNER, (_asked: AskedCertificate, usages: readonly string[]) => clientFault(usages)],
  [KUBELET_CLIENT_SIGNER, kubeletClientFault],
  [KUBELET_SERVING_SIGNER, kubeletServingFault],
  [LEGACY_SIGNER, () => undefined],
])

function clientFault(usages: readonly string[]): string | undefined {
  const optional = ['digital signature', 'key encipherment', 'client auth']
  const wrong = usages.find((usage) => !optional.includes(usage))
  if (wrong !== undefined) return `invalid usage for client certificate: ${wrong}`
  return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth'
}

/** A certificate by which a kubelet proves itself to the API server. */
export function kubeletClientFault(asked: AskedCertificate, usages: readonly string[]): string | undefined {
  const { dnsNames, emailAddresses, ipAddresses, uris } = asked
  if (!isOfNodes(asked)) return 'subject organization is not system:nodes'
  if (dnsNames.length > 0) return 'DNS subjectAltNames are not allowed'
  if (emailAddresses.length > 0) return 'Email subjectAltNames are not allowed'
  if (ipAddresses.length > 0) return 'IP subjectAltNames are not allowed'
  if (uris.length > 0) return 'URI subjectAltNames are not allowed'
  if (!isNamedAsNode(asked)) return 'subject common name does not begin with system:node:'
  return usagesFault(usages, 'client auth')
}

function kubeletServingFault(asked: AskedCertificate, usages: readonly string[]): string | undefined {
  const { dnsNames, emailAddresses, ipAddresses, uris } = asked
  if (!isOfNodes(asked)) return 'subject organization is not system:nodes'
  if (dnsNames.length === 0 && ipAddresses.length === 0) return 'DNS or IP subjectAltName is required'
  if (emailAddresses.length > 0) return 'Email subjectAltNames are not allowed'
  if (uris.length > 0) return 'URI subjectAltNames are not allowed'
  const fault = usagesFault(usages, 'server auth')
  return fault ?? (isNamedAsNode(asked) ? undefined : 'subject common name does not begin with system:node:')
}

const isOfNodes = ({ organizations }: AskedCertificate) =>
  organizations.length === 1 && organizations[0] === 'system:nodes'
const isNamedAsNode = ({ commonName }: AskedCertificate) => commonName.startsWith('system:node:')

/** Key encipherment is for RSA keys alone. */
function usagesFault(usages: readonly string[], purpose: string): string | undefined {
  const wanted = [purpose, 'digital signature', 'key encipherment'].toSorted()
  const given = new Set(usages)
  given.add('key encipherment')
  const isRight = given.size === wanted.length && wanted.every((usage) => given.has(usage))
  return isRight ? undefined : `usages did not match [${wanted.join(' ')}]`
}

const YEAR_MS = 365 * 86_400_000
const MIN_MS = 600_000
const BACKDATE_MS = 300_000
const SHORT_MS = 8 * 3_600_000

/** From when to when a certificate is good: a little backdated for clocks that lag, never longer than its authority. */
export function validity(
  expirationSeconds: number | undefined,
  now: number,
  authorityEnds: number,
): { readonly notBefore: number; readonly notAfter: number } {
  const wished = expirationSeconds === undefined ? YEAR_MS : Math.min(expirationSeconds * 1_000, YEAR_MS)
  const lifetime = Math.max(wished, MIN_MS)
  const end = lifetime < SHORT_MS ? now + lifetime : now + lifetime - BACKDATE_MS
  return { notBefore: now - BACKDATE_MS, notAfter: Math.min(end, authorityEnds) }
}
