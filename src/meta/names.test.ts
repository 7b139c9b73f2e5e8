import { describe, expect, test } from 'vitest'
import {
  asPrefix,
  configMapKey,
  dns1035Label,
  dnsLabel,
  dnsSubdomain,
  envVarName,
  fullyQualifiedName,
  labelValue,
  pathSegmentName,
  portName,
  portNumber,
  qualifiedName,
  wildcardSubdomain,
} from './names.ts'

const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const LABEL_1035 =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
const QUALIFIED =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

describe('rules for names', () => {
  const long = 'a'.repeat(254)
  const cases: [rule: (text: string) => readonly string[], text: string, faults: readonly string[]][] = [
    [dnsSubdomain, 'a.b-c.d0', []],
    [dnsSubdomain, 'A', [SUBDOMAIN]],
    [dnsSubdomain, 'a..b', [SUBDOMAIN]],
    [dnsSubdomain, '', [SUBDOMAIN]],
    [dnsSubdomain, 'a\n', [SUBDOMAIN]],
    [dnsSubdomain, long, ['must be no more than 253 characters']],
    [dnsSubdomain, long.toUpperCase(), ['must be no more than 253 characters', SUBDOMAIN]],
    [dnsLabel, '0-a', []],
    [dnsLabel, 'a.b', ['must not contain dots']],
    [dnsLabel, 'a_b.c', [LABEL]],
    [dnsLabel, 'a'.repeat(64), ['must be no more than 63 characters']],
    [dns1035Label, '0a', [LABEL_1035]],
    [dns1035Label, 'a0', []],
    [wildcardSubdomain, '*.a.b', []],
    [qualifiedName, 'My_Name.x', []],
    [qualifiedName, 'a.b/c', []],
    [qualifiedName, 'bad key', [`name part ${QUALIFIED}`]],
    [qualifiedName, '', ['name part must be non-empty', `name part ${QUALIFIED}`]],
    [qualifiedName, '/a', ['prefix part must be non-empty']],
    [qualifiedName, 'A/b', [`prefix part ${SUBDOMAIN}`]],
    [
      qualifiedName,
      'a/b/c',
      [`a valid label key ${QUALIFIED} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`],
    ],
    [labelValue, '', []],
    [labelValue, 'a_b', []],
    [labelValue, 'a'.repeat(64), ['must be no more than 63 bytes']],
    [envVarName, 'my var', []],
    [
      envVarName,
      'a=b',
      ["a valid environment variable name must consist only of printable ASCII characters other than '='"],
    ],
    [configMapKey, '.a', []],
    [configMapKey, '..', ["must not be '..'"]],
    [configMapKey, '..a', ["must not start with '..'"]],
    [
      configMapKey,
      'a/b',
      [
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
      ],
    ],
    [portName, 'http', []],
    [portName, '80', ['must contain at least one letter (a-z)']],
    [portName, 'a--b', ['must not contain consecutive hyphens']],
    [portName, 'this-is-far-too-long', ['must be no more than 15 characters']],
    [fullyQualifiedName, 'a.b', ['should be a domain with at least three segments separated by dots']],
    [pathSegmentName, '..', ["may not be '..'"]],
    [pathSegmentName, 'a/b%', ["may not contain '/'", "may not contain '%'"]],
  ]
  for (const [rule, text, faults] of cases) {
    test(`${rule.name}(${JSON.stringify(text.slice(0, 30))}): ${faults.length === 0 ? 'fine' : faults[0]?.slice(0, 60)}`, () => {
      expect(rule(text)).toEqual(faults)
    })
  }

  test('ports are from 1 to 65535', () => {
    expect(portNumber(0)).toEqual(['must be between 1 and 65535, inclusive'])
    expect(portNumber(65535)).toEqual([])
  })

  test('a trailing dash of a prefix is fine', () => {
    expect(dnsLabel(asPrefix('web-'))).toEqual([])
    expect(dnsLabel(asPrefix('-'))).toEqual([LABEL])
  })
})
