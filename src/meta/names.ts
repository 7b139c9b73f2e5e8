/**
 * The rules for names and other short texts, each answering what is wrong in Kubernetes's words; an empty answer
 * means nothing is (https://kubernetes.io/docs/concepts/overview/working-with-objects/names/).
 */

const LABEL_FMT = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const SUBDOMAIN_FMT = `${LABEL_FMT}(\\.${LABEL_FMT})*`
const LABEL_1035_FMT = '[a-z]([-a-z0-9]*[a-z0-9])?'
const QUALIFIED_FMT = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const LABEL_VALUE_FMT = `(${QUALIFIED_FMT})?`
const C_IDENTIFIER_FMT = '[A-Za-z_][A-Za-z0-9_]*'
const CONFIG_KEY_FMT = '[-._a-zA-Z0-9]+'
const HEADER_FMT = '[-A-Za-z0-9]+'
const PERCENT_FMT = '[0-9]+%'

const whole = (format: string) => new RegExp(`^${format}$`)
const LABEL = whole(LABEL_FMT)
const SUBDOMAIN = whole(SUBDOMAIN_FMT)
const LABEL_1035 = whole(LABEL_1035_FMT)
const QUALIFIED = whole(QUALIFIED_FMT)
const LABEL_VALUE = whole(LABEL_VALUE_FMT)
const C_IDENTIFIER = whole(C_IDENTIFIER_FMT)
const CONFIG_KEY = whole(CONFIG_KEY_FMT)
const HEADER = whole(HEADER_FMT)
const PERCENT = whole(PERCENT_FMT)

const FINE: string[] = []

/** The texts that say a pattern was missed: what the rule is, examples, the pattern. */
export function patternFault(message: string, format: string, ...examples: string[]): string {
  if (examples.length === 0) return `${message} (regex used for validation is '${format}')`
  return `${message} (e.g. ${examples.map((example) => `'${example}', `).join(' or ')}regex used for validation is '${format}')`
}

const LABEL_FAULT = patternFault(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  LABEL_FMT,
  'my-name',
  '123-abc',
)
const SUBDOMAIN_FAULT = patternFault(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  SUBDOMAIN_FMT,
  'example.com',
)
const WILDCARD_FAULT = patternFault(
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  `\\*\\.${SUBDOMAIN_FMT}`,
  '*.example.com',
)
const LABEL_1035_FAULT = patternFault(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  LABEL_1035_FMT,
  'my-name',
  'abc-123',
)
const QUALIFIED_FAULT = patternFault(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  QUALIFIED_FMT,
  'MyName',
  'my.name',
  '123-abc',
)
const LABEL_VALUE_FAULT = patternFault(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  LABEL_VALUE_FMT,
  'MyValue',
  'my_value',
  '12345',
)
const C_IDENTIFIER_FAULT = patternFault(
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'",
  C_IDENTIFIER_FMT,
  'my_name',
  'MY_NAME',
  'MyName',
)
const CONFIG_KEY_FAULT = patternFault(
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  CONFIG_KEY_FMT,
  'key.name',
  'KEY_NAME',
  'key-name',
)
const HEADER_FAULT = patternFault(
  "a valid HTTP header must consist of alphanumeric characters or '-'",
  HEADER_FMT,
  'X-Header-Name',
)
const PERCENT_FAULT = patternFault(
  "a valid percent string must be a numeric string followed by an ending '%'",
  PERCENT_FMT,
  '1%',
  '93%',
)

/** Longest names, in bytes. */
export const MAX_SUBDOMAIN = 253
export const MAX_LABEL = 63

/** `must be no more than 63 characters`: Kubernetes says so of most names, though it counts bytes as well. */
export const maxLength = (limit: number) => `must be no more than ${limit} characters`
const maxBytes = (limit: number) => `must be no more than ${limit} bytes`
const NON_EMPTY = 'must be non-empty'

/** The length in bytes, which is what every limit counts. */
export function byteLength(text: string): number {
  return Buffer.byteLength(text)
}

