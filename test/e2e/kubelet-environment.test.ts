import { join } from 'node:path'
import { expect, test } from 'vitest'

import { fakeDevicePlugin } from '../../src/kubelet/devices/fixtures.ts'
import { aPod, podsCluster, runs, STAY } from './pods.ts'

const cluster = podsCluster()

test('a container has the variables that it asks for, in the order of precedence', async () => {
  await cluster.create(
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'vars' },
      data: { A: 'map-a', B: 'map-b', 'odd.name': 'odd' },
    },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'vars' }, stringData: { B: 'secret-b', C: 'secret-c' } },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'my-db' },
      spec: {
        ports: [
          { name: 'sql', port: 5432 },
          { name: 'web', port: 80 },
        ],
      },
    },
  )
  await expect.poll(() => cluster.field('service/my-db', '.spec.clusterIP'), { timeout: 10_000 }).not.toBe('')
  const address = await cluster.field('service/my-db', '.spec.clusterIP')
  const field = (fieldPath: string) => ({ valueFrom: { fieldRef: { fieldPath } } })
  const resource = (name: string, divisor: string, containerName?: string) => ({
    valueFrom: { resourceFieldRef: { resource: name, divisor, ...(containerName !== undefined && { containerName }) } },
  })
  const said = await cluster.output(
    aPod(
      'vars',
      {
        containers: [
          runs('', {
            // A shell would pass on only the names that it can write.
            command: ['env'],
            resources: { requests: { cpu: '50m', memory: '16Mi' }, limits: { memory: '32Mi' } },
            envFrom: [
              { configMapRef: { name: 'vars' } },
              { secretRef: { name: 'vars' } },
              { prefix: 'P_', configMapRef: { name: 'vars' } },
              { configMapRef: { name: 'none', optional: true } },
            ],
            env: [
              { name: 'C', value: 'own' },
              { name: 'REFS', value: '$(A) $(C) $(LATER) $(MY_DB_SERVICE_PORT) $$(A) $(unclosed' },
              { name: 'LATER', value: 'later' },
              { name: 'KEY', valueFrom: { configMapKeyRef: { name: 'vars', key: 'A' } } },
              { name: 'NO_KEY', valueFrom: { secretKeyRef: { name: 'vars', key: 'none', optional: true } } },
              { name: 'FROM_FILE', valueFrom: { fileKeyRef: { volumeName: 'files', path: 'env', key: 'WORD' } } },
              { name: 'POD', ...field('metadata.name') },
              { name: 'LABEL', ...field("metadata.labels['tier']") },
              { name: 'NODE', ...field('spec.nodeName') },
              { name: 'ACCOUNT', ...field('spec.serviceAccountName') },
              { name: 'IP', ...field('status.podIP') },
              { name: 'HOST_IP', ...field('status.hostIP') },
              { name: 'CPU', ...resource('requests.cpu', '1m') },
              { name: 'MEMORY', ...resource('limits.memory', '1Mi') },
              { name: 'ANY_CPU', ...resource('limits.cpu', '1m') },
              { name: 'MY_DB_SERVICE_HOST', value: 'mine' },
            ],
          }),
        ],
        initContainers: [
          {
            ...runs(`echo "WORD='from a file'" > /files/env`),
            name: 'writer',
            volumeMounts: [{ name: 'files', mountPath: '/files' }],
          },
        ],
        volumes: [{ name: 'files', emptyDir: {} }],
      },
      { labels: { tier: 'front' } },
    ),
  )
  const found = new Map(
    said.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
  const wanted: Record<string, string | undefined> = {
    A: 'map-a',
    B: 'secret-b',
    C: 'own',
    'odd.name': 'odd',
    P_A: 'map-a',
    P_B: 'map-b',
    'P_odd.name': 'odd',
    REFS: 'map-a own $(LATER) 5432 $(A) $(unclosed',
    LATER: 'later',
    KEY: 'map-a',
    NO_KEY: undefined,
    FROM_FILE: 'from a file',
    POD: 'vars',
    LABEL: 'front',
    NODE: 'node-1',
    ACCOUNT: 'default',
    IP: await cluster.field('pod/vars', '.status.podIP'),
    HOST_IP: await cluster.field('node/node-1', '.status.addresses[0].address'),
    CPU: '50',
    MEMORY: '32',
    ANY_CPU: String(1000 * Number(await cluster.field('node/node-1', '.status.allocatable.cpu'))),
    MY_DB_SERVICE_HOST: 'mine',
    MY_DB_SERVICE_PORT: '5432',
    MY_DB_SERVICE_PORT_SQL: '5432',
    MY_DB_SERVICE_PORT_WEB: '80',
    MY_DB_PORT: `tcp://${address}:5432`,
    MY_DB_PORT_80_TCP: `tcp://${address}:80`,
    MY_DB_PORT_80_TCP_PROTO: 'tcp',
    MY_DB_PORT_80_TCP_PORT: '80',
    MY_DB_PORT_80_TCP_ADDR: address,
    KUBERNETES_SERVICE_HOST: '10.96.0.1',
    HOSTNAME: 'vars',
  }
  expect(Object.fromEntries(Object.keys(wanted).map((name) => [name, found.get(name)]))).toEqual(wanted)
})

