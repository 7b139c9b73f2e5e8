/** What admission adds to objects of a namespace, and with which words it refuses them. */

import { configMap, deployment, of, pod } from './objects.ts'
import { at, get, patch, post, put, script, strategic } from './script.ts'

const resources = (requests: object, limits?: object) => ({
  containers: [{ name: 'c', image: 'i', resources: { requests, ...(limits === undefined ? {} : { limits }) } }],
})
const dry = (plural: string) => `${at(plural)}?dryRun=All`
const levels = ['privileged', 'baseline', 'restricted', 'bogus']
const bad = {
  hostNetwork: true,
  hostPID: true,
  hostIPC: true,
  volumes: [{ name: 'h', hostPath: { path: '/' } }],
  containers: [
    {
      name: 'c',
      image: 'i',
      ports: [{ containerPort: 80, hostPort: 80 }],
      securityContext: {
        privileged: true,
        runAsUser: 0,
        capabilities: { add: ['SYS_ADMIN', 'NET_RAW'] },
        procMount: 'Unmasked',
        seccompProfile: { type: 'Unconfined' },
        appArmorProfile: { type: 'Unconfined' },
        seLinuxOptions: { type: 'x' },
      },
    },
    { name: 'd', image: 'i' },
  ],
  initContainers: [{ name: 'e', image: 'i', securityContext: { allowPrivilegeEscalation: true } }],
  securityContext: {
    sysctls: [{ name: 'kernel.x', value: '1' }],
    runAsNonRoot: false,
    windowsOptions: { hostProcess: true },
  },
}

