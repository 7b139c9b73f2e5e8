/** How a webhook is reached: by URL or by Service (https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#contacting-the-webhook). */

import type { DeepReadonly } from '../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../meta/field-path.ts'
import { goQuote } from '../meta/go-quote.ts'
import { dnsSubdomain } from '../meta/names.ts'
import { invalidEach, invalidValue, required } from '../meta/validation.ts'

interface ClientConfig {
  readonly url?: string
  readonly service?: {
    readonly namespace: string
    readonly name: string
    readonly path?: string
    readonly port?: number
  }
  readonly caBundle?: string
}

/** Every fault of a webhook's address. */
export function validateClientConfig(config: DeepReadonly<ClientConfig>, path: FieldPath): FieldError[] {
  const { url, service } = config
  if ((url === undefined) === (service === undefined)) {
    return [required(path, 'exactly one of url or service is required')]
  }
  if (url !== undefined) return urlFaults(url, path.child('url'))
  const at = path.child('service')
  const { namespace = '', name = '', path: under, port } = service!
  const faults: FieldError[] = []
  // Kubernetes tells of one where the other is missing.
  if (namespace === '') faults.push(required(at.child('name')))
  if (name === '') faults.push(required(at.child('namespace')))
  if (port !== undefined && (port < 1 || port > 65_535)) {
    faults.push(invalidValue(at.child('port'), port, 'port is not valid: must be between 1 and 65535, inclusive'))
  }
  return under === undefined ? faults : [...faults, ...pathFaults(under, at.child('path'))]
}

function pathFaults(text: string, path: FieldPath): FieldError[] {
  if (text === '/' || text === '') return []
  if (text === '//') return [invalidValue(path, text, 'segment[0] may not be empty')]
  const start = text.startsWith('/') ? [] : [invalidValue(path, text, "must start with a '/'")]
  const steps = text.slice(1).replace(/\/$/, '').split('/')
  const ofSteps = steps.flatMap((step, at) => {
    if (step === '') return [invalidValue(path, text, `segment[${at}] may not be empty`)]
    return invalidEach(
      path,
      text,
      dnsSubdomain(step).map((fault) => `segment[${at}]: ${fault}`),
    )
  })
  return [...start, ...ofSteps]
}

/** Why Go reads no URL in a text without a scheme, where that is known; `undefined` where it reads a reference. */
function parseFault(text: string): string | undefined {
  if (/\p{Cc}/u.test(text)) return 'net/url: invalid control character in URL'
  if (text.startsWith(':')) return 'missing protocol scheme'
  return /^(?!\/\/)[^:%?#]*$/.test(text) ? undefined : ''
}

function urlFaults(text: string, path: FieldPath): FieldError[] {
  const example = '; desired format: https://host[/path]'
  let url: URL
  try {
    url = new URL(text)
  } catch {
    const why = parseFault(text)
    // A reference without a scheme is a URL to Kubernetes, if one to nowhere.
    return why !== undefined
      ? [required(path, `url must be a valid URL: parse ${goQuote(text)}${why === '' ? '' : `: ${why}`}${example}`)]
      : [
          invalidValue(path, '', `'https' is the only allowed URL scheme${example}`),
          invalidValue(path, '', `host must be specified${example}`),
        ]
  }
  const faults: FieldError[] = []
  if (url.protocol !== 'https:') {
    const detail = `'https' is the only allowed URL scheme${example}`
    faults.push(invalidValue(path, url.protocol.slice(0, -1), detail))
  }
  if (url.host === '') faults.push(invalidValue(path, '', `host must be specified${example}`))
  if (url.username !== '' || url.password !== '') {
    faults.push(invalidValue(path, url.username, 'user information is not permitted in the URL'))
  }
  if (url.hash !== '') faults.push(invalidValue(path, url.hash.slice(1), 'fragments are not permitted in the URL'))
  if (url.search !== '') {
    faults.push(invalidValue(path, url.search.slice(1), 'query parameters are not permitted in the URL'))
  }
  return faults
}
