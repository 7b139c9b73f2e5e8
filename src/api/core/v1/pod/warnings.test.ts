import { describe, expect, test } from 'vitest'
import { fieldPath } from '../../../../meta/field-path.ts'
import type { PodSpec } from '../../../generated/core-v1.ts'
import { podTemplateWarnings, podWarnings } from './warnings.ts'

const container = (more: object = {}) => ({ name: 'c', image: 'i', ...more })
const warningsOf = (spec: Partial<PodSpec>, name = 'p') =>
  podWarnings({ metadata: { name }, spec: { containers: [container()], ...spec } })

describe('podWarnings()', () => {
  const cases: readonly [what: string, spec: object, warnings: readonly string[]][] = [
    ['nothing odd', {}, []],
    [
      'old volumes',
      {
        volumes: [
          { name: 'v', storageos: {} },
          { name: 'p', projected: { sources: [{}] } },
        ],
      },
      [
        'spec.volumes[0].storageOS: deprecated in v1.22, non-functional in v1.25+',
        'volume "p" (Projected) has no sources provided',
      ],
    ],
    [
      'files that hide each other',
      {
        volumes: [
          {
            name: 'v',
            configMap: {
              name: 'm',
              items: [
                { key: 'a', path: 'x' },
                { key: 'b', path: 'x/y' },
              ],
            },
          },
          {
            name: 'w',
            projected: {
              sources: [
                { secret: { name: 's', items: [{ key: 'a', path: 't' }] } },
                { serviceAccountToken: { path: 't/' } },
              ],
            },
          },
        ],
      },
      [
        'volume "v" (ConfigMap "m"): overlapping paths: "x/y" with "x"',
        'volume "w" (Projected): overlapping paths: "t" (ServiceAccountToken) with "t" (Secret "s")',
      ],
    ],
    [
      'ports',
      {
        containers: [
          container({
            ports: [
              { containerPort: 80, protocol: 'TCP', name: 'web' },
              { containerPort: 80, protocol: 'TCP', hostPort: 8080 },
              { containerPort: 80, protocol: 'TCP', name: 'web' },
              { containerPort: 81, protocol: 'TCP', hostIP: '127.0.0.1' },
            ],
          }),
        ],
      },
      [
        'spec.containers[0].ports[1]: overlapping port definition with spec.containers[0].ports[0]',
        'spec.containers[0].ports[2]: duplicate port definition with spec.containers[0].ports[0]',
        'spec.containers[0].ports[2]: overlapping port definition with spec.containers[0].ports[1]',
        'spec.containers[0].ports[3]: hostIP set without hostPort: {Name: HostPort:0 ContainerPort:81 Protocol:TCP HostIP:127.0.0.1}',
        'spec.containers[0].ports[2]: duplicate port name "web" with spec.containers[0].ports[0], services and probes that select ports by name will use spec.containers[0].ports[0]',
      ],
    ],
    [
      'selectors that meet no Pod',
      {
        topologySpreadConstraints: [
          { topologyKey: 'beta.kubernetes.io/os', maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule' },
        ],
        affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone' }] } },
      },
      [
        'spec.topologySpreadConstraints[0].topologyKey: beta.kubernetes.io/os is deprecated since v1.14; use "kubernetes.io/os" instead',
        'spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod',
        'spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector: a null labelSelector results in matching no pod',
      ],
    ],
    [
      'a variable that hides another',
      {
        containers: [
          container({
            env: [
              { name: 'A', value: '1' },
              { name: 'A', value: '$(A)' },
            ],
          }),
        ],
      },
      ['spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply'],
    ],
  ]
  for (const [what, spec, warnings] of cases) {
    test(`warns of ${what}`, () => expect(warningsOf(spec as Partial<PodSpec>)).toEqual(warnings))
  }

  test('a name that is no host name', () => {
    expect(warningsOf({}, 'a.b')).toEqual([
      expect.stringMatching(
        /^metadata\.name: this is used in the Pod's hostname.*recommended: \[must not contain dots/,
      ),
    ])
  })

  test('a template is warned of at its place', () => {
    const template = { spec: { containers: [container()], imagePullSecrets: [{}], terminationGracePeriodSeconds: -1 } }
    expect(podTemplateWarnings(template, fieldPath('spec', 'template'))).toEqual([
      'spec.template.spec.imagePullSecrets[0].name: invalid empty name ""',
      'spec.template.spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1',
    ])
  })
})