export const admissionScripts = [
  script(
    'admission/quota',
    post(
      at('resourcequotas'),
      of('v1', 'ResourceQuota', 'q', {
        spec: { hard: { cpu: '1', memory: '1Gi', pods: '2', 'count/configmaps': '1', 'requests.nvidia.com/gpu': 0 } },
      }),
    ),
    put(
      `${at('resourcequotas', 'q')}/status`,
      of('v1', 'ResourceQuota', 'q', {
        status: {
          hard: { cpu: '1', memory: '1Gi', pods: '2', 'count/configmaps': '1', 'requests.nvidia.com/gpu': 0 },
          used: { cpu: 0, memory: 0, pods: 0, 'count/configmaps': 0, 'requests.nvidia.com/gpu': 0 },
        },
      }),
    ),
    post(at('pods'), pod('none')),
    post(at('pods'), pod('cpu', resources({ cpu: '100m' }))),
    post(at('pods'), pod('big', resources({ cpu: '2', memory: '2Gi' }))),
    post(at('pods'), pod('gpu', resources({ cpu: '1m', memory: '1', 'nvidia.com/gpu': 1 }, { 'nvidia.com/gpu': 1 }))),
    post(at('pods'), pod('ok', resources({ cpu: '500m', memory: '1Mi' }))),
    post(at('pods'), pod('ok2', resources({ cpu: '501m', memory: '1Mi' }))),
    post(at('configmaps'), configMap('a')),
    post(at('configmaps'), configMap('b')),
    post(`${at('configmaps')}?dryRun=All`, configMap('b')),
    post(at('deployments'), deployment('d')),
    get(at('resourcequotas', 'q')),
    post(
      at('resourcequotas'),
      of('v1', 'ResourceQuota', 'r', { spec: { hard: { cpu: '1' }, scopes: ['Terminating', 'NotTerminating'] } }),
    ),
    post(
      at('resourcequotas'),
      of('v1', 'ResourceQuota', 'r', { spec: { hard: { services: '1' }, scopes: ['BestEffort'] } }),
    ),
    post(
      at('resourcequotas'),
      of('v1', 'ResourceQuota', 's', { spec: { hard: { pods: '0' }, scopes: ['BestEffort'] } }),
    ),
    put(
      `${at('resourcequotas', 's')}/status`,
      of('v1', 'ResourceQuota', 's', { status: { hard: { pods: '0' }, used: { pods: 0 } } }),
    ),
    post(at('pods'), pod('best')),
  ),
  script(
    'admission/limits',
    post(
      at('limitranges'),
      of('v1', 'LimitRange', 'l', {
        spec: {
          limits: [
            {
              type: 'Container',
              default: { cpu: '200m' },
              defaultRequest: { cpu: '100m' },
              min: { cpu: '50m' },
              max: { cpu: '1' },
              maxLimitRequestRatio: { cpu: '4' },
            },
            { type: 'Pod', max: { cpu: '1500m', memory: '1Gi' }, min: { memory: '1Mi' } },
          ],
        },
      }),
    ),
    post(dry('pods'), pod('a')),
    post(dry('pods'), pod('b', resources({ cpu: '10m', memory: '2Mi' }))),
    post(dry('pods'), pod('c', resources({ cpu: '1', memory: '2Mi' }, { cpu: '2' }))),
    post(dry('pods'), pod('d', resources({ cpu: '100m', memory: '2Mi' }, { cpu: '900m', memory: '2Gi' }))),
    post(
      dry('pods'),
      pod('e', {
        containers: [
          { name: 'a', image: 'i', resources: { limits: { cpu: '1' } } },
          { name: 'b', image: 'i', resources: { limits: { cpu: '1' } } },
        ],
      }),
    ),
    post(dry('pods'), pod('f', resources({ memory: '10Mi' }, { memory: '20Mi' }))),
    post(
      dry('limitranges'),
      of('v1', 'LimitRange', 'x', {
        spec: {
          limits: [
            { type: 'Pod', default: { cpu: '1' } },
            { type: 'Pod' },
            { type: 'Bogus', min: { cpu: '2' }, max: { cpu: '1' } },
          ],
        },
      }),
    ),
    post(dry('limitranges'), of('v1', 'LimitRange', 'x', { spec: { limits: [{ type: 'PersistentVolumeClaim' }] } })),
  ),
  ...levels.map((level) =>
    script(
      `admission/pod-security-${level}`,
      patch('/api/v1/namespaces/$NS', {
        metadata: {
          labels: {
            'pod-security.kubernetes.io/enforce': level,
            'pod-security.kubernetes.io/warn': level,
            'pod-security.kubernetes.io/audit': level,
          },
        },
      }),
      post(dry('pods'), pod('plain')),
      post(dry('pods'), pod('bad', bad)),
      post(dry('deployments'), deployment('d', { template: { metadata: { labels: { app: 'a' } }, spec: bad } })),
      post(
        dry('pods'),
        pod('good', {
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              name: 'c',
              image: 'i',
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
            },
          ],
        }),
      ),
      post(
        dry('pods'),
        pod('volumes', {
          volumes: [
            { name: 'n', nfs: { server: 's', path: '/p' } },
            { name: 'e', emptyDir: {} },
          ],
        }),
      ),
      patch('/api/v1/namespaces/$NS', {
        metadata: {
          labels: {
            'pod-security.kubernetes.io/enforce-version': 'v1.20',
            'pod-security.kubernetes.io/warn-version': 'latest',
          },
        },
      }),
      post(dry('pods'), pod('old')),
      patch('/api/v1/namespaces/$NS', {
        metadata: { labels: { 'pod-security.kubernetes.io/enforce-version': 'bogus' } },
      }),
    ),
  ),
  script(
    'admission/pod-security-later',
    post(at('pods'), pod('old', { hostNetwork: true })),
    post(at('pods'), pod('older', bad)),
    patch('/api/v1/namespaces/$NS', { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'baseline' } } }),
    patch('/api/v1/namespaces/$NS', { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } }),
    patch(at('pods', 'old'), { metadata: { labels: { a: 'b' } } }),
    strategic(at('pods', 'old'), { spec: { containers: [{ name: 'c', image: 'new' }] } }),
    strategic(`${at('pods', 'old')}/ephemeralcontainers`, {
      spec: { ephemeralContainers: [{ name: 'e', image: 'i' }] },
    }),
  ),
  script(
    'admission/service-accounts',
    post(dry('pods'), pod('a', { serviceAccountName: 'nope' })),
    post(
      at('serviceaccounts'),
      of('v1', 'ServiceAccount', 'no', { automountServiceAccountToken: false, imagePullSecrets: [{ name: 's' }] }),
    ),
    post(dry('pods'), pod('b', { serviceAccountName: 'no' })),
    post(
      dry('pods'),
      pod('c', { serviceAccountName: 'no', automountServiceAccountToken: true, imagePullSecrets: [{ name: 'own' }] }),
    ),
    post(dry('pods'), pod('d', { serviceAccount: 'no' })),
    post(
      dry('pods'),
      pod('m', {
        containers: [
          {
            name: 'c',
            image: 'i',
            volumeMounts: [{ name: 'x', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }],
          },
        ],
        volumes: [{ name: 'x', emptyDir: {} }],
      }),
    ),
    post(
      at('serviceaccounts'),
      of(
        'v1',
        'ServiceAccount',
        'only',
        { secrets: [{ name: 'known' }] },
        { annotations: { 'kubernetes.io/enforce-mountable-secrets': 'true' } },
      ),
    ),
    post(
      dry('pods'),
      pod('e', { serviceAccountName: 'only', volumes: [{ name: 'x', secret: { secretName: 'other' } }] }),
    ),
    post(
      dry('pods'),
      pod('e', {
        serviceAccountName: 'only',
        containers: [{ name: 'c', image: 'i', envFrom: [{ secretRef: { name: 'other' } }] }],
      }),
    ),
    post(
      dry('pods'),
      pod('mirror', { serviceAccountName: 'only' }, { annotations: { 'kubernetes.io/config.mirror': 'x' } }),
    ),
    post(
      at('secrets'),
      of(
        'v1',
        'Secret',
        't',
        { type: 'kubernetes.io/service-account-token' },
        { annotations: { 'kubernetes.io/service-account.name': 'nope' } },
      ),
    ),
  ),
]
