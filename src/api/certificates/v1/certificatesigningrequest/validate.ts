/** What is wrong with a certificate signing request, and with what is said about one. */

import { readCertificateRequest, type RequestedSubject } from '../../../../base/tls/certificate-request.ts'
import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { goQuote } from '../../../../meta/go-quote.ts'
import { byteLength, dnsLabel, dnsSubdomain } from '../../../../meta/names.ts'
import { duplicate, invalidValue, judgeAll, notSupported, required, tooLong } from '../../../../meta/validation.ts'
import type { CertificateSigningRequest } from '../../../generated/certificates-v1.ts'

type Shared = DeepReadonly<CertificateSigningRequest>

const USAGES = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
]
const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown'
const MIN_SECONDS = 600
const MAX_DOMAIN = 253
const MAX_SIGNER = MAX_DOMAIN + 1 + 63 + 1 + MAX_DOMAIN

/** Whom the request asks for, or what is wrong with it. `request` is base64 of PEM. */
export function parseRequest(request: string): RequestedSubject | string {
  return readCertificateRequest(Buffer.from(request, 'base64').toString('latin1'))
}

/** Every fault of a new request. */
export function validateRequest({ spec }: Shared, root: FieldPath): FieldError[] {
  const path = root.child('spec')
  const { request = '', usages = [], signerName = '', expirationSeconds } = spec ?? {}
  const parsed = parseRequest(request)
  const faults: FieldError[] =
    typeof parsed === 'string' ? [invalidValue(path.child('request'), spec?.request ?? null, parsed)] : []
  if (usages.length === 0) faults.push(required(path.child('usages')))
  const seen = new Set<string>()
  const judgeUsage = (usage: string, at: number) => {
    const each = path.child('usages').index(at)
    const ofOne = USAGES.includes(usage) ? [] : [notSupported(each, usage, USAGES)]
    if (seen.has(usage)) ofOne.push(duplicate(each, usage))
    seen.add(usage)
    return ofOne
  }
  faults.push(...judgeAll(usages, judgeUsage))
  faults.push(...validateSignerName(signerName, path.child('signerName')))
  if (signerName === LEGACY_SIGNER) {
    const detail = 'the legacy signerName is not allowed via this API version'
    faults.push(invalidValue(path.child('signerName'), signerName, detail))
  }
  if (expirationSeconds !== undefined && expirationSeconds < MIN_SECONDS) {
    const detail = `may not specify a duration less than ${MIN_SECONDS} seconds (10 minutes)`
    faults.push(invalidValue(path.child('expirationSeconds'), expirationSeconds, detail))
  }
  return faults
}

function validateSignerName(name: string, path: FieldPath): FieldError[] {
  if (name === '') return [required(path)]
  const [domain = '', signer, ...rest] = name.split('/')
  if (signer === undefined || rest.length > 0) {
    return [invalidValue(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")]
  }
  const faults: FieldError[] = []
  if (byteLength(domain) > MAX_DOMAIN) faults.push(tooLong(path, MAX_DOMAIN))
  faults.push(...firstWrong(domain, dnsLabel, path))
  if (!domain.includes('.'))
    faults.push(invalidValue(path, domain, 'should be a domain with at least two segments separated by dots'))
  faults.push(...firstWrong(signer, dnsSubdomain, path))
  if (byteLength(name) > MAX_SIGNER) faults.push(tooLong(path, MAX_SIGNER))
  return faults
}

/** What is wrong with the first part between dots that has a fault. */
function firstWrong(text: string, rule: (part: string) => string[], path: FieldPath): FieldError[] {
  const wrong = text.split('.').find((part) => rule(part).length > 0)
  if (wrong === undefined) return []
  return rule(wrong).map((fault) => invalidValue(path, text, `validating label ${goQuote(wrong)}: ${fault}`))
}
