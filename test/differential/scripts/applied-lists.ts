/** Server-side applies to lists with keys, sets and atomic values, of kinds whose lists are seldom applied to. */

import { deployment, of } from './objects.ts'
import { apply, at, get, post, script, type Step } from './script.ts'

const by = (path: string, manager: string, force = false) =>
  `${path}?fieldManager=${manager}${force ? '&force=true' : ''}`
const d = at('deployments', 'd')
const podSpec = (spec: object) => of('apps/v1', 'Deployment', 'd', { spec: { template: { spec } } })
const container = (more: object) => podSpec({ containers: [{ name: 'c', ...more }] })
const base = deployment('d', {
  template: {
    metadata: { labels: { app: 'a' } },
    spec: { containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80, name: 'web' }] }] },
  },
})

/** Two managers apply one list each, the first gives it up, the second takes all by force. */
const contested = (one: object, two: object, three: object): Step[] => [
  post(by(at('deployments'), 'maker'), base),
  apply(by(d, 'one'), one),
  apply(by(d, 'two'), two),
  apply(by(d, 'two', true), two),
  apply(by(d, 'one'), three),
  apply(by(d, 'one'), podSpec({})),
  apply(by(d, 'two'), podSpec({})),
  get(d),
]

const lists: Readonly<Record<string, readonly [object, object, object]>> = {
  'ports with a protocol and without': [
    container({
      ports: [
        { containerPort: 80, protocol: 'TCP' },
        { containerPort: 53, protocol: 'UDP', name: 'dns' },
      ],
    }),
    container({ ports: [{ containerPort: 80, name: 'other' }, { containerPort: 53 }] }),
    container({ ports: [{ containerPort: 53, protocol: 'UDP' }] }),
  ],
  'mounts and devices': [
    {
      ...podSpec({
        volumes: [{ name: 'v', emptyDir: {} }],
        containers: [
          {
            name: 'c',
            volumeMounts: [
              { name: 'v', mountPath: '/a' },
              { name: 'v', mountPath: '/b' },
            ],
          },
        ],
      }),
    },
    container({ volumeMounts: [{ name: 'v', mountPath: '/a', readOnly: true }] }),
    container({ volumeMounts: [{ name: 'v', mountPath: '/c' }] }),
  ],
  'environment from several sources': [
    container({ env: [{ name: 'A', value: '1' }], envFrom: [{ configMapRef: { name: 'a' } }] }),
    container({
      env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
      envFrom: [{ configMapRef: { name: 'b' } }],
    }),
    container({ env: [{ name: 'A', value: null }, { name: 'B' }], envFrom: [] }),
  ],
  commands: [
    container({ command: ['a', 'b'], args: [] }),
    container({ command: ['a'], args: ['x'] }),
    container({ command: null }),
  ],
  resources: [
    container({ resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } } }),
    container({ resources: { limits: { cpu: '1000m' }, requests: { cpu: '0.5' } } }),
    container({ resources: { limits: { cpu: 1 }, claims: [{ name: 'x' }] } }),
  ],
  'security contexts': [
    container({ securityContext: { capabilities: { add: ['A'], drop: ['B'] }, runAsUser: 0 } }),
    container({ securityContext: { capabilities: { add: ['A', 'C'] }, seLinuxOptions: { type: 't' } } }),
    container({ securityContext: { capabilities: null } }),
  ],
  probes: [
    container({ livenessProbe: { httpGet: { port: 80, httpHeaders: [{ name: 'a', value: 'b' }] } } }),
    container({ livenessProbe: { httpGet: { port: 'web', path: '/x' }, periodSeconds: 5 } }),
    container({ livenessProbe: { tcpSocket: { port: 80 }, httpGet: null } }),
  ],
  'volumes of other sources': [
    podSpec({ volumes: [{ name: 'v', configMap: { name: 'x', items: [{ key: 'a', path: 'b' }] } }] }),
    podSpec({ volumes: [{ name: 'v', configMap: { name: 'y', optional: true } }] }),
    podSpec({ volumes: [{ name: 'v', secret: { secretName: 'z' } }] }),
  ],
  'projected volumes': [
    podSpec({
      volumes: [{ name: 'v', projected: { sources: [{ secret: { name: 'a' } }, { configMap: { name: 'b' } }] } }],
    }),
    podSpec({ volumes: [{ name: 'v', projected: { sources: [{ secret: { name: 'a' } }] } }] }),
    podSpec({ volumes: [{ name: 'v', projected: { defaultMode: 256 } }] }),
  ],
  'host aliases and secrets': [
    podSpec({ hostAliases: [{ ip: '1.1.1.1', hostnames: ['a', 'b'] }], imagePullSecrets: [{ name: 'a' }] }),
    podSpec({
      hostAliases: [{ ip: '1.1.1.1', hostnames: ['c'] }, { ip: '2.2.2.2' }],
      imagePullSecrets: [{ name: 'a' }, { name: 'b' }],
    }),
    podSpec({ hostAliases: [], imagePullSecrets: [{}] }),
  ],
  affinity: [
    podSpec({
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }],
          },
        },
      },
    }),
    podSpec({
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: 'b', operator: 'Exists' }] }],
          },
        },
      },
    }),
    podSpec({
      affinity: {
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: { topologyKey: 'a' } }],
        },
      },
    }),
  ],
  'spread constraints': [
    podSpec({ topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'a', whenUnsatisfiable: 'DoNotSchedule' }] }),
    podSpec({
      topologySpreadConstraints: [
        { maxSkew: 2, topologyKey: 'a', whenUnsatisfiable: 'DoNotSchedule' },
        { maxSkew: 1, topologyKey: 'a', whenUnsatisfiable: 'ScheduleAnyway' },
      ],
    }),
    podSpec({ topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'a' }] }),
  ],
  'readiness gates and scheduling gates': [
    podSpec({ readinessGates: [{ conditionType: 'a.io/a' }], resourceClaims: [{ name: 'r', resourceClaimName: 'x' }] }),
    podSpec({
      readinessGates: [{ conditionType: 'a.io/b' }],
      resourceClaims: [{ name: 'r', resourceClaimTemplateName: 'y' }],
    }),
    podSpec({ readinessGates: null, resourceClaims: [{ name: 'q' }] }),
  ],
  'init containers': [
    podSpec({
      initContainers: [
        { name: 'i', image: 'i' },
        { name: 'j', image: 'j' },
      ],
    }),
    podSpec({
      initContainers: [{ name: 'j', image: 'k' }, { name: 'i' }, { name: 'l', image: 'l', restartPolicy: 'Always' }],
    }),
    podSpec({ initContainers: [{ name: 'j', image: 'j' }] }),
  ],
}

export const appliedListScripts = Object.entries(lists).map(([name, [one, two, three]]) =>
  script(`applied lists/${name}`, ...contested(one, two, three)),
)
