import { describe, expect, test } from 'vitest'
import { fieldPath } from '../../../../meta/field-path.ts'
import type { Pod, PodSpec } from '../../../generated/core-v1.ts'
import { defaultPod, defaultPodTemplate } from './defaults.ts'
import { tagOf } from './image.ts'
import { gracefulDelete, prepareForCreate, prepareForStatusUpdate } from './strategy.ts'
import { validatePod } from './validate.ts'
import { podWarnings } from './warnings.ts'

function made(spec: Partial<PodSpec>, metadata: Pod['metadata'] = { name: 'p' }): Pod {
  const pod: Pod = { metadata, spec: { containers: [{ name: 'c', image: 'k8s.gcr.io/pause:3.2' }], ...spec } }
  defaultPod(pod)
  prepareForCreate(pod)
  return pod
}

describe('defaultPod()', () => {
  test('fills in the least Pod as Kubernetes does', () => {
    expect(made({})).toEqual({
      metadata: { name: 'p' },
      spec: {
        containers: [
          {
            name: 'c',
            image: 'k8s.gcr.io/pause:3.2',
            imagePullPolicy: 'IfNotPresent',
            terminationMessagePath: '/dev/termination-log',
            terminationMessagePolicy: 'File',
          },
        ],
        dnsPolicy: 'ClusterFirst',
        enableServiceLinks: true,
        restartPolicy: 'Always',
        schedulerName: 'default-scheduler',
        securityContext: {},
        terminationGracePeriodSeconds: 30,
      },
      status: { phase: 'Pending', qosClass: 'BestEffort' },
    })
  })

  const cases: [what: string, given: Partial<PodSpec>, result: Partial<PodSpec>][] = [
    [
      'requests from limits',
      { containers: [{ name: 'c', resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } } }] },
      {
        containers: [
          expect.objectContaining({
            resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m', memory: '1Gi' } },
          }),
        ],
      },
    ],
    [
      'huge pages of the Pod from those of its containers',
      {
        containers: [{ name: 'c', resources: { limits: { 'hugepages-2Mi': '2Mi' } } }],
        resources: { requests: { cpu: '1' } },
      },
      {
        resources: {
          limits: { 'hugepages-2Mi': '2Mi' },
          requests: { cpu: '1', 'hugepages-2Mi': '2Mi' },
        },
      },
    ],
    [
      'no huge pages of a Pod that says nothing of itself',
      { containers: [{ name: 'c', resources: { limits: { 'hugepages-2Mi': '2Mi' } } }], resources: {} },
      { resources: {} },
    ],
    [
      'amounts finer than a thousandth upwards',
      { containers: [{ name: 'c', resources: { requests: { cpu: '1n' } } }] },
      { containers: [expect.objectContaining({ resources: { requests: { cpu: '1m' } } })] },
    ],
    [
      'probes',
      { containers: [{ name: 'c', livenessProbe: { httpGet: { port: 80 } } }] },
      {
        containers: [
          expect.objectContaining({
            livenessProbe: {
              httpGet: { port: 80, path: '/', scheme: 'HTTP' },
              timeoutSeconds: 1,
              periodSeconds: 10,
              successThreshold: 1,
              failureThreshold: 3,
            },
          }),
        ],
      },
    ],
    [
      'host ports on the host network',
      { hostNetwork: true, containers: [{ name: 'c', ports: [{ containerPort: 80 }] }] },
      { containers: [expect.objectContaining({ ports: [{ containerPort: 80, hostPort: 80, protocol: 'TCP' }] })] },
    ],
    [
      'volumes',
      {
        volumes: [
          { name: 'a' },
          { name: 'b', secret: { secretName: 's' } },
          { name: 'c', hostPath: { path: '/x' } },
          { name: 'd', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } },
        ],
      },
      {
        volumes: [
          { name: 'a', emptyDir: {} },
          { name: 'b', secret: { secretName: 's', defaultMode: 420 } },
          { name: 'c', hostPath: { path: '/x', type: '' } },
          {
            name: 'd',
            projected: { defaultMode: 420, sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 3600 } }] },
          },
        ],
      },
    ],
    ['both names of the service account', { serviceAccount: 'x' }, { serviceAccount: 'x', serviceAccountName: 'x' }],
    [
      'requests of the Pod as a whole',
      {
        resources: { limits: { cpu: '2', memory: '2Gi' } },
        containers: [{ name: 'c', resources: { requests: { cpu: '500m' } } }],
      },
      { resources: { limits: { cpu: '2', memory: '2Gi' }, requests: { cpu: '500m', memory: '2Gi' } } },
    ],
  ]
  for (const [what, given, result] of cases) {
    test(`fills in ${what}`, () => expect(made(given).spec).toMatchObject(result))
  }

  test('a template leaves to its Pods what is theirs', () => {
    const template = { spec: { containers: [{ name: 'c', resources: { limits: { cpu: '1' } } }] } }
    defaultPodTemplate(template)
    expect(template.spec).not.toHaveProperty('enableServiceLinks')
    expect(template.spec.containers[0]?.resources).toEqual({ limits: { cpu: '1' } })
  })
})

