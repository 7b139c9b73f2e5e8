import { describe, expect, test } from 'vitest'

import type { PodSpec } from '../../../api/generated/core-v1.ts'
import { dnsOf } from './dns-config.ts'
import { hostnameOf, hostsFile } from './hostname.ts'
import type { PodView } from '../pod-view.ts'

const DNS = { clusterDomain: 'cluster.local', servers: ['10.96.0.10'] }
const NODE = {
  servers: ['192.0.2.1', '192.0.2.2'],
  searches: ['example.org', 'svc.cluster.local'],
  options: ['timeout:3'],
}

const podOf = (spec: Partial<PodSpec>, name = 'web'): PodView => ({
  metadata: { name, namespace: 'shop', uid: '1' },
  spec: { containers: [{ name: 'app' }], ...spec },
})

describe('hostnameOf()', () => {
  const long = 'a'.repeat(62)
  const cases: readonly {
    readonly when: string
    readonly pod: PodView
    readonly is: readonly [string, string | undefined, string]
  }[] = [
    { when: 'it says nothing', pod: podOf({}), is: ['web', undefined, 'web'] },
    { when: 'its name is too long', pod: podOf({}, `${long}-bcd`), is: [long, undefined, long] },
    { when: 'it has a hostname', pod: podOf({ hostname: 'h' }), is: ['h', undefined, 'h'] },
    {
      when: 'it has a subdomain',
      pod: podOf({ hostname: 'h', subdomain: 's' }),
      is: ['h', 'h.s.shop.svc.cluster.local', 'h'],
    },
    {
      when: 'the kernel shall know the whole name',
      pod: podOf({ subdomain: 's', setHostnameAsFQDN: true }),
      is: ['web', 'web.s.shop.svc.cluster.local', 'web.s.shop.svc.cluster.local'],
    },
    { when: 'there is no whole name', pod: podOf({ setHostnameAsFQDN: true }), is: ['web', undefined, 'web'] },
    {
      when: 'its hostname is overridden',
      pod: podOf({ hostname: 'h', subdomain: 's', hostnameOverride: 'any.name' }),
      is: ['any.name', undefined, 'any.name'],
    },
  ]
  for (const { when, pod, is } of cases) {
    test(`is ${is[2]} for a Pod when ${when}`, () => {
      const { hostname, fqdn, kernelName } = hostnameOf(pod, DNS)
      expect([hostname, fqdn, kernelName]).toEqual(is)
    })
  }

  test('refuses a whole name that the kernel does not take', () => {
    const pod = podOf({ subdomain: 's', setHostnameAsFQDN: true }, 'a'.repeat(50))
    expect(() => hostnameOf(pod, DNS)).toThrow(
      `failed to construct FQDN from pod hostname and cluster domain, FQDN ${'a'.repeat(50)}.s.shop.svc.cluster.local is too long (64 characters is the max, 75 characters requested)`,
    )
  })
})

describe('hostsFile()', () => {
  const HEAD =
    '# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\n' +
    'fe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n'
  const hostsOf = (pod: PodView, ips = ['10.0.0.1']) =>
    hostsFile(pod, { ips, names: hostnameOf(pod, DNS), nodeHosts: '127.0.0.1\tlocalhost\n' })

  test('names the Pod for each of its addresses', () => {
    expect(hostsOf(podOf({}), ['10.0.0.1', 'fd00::1'])).toBe(`${HEAD}10.0.0.1\tweb\nfd00::1\tweb\n`)
  })
  test('names the Pod with its domain and without, whatever the kernel is told', () => {
    const pod = podOf({ subdomain: 's', setHostnameAsFQDN: true })
    expect(hostsOf(pod)).toBe(`${HEAD}10.0.0.1\tweb.s.shop.svc.cluster.local\tweb\n`)
  })
  test('ends with the aliases', () => {
    const pod = podOf({ hostAliases: [{ ip: '1.2.3.4', hostnames: ['a', 'b.c'] }] })
    expect(hostsOf(pod)).toBe(`${HEAD}10.0.0.1\tweb\n\n# Entries added by HostAliases.\n1.2.3.4\ta\tb.c\n`)
  })
  test('is the node’s own in the node’s network', () => {
    const pod = podOf({ hostNetwork: true, hostAliases: [{ ip: '1.2.3.4', hostnames: ['a'] }] })
    expect(hostsOf(pod)).toBe(
      '# Kubernetes-managed hosts file (host network).\n127.0.0.1\tlocalhost\n\n# Entries added by HostAliases.\n1.2.3.4\ta\n',
    )
  })
})