test('a Pod that wants no links to Services has only the API server’s', async () => {
  const said = await cluster.output(
    aPod('unlinked', { enableServiceLinks: false, containers: [runs('env | grep _SERVICE_HOST')] }),
  )
  expect(said).toBe('KUBERNETES_SERVICE_HOST=10.96.0.1\n')
})

test('a variable that has no source keeps its container waiting, and says why', async () => {
  const from = (valueFrom: object) => ({ env: [{ name: 'X', valueFrom }] })
  await cluster.create(
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'there' }, data: {} },
    aPod('no-map', { containers: [runs(STAY, from({ configMapKeyRef: { name: 'none', key: 'k' } }))] }),
    aPod('no-key', { containers: [runs(STAY, from({ configMapKeyRef: { name: 'there', key: 'k' } }))] }),
    aPod('no-secret', { containers: [runs(STAY, { envFrom: [{ secretRef: { name: 'none' } }] })] }),
    aPod('no-file', {
      containers: [runs(STAY, from({ fileKeyRef: { volumeName: 'v', path: 'env', key: 'k' } }))],
      volumes: [{ name: 'v', emptyDir: {} }],
    }),
  )
  const waiting = '.status.containerStatuses[0].state.waiting'
  const why = [
    ['no-map', 'configmap "none" not found'],
    ['no-key', "couldn't find key k in ConfigMap default/there"],
    ['no-secret', 'secret "none" not found'],
    ['no-file', "couldn't parse env file"],
  ] as const
  for (const [pod, message] of why) {
    await cluster.until(`pod/${pod}`, `${waiting}.reason`, 'CreateContainerConfigError')
    expect(await cluster.field(`pod/${pod}`, `${waiting}.message`)).toBe(message)
  }
  // What is missing may come.
  await cluster.kubectl('create', 'configmap', 'none', '--from-literal=k=v')
  await cluster.until('pod/no-map', '.status.phase', 'Running')
})

test('a Pod is called what it asks to be called', async () => {
  const show = 'hostname; cat /etc/hosts | tail -n +8'
  const ip = (pod: string) => cluster.field(`pod/${pod}`, '.status.podIP')
  const named = { hostname: 'front', subdomain: 'shop' }
  const domain = 'front.shop.default.svc.cluster.local'
  const pods = [
    ['plain', {}, 'plain', 'plain'],
    ['named', named, 'front', `${domain}\tfront`],
    ['whole', { ...named, setHostnameAsFQDN: true }, domain, `${domain}\tfront`],
    ['overridden', { hostnameOverride: 'any.name' }, 'any.name', 'any.name'],
    [`${'long-'.repeat(13)}name`, {}, `${'long-'.repeat(12)}lon`, `${'long-'.repeat(12)}lon`],
  ] as const
  for (const [name, spec, hostname, hosts] of pods) {
    const aliases = { hostAliases: [{ ip: '192.0.2.7', hostnames: ['one', 'two.example'] }] }
    const said = await cluster.output(aPod(name, { ...spec, ...aliases, containers: [runs(show)] }))
    expect(said).toBe(
      `${hostname}\n${await ip(name)}\t${hosts}\n\n# Entries added by HostAliases.\n192.0.2.7\tone\ttwo.example\n`,
    )
  }
  await cluster.create(
    aPod('too-long', { ...named, hostname: 'h'.repeat(40), setHostnameAsFQDN: true, containers: [runs(STAY)] }),
  )
  const fqdn = `${'h'.repeat(40)}.shop.default.svc.cluster.local`
  await expect
    .poll(() => cluster.events('too-long', 'FailedCreatePodSandBox'), { timeout: 20_000 })
    .toContain(
      `Failed to create pod sandbox: failed to construct FQDN from pod hostname and cluster domain, FQDN ${fqdn} is too long (64 characters is the max, ${fqdn.length} characters requested)`,
    )
})

