import { describe, expect, test } from 'vitest'
import { fieldPath } from '../../../../meta/field-path.ts'
import type { Container, Pod, PodSpec } from '../../../generated/core-v1.ts'
import { defaultPod } from './defaults.ts'
import { validatePod } from './validate.ts'

/** The faults of a Pod after defaults, as the API prints them. */
function faultsOf(spec: Partial<PodSpec>, metadata: Pod['metadata'] = { name: 'p', namespace: 'default' }): string[] {
  const pod: Pod = { metadata, spec: { containers: [{ name: 'c', image: 'i' }], ...spec } }
  defaultPod(pod)
  return validatePod(pod, fieldPath()).map(({ field, message }) => `${field}: ${message}`)
}

const withContainer = (fields: Partial<Container>) => ({ containers: [{ name: 'c', image: 'i', ...fields }] })
const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"

describe('validatePod()', () => {
  const cases: [what: string, spec: Partial<PodSpec>, faults: readonly string[]][] = [
    ['the least Pod', {}, []],
    ['no containers', { containers: [] }, ['spec.containers: Required value']],
    ['a container without a name', withContainer({ name: '' }), ['spec.containers[0].name: Required value']],
    ['a bad name', withContainer({ name: 'C' }), [`spec.containers[0].name: Invalid value: "C": ${LABEL}`]],
    ['no image', { containers: [{ name: 'c' }] }, ['spec.containers[0].image: Required value']],
    [
      'spaces around an image',
      withContainer({ image: ' i' }),
      ['spec.containers[0].image: Invalid value: " i": must not have leading or trailing whitespace'],
    ],
    [
      'two containers of a name',
      {
        containers: [
          { name: 'c', image: 'i' },
          { name: 'c', image: 'i' },
        ],
      },
      ['spec.containers[1].name: Duplicate value: "c"'],
    ],
    [
      'limits of a container, though not of an init container, beyond those of the Pod',
      {
        containers: [{ name: 'c', image: 'i', resources: { limits: { cpu: '2' }, requests: {} } }],
        initContainers: [{ name: 'a', image: 'i', resources: { limits: { cpu: '2' }, requests: { cpu: '1' } } }],
        resources: { limits: { cpu: '1' }, requests: { cpu: '2' } },
      },
      [
        'spec.resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
        'spec.resources.containers[0][cpu].limits: Invalid value: "2": must be less than or equal to pod limits of 1',
      ],
    ],
    [
      'an init container of the name of another',
      { initContainers: [{ name: 'c', image: 'i' }] },
      ['spec.initContainers[0].name: Duplicate value: "c"'],
    ],
    [
      'an init container with a probe',
      { initContainers: [{ name: 'a', image: 'i', livenessProbe: { exec: { command: ['x'] } } }] },
      [
        'spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
      ],
    ],
    [
      'a sidecar with a probe',
      {
        initContainers: [
          { name: 'a', image: 'i', restartPolicy: 'Always', livenessProbe: { exec: { command: ['x'] } } },
        ],
      },
      [],
    ],
    [
      'ports out of range',
      withContainer({ ports: [{ containerPort: 70000 }, { containerPort: 80, hostPort: -1 }, { containerPort: 0 }] }),
      [
        'spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
        'spec.containers[0].ports[1].hostPort: Invalid value: -1: must be between 1 and 65535, inclusive',
        'spec.containers[0].ports[2].containerPort: Required value',
      ],
    ],
    [
      'two ports of a name, and of a host port',
      withContainer({
        ports: [
          { name: 'web', containerPort: 80, hostPort: 1 },
          { name: 'web', containerPort: 81, hostPort: 1 },
        ],
      }),
      [
        'spec.containers[0].ports[1].name: Duplicate value: "web"',
        'spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//1"',
      ],
    ],
    [
      'variables',
      withContainer({
        env: [
          { name: '' },
          { name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          { name: 'B', valueFrom: {} },
          { name: 'C', valueFrom: { fieldRef: { fieldPath: 'metadata.labels' } } },
          { name: 'D', valueFrom: { fieldRef: { fieldPath: 'nope' } } },
          { name: 'E', valueFrom: { configMapKeyRef: { name: 'm', key: '' } } },
          { name: 'F', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '2' } } },
          { name: 'G', valueFrom: { fieldRef: { fieldPath: "metadata.annotations['a.b/c']" } } },
        ],
      }),
      [
        'spec.containers[0].env[0].name: Required value',
        'spec.containers[0].env[1].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
        'spec.containers[0].env[2].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
        'spec.containers[0].env[3].valueFrom.fieldRef.fieldPath: Unsupported value: "metadata.labels": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"',
        'spec.containers[0].env[4].valueFrom.fieldRef.fieldPath: Invalid value: "nope": error converting fieldPath: field label not supported: nope',
        'spec.containers[0].env[5].valueFrom.configMapKeyRef.key: Required value',
        'spec.containers[0].env[6].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor\'s values 1m and 1 are supported with the cpu resource',
      ],
    ],
    [
      'mounts',
      {
        volumes: [{ name: 'v', emptyDir: {} }],
        containers: [
          {
            name: 'c',
            image: 'i',
            volumeMounts: [
              { name: 'v', mountPath: '/a' },
              { name: 'v', mountPath: '/a' },
              { name: 'nope', mountPath: '/b' },
              { name: 'v', mountPath: '', subPath: '../x' },
              { name: 'v', mountPath: '/d', mountPropagation: 'Bidirectional' },
            ],
          },
        ],
      },
      [
        'spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/a": must be unique',
        'spec.containers[0].volumeMounts[2].name: Not found: "nope"',
        'spec.containers[0].volumeMounts[3].mountPath: Required value',
        'spec.containers[0].volumeMounts.subPath: Invalid value: "../x": must not contain \'..\'',
        'spec.containers[0].volumeMounts.mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers',
      ],
    ],
    [
      'volumes',
      {
        volumes: [
          { name: 'v', emptyDir: {} },
          { name: 'v', emptyDir: {} },
          { name: 's', secret: { secretName: 'x', defaultMode: 1000 } },
          { name: 't', secret: { secretName: '' } },
          { name: 'u', emptyDir: {}, hostPath: { path: '/x' } },
          { name: 'h', hostPath: { path: '/a/../b' } },
          { name: 'n', nfs: { server: '', path: 'x' } },
          { name: 'p', projected: { sources: [{ serviceAccountToken: { path: '', expirationSeconds: 60 } }] } },
          { name: 'e', ephemeral: {} },
        ],
        serviceAccountName: 'default',
      },
      [
        'spec.volumes[1].name: Duplicate value: "v"',
        'spec.volumes[2].secret.defaultMode: Invalid value: 1000: must be a number between 0 and 0777 (octal), both inclusive',
        'spec.volumes[3].secret.secretName: Required value',
        'spec.volumes[4].hostPath: Forbidden: may not specify more than 1 volume type',
        'spec.volumes[5].hostPath.path: Invalid value: "/a/../b": must not contain \'..\'',
        'spec.volumes[6].nfs.server: Required value',
        'spec.volumes[6].nfs.path: Invalid value: "x": must be an absolute path',
        'spec.volumes[7].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes',
        'spec.volumes[7].projected.path: Required value',
        'spec.volumes[8].ephemeral.volumeClaimTemplate: Required value',
      ],
    ],
    [
      'volumes of old kinds, and padded names',
      {
        volumes: [
          { name: 'g', glusterfs: { endpoints: 'e', path: '..' } },
          { name: 'q', quobyte: { registry: '::1', volume: 'v' } },
          { name: 'r', quobyte: { registry: '[::1]:1,h:2', volume: 'v' } },
          { name: 'i', image: { reference: ' x' } },
        ],
        securityContext: { appArmorProfile: { type: 'Localhost', localhostProfile: ' x' } },
        dnsConfig: { searches: ['..', 'a.'] },
      },
      [
        'spec.volumes[1].quobyte.registry: Invalid value: "::1": must be a host:port pair or multiple pairs separated by commas',
        'spec.securityContext.appArmorProfile.localhostProfile: Invalid value: " x": must not be padded with whitespace',
        expect.stringMatching(/^spec\.dnsConfig\.searches\[0\]: Invalid value: "\.": /) as unknown as string,
      ],
    ],
    [
      'resources',
      withContainer({
        resources: {
          limits: { cpu: '1', memory: '-1', 'example.com/gpu': '1500m', 'hugepages-2Mi': '3Mi', nonsense: '1' },
          requests: { cpu: '2', memory: '-1', 'example.com/gpu': '1500m', 'hugepages-2Mi': '3Mi', nonsense: '1' },
        },
      }),
      [
        'spec.containers[0].resources.limits[memory]: Invalid value: "-1": must be greater than or equal to 0',
        'spec.containers[0].resources.limits[example.com/gpu]: Invalid value: "1500m": must be an integer',
        'spec.containers[0].resources.limits[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi',
        'spec.containers[0].resources.limits[nonsense]: Invalid value: "nonsense": must be a standard resource type or fully qualified',
        'spec.containers[0].resources.limits[nonsense]: Invalid value: "nonsense": must be a standard resource for containers',
        'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
        'spec.containers[0].resources.requests[memory]: Invalid value: "-1": must be greater than or equal to 0',
        'spec.containers[0].resources.requests[example.com/gpu]: Invalid value: "1500m": must be an integer',
        'spec.containers[0].resources.requests[nonsense]: Invalid value: "nonsense": must be a standard resource type or fully qualified',
        'spec.containers[0].resources.requests[nonsense]: Invalid value: "nonsense": must be a standard resource for containers',
      ],
    ],
    [
      'huge pages alone',
      withContainer({ resources: { limits: { 'hugepages-2Mi': '4Mi' } } }),
      ['spec.containers[0].resources: Forbidden: HugePages require cpu or memory'],
    ],
    [
      'probes',
      withContainer({
        livenessProbe: { successThreshold: 2, httpGet: { port: 0, scheme: 'HTTP' } },
        readinessProbe: { timeoutSeconds: -1 },
        startupProbe: { exec: {}, tcpSocket: { port: 'Bad_Port' } },
      }),
      [
        'spec.containers[0].livenessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive',
        'spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1',
        'spec.containers[0].readinessProbe: Required value: must specify a handler type',
        'spec.containers[0].readinessProbe.timeoutSeconds: Invalid value: -1: must be greater than or equal to 0',
        'spec.containers[0].startupProbe.exec.command: Required value',
        'spec.containers[0].startupProbe.tcpSocket: Forbidden: may not specify more than 1 handler type',
      ],
    ],
    [
      'policies',
      { restartPolicy: 'Sometimes' as 'Always', dnsPolicy: 'X' as 'None' },
      [
        'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
        'spec.dnsPolicy: Unsupported value: "X": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"',
      ],
    ],
    [
      'security',
      {
        securityContext: {
          runAsUser: -1,
          fsGroup: -2,
          seccompProfile: { type: 'Localhost' },
          sysctls: [{ name: '', value: '' }],
        },
        hostPID: true,
        shareProcessNamespace: true,
        ...withContainer({ securityContext: { privileged: true, allowPrivilegeEscalation: false } }),
      },
      [
        'spec.containers[0].securityContext: Invalid value: {"privileged":true,"allowPrivilegeEscalation":false}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
        'spec.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive',
        'spec.securityContext.fsGroup: Invalid value: -2: must be between 0 and 2147483647, inclusive',
        'spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled',
        'spec.securityContext.sysctls[0].name: Required value',
        'spec.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost',
      ],
    ],
    [
      'affinity',
      {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] },
            preferredDuringSchedulingIgnoredDuringExecution: [
              { weight: 0, preference: { matchExpressions: [{ key: 'a', operator: 'In' }] } },
            ],
          },
        },
        tolerations: [
          { operator: 'Equal' },
          { key: 'a', operator: 'Exists', value: 'x', effect: 'Bad' as 'NoExecute' },
        ],
        topologySpreadConstraints: [{ maxSkew: 0, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }],
      },
      [
        'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term',
        'spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 0: must be in the range 1-100',
        "spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
        'spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero',
        'spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
        'spec.tolerations[1].operator: Invalid value: "x": value must be empty when `operator` is \'Exists\'',
        'spec.tolerations[1].effect: Unsupported value: "Bad": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
      ],
    ],
    [
      'variables from files',
      {
        ...withContainer({
          env: ['none', 'other'].map((volumeName) => ({
            name: volumeName,
            valueFrom: { fileKeyRef: { volumeName, path: 'f', key: 'k' } },
          })),
        }),
        volumes: [{ name: 'other', configMap: { name: 'c' } }],
      },
      [
        'spec.containers[0].env[0].valueFrom.fileKeyRef.volumeName: Not found: "none"',
        'spec.containers[0].env[1].valueFrom.fileKeyRef.volumeName: Invalid value: "other": referenced volume must be of type emptyDir',
      ],
    ],
    [
      'times and names',
      { activeDeadlineSeconds: 0, hostname: 'A', dnsConfig: { nameservers: ['x'] }, hostAliases: [{ ip: 'y' }] },
      [
        'spec.dnsConfig.nameservers[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
        `spec.hostname: Invalid value: "A": ${LABEL}`,
        'spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive',
        'spec.hostAliases[0].ip: Invalid value: "y": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      ],
    ],
    [
      'ephemeral containers and gates',
      {
        ephemeralContainers: [{ name: 'd', image: 'i', ports: [{ containerPort: 1 }], lifecycle: {} }],
        schedulingGates: [{ name: 'a' }],
        nodeName: 'n',
      },
      [
        'spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container',
        'spec.ephemeralContainers[0].lifecycle: Forbidden: cannot be set for an Ephemeral Container',
        'spec.ephemeralContainers: Forbidden: cannot be set on create',
        'spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared',
      ],
    ],
    [
      'host network',
      { hostNetwork: true, ...withContainer({ ports: [{ containerPort: 80, hostPort: 81 }] }) },
      [
        'spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is true',
      ],
    ],
  ]
  for (const [what, spec, faults] of cases) {
    test(`${what}: ${faults.length} faults`, () => expect(faultsOf(spec)).toEqual(faults))
  }

  test('an annotation names a profile of seccomp', () => {
    const faults = (profile: string) =>
      faultsOf({}, { name: 'p', annotations: { 'container.seccomp.security.alpha.kubernetes.io/c': profile } })
    expect(faults('localhost/x.json')).toEqual([])
    expect(faults('x')).toEqual([
      'metadata.annotations.container.seccomp.security.alpha.kubernetes.io/c: Invalid value: "x": must be a valid seccomp profile',
    ])
  })

  test('a mirror Pod has a node', () => {
    const metadata = { name: 'p', annotations: { 'kubernetes.io/config.mirror': 'x' } }
    expect(faultsOf({}, metadata)).toEqual([
      'metadata.annotations[kubernetes.io/config.mirror]: Invalid value: "x": must set spec.nodeName if mirror pod annotation is set',
    ])
  })
})