describe('images', () => {
  const cases = [
    ['nginx', 'latest'],
    ['nginx:1.2', '1.2'],
    ['host:5000/nginx', 'latest'],
    ['nginx@sha256:0', ''],
    [`nginx:latest@sha256:${'0'.repeat(64)}`, 'latest'],
    ['nginx:latest@sha256:0', ''],
    ['Nginx:latest', ''],
    ['a'.repeat(300), ''],
    ['a'.repeat(64), ''],
    [`${'a'.repeat(64)}:1`, '1'],
    ['localhost:5000/team/nginx', 'latest'],
  ] as const
  for (const [image, tag] of cases) test(`the tag of ${image} is "${tag}"`, () => expect(tagOf(image)).toBe(tag))
})

describe('strategy', () => {
  test('a gated Pod says so', () => {
    expect(made({ schedulingGates: [{ name: 'g' }] }).status?.conditions).toEqual([
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'SchedulingGated',
        message: 'Scheduling is blocked due to non-empty scheduling gates',
        lastProbeTime: null,
      },
    ])
  })

  test('labels named by matchLabelKeys become part of the selector', () => {
    const pod = made(
      {
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: 'zone',
            whenUnsatisfiable: 'DoNotSchedule',
            labelSelector: {},
            matchLabelKeys: ['hash'],
          },
        ],
      },
      { name: 'p', labels: { hash: 'x' } },
    )
    expect(pod.spec?.topologySpreadConstraints?.[0]?.labelSelector).toEqual({
      matchExpressions: [{ key: 'hash', operator: 'In', values: ['x'] }],
    })
  })

  test('a status update leaves the spec alone', () => {
    const old = made({})
    const pod = { ...made({ nodeName: 'n' }), status: { phase: 'Running' as const } }
    prepareForStatusUpdate(pod, old)
    expect(pod.spec).toEqual(old.spec)
    expect(pod.status).toEqual({ phase: 'Running', qosClass: 'BestEffort' })
  })

  const deletions: [what: string, pod: Pod, asked: number | undefined, seconds: number][] = [
    ['a Pod that runs', made({ nodeName: 'n' }), undefined, 30],
    ['a Pod with a wish', made({ nodeName: 'n' }), 5, 5],
    ['a Pod without a node', made({}), 30, 0],
    ['a finished Pod', { ...made({ nodeName: 'n' }), status: { phase: 'Failed' } }, undefined, 0],
    ['a Pod with a negative period', made({ nodeName: 'n', terminationGracePeriodSeconds: -1 }), undefined, 1],
  ]
  for (const [what, pod, asked, seconds] of deletions) {
    test(`${what} goes after ${seconds} s`, () => expect(gracefulDelete(pod, asked)).toBe(seconds))
  }
})

test('writers are warned of what is on its way out and of likely mistakes', () => {
  const pod = made({
    nodeSelector: { 'beta.kubernetes.io/os': 'linux' },
    volumes: [{ name: 'g', gitRepo: { repository: 'r' } }],
    imagePullSecrets: [{}],
    containers: [
      {
        name: 'c',
        env: [{ name: 'A' }, { name: 'A' }],
        resources: { limits: { memory: '100m' } },
      },
    ],
  })
  expect(podWarnings(pod)).toEqual([
    'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
    'spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+',
    'spec.imagePullSecrets[0].name: invalid empty name ""',
    'spec.containers[0].resources.limits[memory]: fractional byte value "100m" is invalid, must be an integer',
    'spec.containers[0].resources.requests[memory]: fractional byte value "100m" is invalid, must be an integer',
    'spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
  ])
})

describe('hostile Pods', () => {
  const many = <T>(item: T) => Array.from({ length: 200_000 }, () => item)
  const labels = Object.fromEntries(Array.from({ length: 200_000 }, (_, at) => [`bad key ${at}`, 'x']))
  const cases: [what: string, spec: Partial<PodSpec>][] = [
    ['containers', { containers: many({ name: '' }) }],
    ['volumes', { volumes: many({ name: '' }) }],
    ['variables', { containers: [{ name: 'c', image: 'i', env: many({ name: '' }) }] }],
    ['ports', { containers: [{ name: 'c', image: 'i', ports: many({ containerPort: 0 }) }] }],
    ['tolerations', { tolerations: many({ key: 'a b' }) }],
    ['aliases', { hostAliases: many({ ip: 'x' }) }],
    ['files', { volumes: [{ name: 'v', configMap: { name: 'm', items: many({ key: '', path: '' }) } }] }],
    ['labels of nodes', { nodeSelector: labels }],
  ]
  for (const [what, spec] of cases) {
    test(`200,000 ${what} get an answer of bounded size`, () => {
      const count = validatePod(made(spec), fieldPath()).length
      expect(count).toBeGreaterThan(500)
      expect(count).toBeLessThan(10_000)
    })
  }
})