describe('dnsOf()', () => {
  const cluster = {
    servers: ['10.96.0.10'],
    searches: ['shop.svc.cluster.local', 'svc.cluster.local', 'cluster.local', 'example.org'],
    options: ['ndots:5'],
  }
  const cases: readonly { readonly when: string; readonly spec: Partial<PodSpec>; readonly is: object }[] = [
    { when: 'it says nothing', spec: {}, is: cluster },
    { when: 'it is in the node’s network', spec: { hostNetwork: true }, is: NODE },
    {
      when: 'it is in the node’s network and wants the cluster’s names',
      spec: { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' },
      is: cluster,
    },
    { when: 'it wants what the node has', spec: { dnsPolicy: 'Default' }, is: NODE },
    {
      when: 'it brings its own',
      spec: {
        dnsPolicy: 'None',
        dnsConfig: {
          nameservers: ['1.1.1.1'],
          searches: ['x'],
          options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }],
        },
      },
      is: { servers: ['1.1.1.1'], searches: ['x'], options: ['ndots:2', 'edns0'] },
    },
    {
      when: 'it adds to the cluster’s',
      spec: {
        dnsConfig: {
          nameservers: ['10.96.0.10', '1.1.1.1'],
          searches: ['y'],
          options: [{ name: 'ndots', value: '1' }],
        },
      },
      is: { servers: ['10.96.0.10', '1.1.1.1'], searches: [...cluster.searches, 'y'], options: ['ndots:1'] },
    },
  ]
  for (const { when, spec, is } of cases) {
    test(`answers for a Pod when ${when}`, () => {
      expect(dnsOf(podOf(spec), DNS, NODE)).toEqual({ config: is, warnings: [] })
    })
  }

  test('leaves out what resolvers do not take, and says so', () => {
    const dnsConfig = {
      nameservers: ['1.1.1.1', '1.1.1.2'],
      searches: ['z'.repeat(254), ...Array.from({ length: 31 }, (_, index) => `s${index}`)],
    }
    const { config, warnings } = dnsOf(podOf({ dnsPolicy: 'Default', dnsConfig }), DNS, NODE)
    expect(config.servers).toEqual([...NODE.servers, '1.1.1.1'])
    const left = [...NODE.searches, ...dnsConfig.searches.slice(1, 30)]
    expect(config.searches).toEqual(left)
    expect(warnings.map(({ message }) => message)).toEqual([
      'Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 192.0.2.1 192.0.2.2 1.1.1.1',
      `Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${left.join(' ')}`,
    ])
  })

  test('cuts a line of searches that is too long at its end', () => {
    const searches = Array.from({ length: 20 }, (_, index) => `${String(index).padStart(3, '0')}${'x'.repeat(120)}`)
    const { config } = dnsOf(podOf({ dnsPolicy: 'None', dnsConfig: { nameservers: ['1.1.1.1'], searches } }), DNS, NODE)
    expect(config.searches).toEqual(searches.slice(0, 16))
  })

  test('falls back to the node’s when there is no DNS in the cluster, and says so', () => {
    const { config, warnings } = dnsOf(podOf({}), { ...DNS, servers: [] }, NODE)
    expect(config).toEqual(NODE)
    expect(warnings).toEqual([
      {
        reason: 'MissingClusterDNS',
        message:
          'pod: "web_shop(1)". kubelet does not have ClusterDNS IP configured and cannot create Pod using "ClusterFirst" policy. Falling back to "Default" policy.',
      },
    ])
  })
})
