import { describe, expect, test } from 'vitest'
import { type Body, faultsOfNew, warningsOf } from './judged.ts'

const CLASSES = 'storage.k8s.io/v1/storageclasses'
const SLICES = 'discovery.k8s.io/v1/endpointslices'
const REVIEWS = 'authorization.k8s.io/v1/selfsubjectaccessreviews'
const LEVELS = 'flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations'
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"

const term = (key: string, values: string[]) => ({ matchLabelExpressions: [{ key, values }] })
const topologies = (...allowedTopologies: unknown[]) => ({ provisioner: 'p', allowedTopologies })
const hinted = (hints: Body) => ({ addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'], hints }] })
const asking = (resourceAttributes: Body) => ({ spec: { resourceAttributes } })

describe('more kinds are judged', () => {
  test.each<[string, string, Body, string[]]>([
    ['a class of two zones', CLASSES, topologies(term('zone', ['a']), term('zone', ['b'])), []],
    [
      'a class that says one thing twice',
      CLASSES,
      topologies(term('zone', ['a', 'b']), term('zone', ['b', 'a'])),
      ['allowedTopologies[1].matchLabelExpressions: Duplicate value: ""'],
    ],
    [
      'a class without values',
      CLASSES,
      topologies(term('zone', [])),
      ['allowedTopologies[0].matchLabelExpressions[0].values: Required value'],
    ],
    ['an endpoint for nodes', SLICES, hinted({ forZones: [{ name: 'z' }], forNodes: [{ name: 'n' }] }), []],
    [
      'an endpoint for no node',
      SLICES,
      hinted({ forNodes: [{ name: 'N!' }] }),
      [`endpoints[0].hints.forNodes[0].name: Invalid value: "N!": ${SUBDOMAIN}`],
    ],
    [
      'an endpoint for a zone twice',
      SLICES,
      hinted({ forZones: [{ name: 'z' }, { name: 'z' }] }),
      ['endpoints[0].hints.forZones[1].name: Duplicate value: "z"'],
    ],
    [
      'addresses of another family, and of this machine',
      SLICES,
      {
        addressType: 'IPv4',
        endpoints: [{ addresses: ['fd00::1', '127.0.0.1', 'x'] }],
        ports: [{ name: 'A', port: 0 }],
      },
      [
        `ports[0].name: Invalid value: "A": ${LABEL}`,
        'endpoints[0].addresses: Invalid value: "fd00::1": must be an IPv4 address',
        'endpoints[0].addresses[1]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
        'endpoints[0].addresses[2]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      ],
    ],
    [
      'addresses that are names of one word',
      SLICES,
      { addressType: 'FQDN', endpoints: [{ addresses: ['a.b.', 'a'] }] },
      [
        'endpoints[0].addresses[1]: Invalid value: "a": should be a domain with at least two segments separated by dots',
      ],
    ],
    [
      'a role that gathers others by no selector',
      'rbac.authorization.k8s.io/v1/clusterroles',
      { aggregationRule: { clusterRoleSelectors: [] } },
      [
        'aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil',
      ],
    ],
    [
      'a claim that asks for more than its limit',
      'v1/persistentvolumeclaims',
      { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2' }, limits: { storage: '1' } } } },
      [],
    ],
    [
      'a Job that ignores disruptions, of no status in particular',
      'batch/v1/jobs',
      {
        spec: {
          selector: {},
          podFailurePolicy: {
            rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: '' }] }],
          },
          template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } },
        },
      },
      [],
    ],
    [
      'a review of a selector that is none',
      REVIEWS,
      asking({ fieldSelector: {} }),
      [
        'spec.resourceAttributes.fieldSelector.requirements: Required value: when spec.resourceAttributes.fieldSelector is specified, requirements or rawSelector is required',
      ],
    ],
    [
      'a review of two things',
      REVIEWS,
      { spec: { resourceAttributes: {}, nonResourceAttributes: { path: '/x' } } },
      [
        'spec.nonResourceAttributes: Invalid value: {"Path":"/x","Verb":""}: cannot be specified in combination with resourceAttributes',
      ],
    ],
    ['a level of no type', LEVELS, { spec: {} }, ['spec.type: Required value']],
    [
      'another level that is exempt',
      LEVELS,
      { spec: { type: 'Exempt', limited: {} } },
      [
        "spec.type: Invalid value: \"Exempt\": must be 'Exempt' if and only if `name` is 'exempt'",
        'spec.limited: Forbidden: must be nil if the type is not Limited',
      ],
    ],
  ])('%s', (_, key, body, faults) => {
    expect(faultsOfNew(key, body)).toEqual(faults)
  })

  test('a certificate that is none is warned of', () => {
    const secret = (text: string) => ({
      type: 'kubernetes.io/tls',
      data: { 'tls.crt': Buffer.from(text).toString('base64') },
    })
    expect(warningsOf('v1/secrets', secret('x'))).toEqual(['tls: failed to find any PEM data in certificate input'])
    expect(warningsOf('v1/secrets', secret('-----BEGIN CERTIFICATE-----\n'))).toEqual([])
  })
})