/** Length first, then the pattern: both faults are told. */
function check(text: string, limit: number, pattern: RegExp, fault: string, tell = maxLength): string[] {
  const tooLong = text.length > limit || (text.length * 3 > limit && byteLength(text) > limit)
  if (!tooLong && pattern.test(text)) return FINE
  const faults: string[] = []
  if (tooLong) faults.push(tell(limit))
  if (!pattern.test(text)) faults.push(fault)
  return faults
}

/** `web-0.example`: what most names must be. */
export function dnsSubdomain(name: string): string[] {
  return check(name, MAX_SUBDOMAIN, SUBDOMAIN, SUBDOMAIN_FAULT)
}

/** `web-0`: lower case, digits and dashes, 63 at most. */
export function dnsLabel(name: string): string[] {
  const faults = check(name, MAX_LABEL, LABEL, LABEL_FAULT)
  if (faults.length === 0 || !SUBDOMAIN.test(name)) return faults
  return faults.map((fault) => (fault === LABEL_FAULT ? 'must not contain dots' : fault))
}

/** `web-0`: as a DNS label, but starting with a letter. */
export function dns1035Label(name: string): string[] {
  return check(name, MAX_LABEL, LABEL_1035, LABEL_1035_FAULT)
}

/** `*.example.com`. */
export function wildcardSubdomain(name: string): string[] {
  const faults = name.length > MAX_SUBDOMAIN ? [maxLength(MAX_SUBDOMAIN)] : []
  return name.startsWith('*.') && SUBDOMAIN.test(name.slice(2)) ? faults : [...faults, WILDCARD_FAULT]
}