test('a Pod resolves names with what it asks for', async () => {
  const dnsConfig = {
    nameservers: ['192.0.2.53'],
    searches: ['example.org'],
    options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }],
  }
  const show = { containers: [runs('cat /etc/resolv.conf')] }
  const own = 'search default.svc.cluster.local svc.cluster.local cluster.local'
  const lines = async (name: string, spec: object) =>
    (await cluster.output(aPod(name, { ...spec, ...show }))).trim().split('\n')

  const plain = await lines('dns-plain', {})
  expect(plain).toContain('nameserver 10.96.0.10')
  expect(plain.find((line) => line.startsWith('search'))).toMatch(new RegExp(`^${own}`))
  expect(plain).toContain('options ndots:5')
  expect(await lines('dns-none', { dnsPolicy: 'None', dnsConfig })).toEqual([
    'search example.org',
    'nameserver 192.0.2.53',
    'options ndots:2 edns0',
  ])
  const more = await lines('dns-more', { dnsConfig })
  expect(more).toContain('nameserver 192.0.2.53')
  expect(more).toContain('options ndots:2 edns0')
  expect(await lines('dns-host', { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' })).toEqual(plain)
  expect(await lines('dns-node', { dnsPolicy: 'Default' })).not.toContain('nameserver 10.96.0.10')

  const nameservers = ['192.0.2.1', '192.0.2.2', '192.0.2.3']
  expect(await lines('dns-many', { dnsConfig: { nameservers } })).toContain('nameserver 192.0.2.2')
  expect(await cluster.events('dns-many', 'DNSConfigForming')).toEqual([
    'Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 10.96.0.10 192.0.2.1 192.0.2.2',
  ])
})

test('a container has the devices of a device plugin, and others are refused them', async () => {
  const resource = 'example.com/lamp'
  const give = (ids: readonly string[]) => ({
    envs: { LAMPS: ids.join(',') },
    mounts: [{ containerPath: '/lamp', hostPath: '/var/lib/kubelet/device-plugins', readOnly: true }],
    devices: [{ containerPath: '/dev/lamp', hostPath: '/dev/null', permissions: 'rw' }],
  })
  const folder = join(cluster.nodeFolder, 'kubelet/device-plugins')
  const devices = ['a', 'b'].map((ID) => ({ ID, health: 'Healthy' as const }))
  const plugin = await fakeDevicePlugin({ folder, resource, devices, give })
  try {
    await plugin.register()
    await cluster.until('node/node-1', '.status.allocatable.example\\.com/lamp', '2')
    const asks = (count: number) => ({ resources: { limits: { [resource]: count } } })
    const show = 'echo $LAMPS; stat -c %t:%T /dev/lamp; ls /lamp/kubelet.sock; ' + STAY
    await cluster.create(aPod('lit', { containers: [runs(show, asks(1))] }))
    await cluster.until('pod/lit', '.status.phase', 'Running')
    await expect.poll(() => cluster.kubectl('logs', 'lit'), { timeout: 10_000 }).toBe('a\n1:3\n/lamp/kubelet.sock\n')
    plugin.tell([{ ID: 'a', health: 'Unhealthy' }, ...devices.slice(1)])
    const status = '.status.containerStatuses[0].allocatedResourcesStatus[0]'
    await cluster.until('pod/lit', `${status}.resources[0].health`, 'Unhealthy')
    await cluster.create(aPod('dark', { nodeName: 'node-1', containers: [runs(STAY, asks(2))] }))
    await cluster.until('pod/dark', '.status.reason', 'UnexpectedAdmissionError')
    expect(await cluster.field('pod/dark', '.status.message')).toBe(
      `Pod was rejected: Allocate failed due to requested number of devices unavailable for ${resource}. ` +
        'Requested: 2, Available: 1, which is unexpected',
    )
  } finally {
    plugin.close()
  }
})