/** `example.com/my-name` or `my-name`: keys of labels and annotations, names of resources and finalizers. */
export function qualifiedName(name: string): string[] {
  const slash = name.indexOf('/')
  if (slash !== -1 && name.indexOf('/', slash + 1) !== -1) {
    return [
      `a valid label key ${QUALIFIED_FAULT} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ]
  }
  if (slash === -1) return checkNamePart(name)
  const prefix = name.slice(0, slash)
  const prefixFaults = prefix === '' ? [NON_EMPTY] : check(prefix, MAX_SUBDOMAIN, SUBDOMAIN, SUBDOMAIN_FAULT, maxBytes)
  const nameFaults = checkNamePart(name.slice(slash + 1))
  if (prefixFaults.length === 0) return nameFaults
  return [...prefixFaults.map((fault) => `prefix part ${fault}`), ...nameFaults]
}

function checkNamePart(part: string): string[] {
  const faults = check(part, MAX_LABEL, QUALIFIED, QUALIFIED_FAULT, maxBytes)
  if (faults.length === 0) return faults
  return [...(part === '' ? [NON_EMPTY] : []), ...faults].map((fault) => `name part ${fault}`)
}

/** The value of a label: like a name, or empty. */
export function labelValue(value: string): string[] {
  return check(value, MAX_LABEL, LABEL_VALUE, LABEL_VALUE_FAULT, maxBytes)
}

/** `my_name`: what programming languages call an identifier. */
export function cIdentifier(text: string): string[] {
  return C_IDENTIFIER.test(text) ? FINE : [C_IDENTIFIER_FAULT]
}

/** The name of an environment variable: any printable ASCII but `=`. */
export function envVarName(name: string): string[] {
  if (name === '') return [`environment variable name${NON_EMPTY}`]
  for (let at = 0; at < name.length; at++) {
    const code = name.charCodeAt(at)
    if (code < 32 || code > 126 || code === 61) {
      return ["a valid environment variable name must consist only of printable ASCII characters other than '='"]
    }
  }
  return FINE
}

/** A key of a ConfigMap or a Secret: usable as the name of a file. */
export function configMapKey(key: string): string[] {
  const faults = check(key, MAX_SUBDOMAIN, CONFIG_KEY, CONFIG_KEY_FAULT)
  if (!key.startsWith('.')) return faults
  return [...faults, ...directoryFault(key)]
}

function directoryFault(name: string): string[] {
  if (name === '.') return ["must not be '.'"]
  if (name === '..') return ["must not be '..'"]
  return name.startsWith('..') ? ["must not start with '..'"] : FINE
}

export function httpHeaderName(name: string): string[] {
  return HEADER.test(name) ? FINE : [HEADER_FAULT]
}

/** `30%`. */
export function percentText(text: string): string[] {
  return PERCENT.test(text) ? FINE : [PERCENT_FAULT]
}

/** The name of a port: an IANA service name. */
export function portName(name: string): string[] {
  const faults: string[] = []
  if (name.length > 15) faults.push(maxLength(15))
  if (!/^[-a-z0-9]+$/.test(name)) faults.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  if (!/[a-z]/.test(name)) faults.push('must contain at least one letter (a-z)')
  if (name.includes('--')) faults.push('must not contain consecutive hyphens')
  if (name.startsWith('-') || name.endsWith('-')) faults.push('must not begin or end with a hyphen')
  return faults
}

export const inRangeFault = (low: number, high: number) => `must be between ${low} and ${high}, inclusive`

/** 1 to 65535. */
export function portNumber(port: number): string[] {
  return port >= 1 && port <= 65535 ? FINE : [inRangeFault(1, 65535)]
}

/** What user and group ids may be. */
export function unixId(id: number): string[] {
  return id >= 0 && id <= 2147483647 ? FINE : [inRangeFault(0, 2147483647)]
}

/** A name that will be one step of a URL. */
export function pathSegmentName(name: string, isPrefix = false): string[] {
  if (!isPrefix && name === '.') return ["may not be '.'"]
  if (!isPrefix && name === '..') return ["may not be '..'"]
  return ['/', '%'].filter((char) => name.includes(char)).map((char) => `may not contain '${char}'`)
}

/** `a.b.c`: a domain of at least three segments. */
export function fullyQualifiedName(name: string): string[] {
  const faults = dnsSubdomain(name)
  if (faults.length > 0) return faults
  return name.split('.').length < 3 ? ['should be a domain with at least three segments separated by dots'] : FINE
}

/** A domain and what it calls something, such as `acme.io/foo`: what is wrong, and of which part. */
export function domainPrefixedPath(path: string): { readonly part: string; readonly fault: string }[] {
  const slash = path.indexOf('/')
  if (slash <= 0 || slash === path.length - 1) {
    return [{ part: path, fault: 'must be a domain-prefixed path (such as "acme.io/foo")' }]
  }
  const [domain, name] = [path.slice(0, slash), path.slice(slash + 1)]
  const faults = dnsSubdomain(domain).map((fault) => ({ part: domain, fault }))
  return HTTP_PATH.test(name) ? faults : [...faults, { part: name, fault: HTTP_PATH_FAULT }]
}

const HTTP_PATH_FMT = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+"
const HTTP_PATH = new RegExp(`^${HTTP_PATH_FMT}$`)
const HTTP_PATH_FAULT = `Invalid path (regex used for validation is '${HTTP_PATH_FMT}')`

/**
 * A name as it will be once the server has appended its letters: a trailing dash of a `generateName` is fine,
 * for a letter will follow.
 */
export function asPrefix(name: string): string {
  return name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name
}

/** A rule for metadata.name: checks prefixes (`generateName`) too. */
export type NameRule = (name: string, isPrefix: boolean) => string[]

const ruleOf =
  (check: (name: string) => string[]): NameRule =>
  (name, isPrefix) =>
    check(isPrefix ? asPrefix(name) : name)

/** The name rules kinds choose from. */
export const subdomainName: NameRule = ruleOf(dnsSubdomain)
export const labelName: NameRule = ruleOf(dnsLabel)
export const pathName: NameRule = (name, isPrefix) => pathSegmentName(name, isPrefix)
