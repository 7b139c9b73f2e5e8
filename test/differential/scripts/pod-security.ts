/** Every rule of Pod security, at every level, enforced and warned of, for Pods and for workloads. */

import { deployment, of, pod } from './objects.ts'
import { at, patch, post, script, type Script } from './script.ts'

type Spec = Readonly<Record<string, unknown>>

const LEVELS = ['privileged', 'baseline', 'restricted'] as const
const MODES = ['enforce', 'warn', 'audit'] as const

/** What the restricted level lets through. */
const safe = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }
const safePod = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } }
const container = (securityContext?: unknown, more: Spec = {}) => ({
  name: 'c',
  image: 'i',
  ...(securityContext === undefined ? {} : { securityContext }),
  ...more,
})
const ofPod = (securityContext: unknown, more: Spec = {}): Spec => ({
  securityContext,
  containers: [container(safe)],
  ...more,
})
const ofContainer = (securityContext: Spec, more: Spec = {}): Spec => ({
  securityContext: safePod,
  containers: [container({ ...safe, ...securityContext }, more)],
})
const ofVolume = (volume: Spec): Spec => ofPod(safePod, { volumes: [{ name: 'v', ...volume }] })

const specs: readonly Spec[] = [
  {},
  ofPod(safePod),
  ofPod(safePod, { hostNetwork: true }),
  ofPod(safePod, { hostPID: true, hostIPC: true }),
  ofPod(safePod, { hostUsers: false }),
  ofPod({ seccompProfile: { type: 'RuntimeDefault' } }, { hostUsers: false }),
  ofPod({ ...safePod, runAsUser: 0 }, { hostUsers: false }),
  ofContainer({ privileged: true, allowPrivilegeEscalation: true }),
  ofContainer({ privileged: false }),
  ofContainer({ allowPrivilegeEscalation: true }),
  ofContainer({ allowPrivilegeEscalation: undefined }),
  ofContainer({ capabilities: undefined }),
  ofContainer({ capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } }),
  ofContainer({ capabilities: { drop: ['ALL'], add: ['CHOWN'] } }),
  ofContainer({ capabilities: { drop: ['ALL'], add: ['SYS_ADMIN', 'NET_RAW'] } }),
  ofContainer({ capabilities: { drop: ['NET_RAW'] } }),
  ofContainer({ procMount: 'Unmasked' }),
  { hostUsers: false, ...ofContainer({ procMount: 'Unmasked' }) },
  ofContainer({ procMount: 'Default' }),
  ofContainer({ runAsNonRoot: false }),
  ofContainer({ runAsUser: 0 }),
  ofContainer({ runAsUser: 1000 }),
  ofContainer({ seccompProfile: { type: 'Unconfined' } }),
  ofContainer({ seccompProfile: { type: 'Localhost', localhostProfile: 'p' } }),
  ofContainer({ seLinuxOptions: { type: 'container_t' } }),
  ofContainer({ seLinuxOptions: { type: 'bad_t' } }),
  ofContainer({ seLinuxOptions: { user: 'u' } }),
  ofContainer({ seLinuxOptions: { role: 'r', level: 'l' } }),
  ofContainer({ appArmorProfile: { type: 'Unconfined' } }),
  ofContainer({ appArmorProfile: { type: 'RuntimeDefault' } }),
  ofContainer({ windowsOptions: { hostProcess: true } }),
  ofContainer({}, { ports: [{ containerPort: 80, hostPort: 8080 }] }),
  ofContainer({}, { ports: [{ containerPort: 80, hostPort: 0 }] }),
  ofContainer({}, { livenessProbe: { httpGet: { port: 80, host: '1.2.3.4' } } }),
  ofContainer({}, { lifecycle: { preStop: { httpGet: { port: 80, host: 'example.com' } } } }),
  ofContainer({}, { readinessProbe: { tcpSocket: { port: 80, host: '127.0.0.1' } } }),
  ofPod({ runAsNonRoot: true }),
  ofPod({ seccompProfile: { type: 'RuntimeDefault' } }),
  ofPod({ ...safePod, runAsNonRoot: false }),
  ofPod({ ...safePod, runAsUser: 0 }),
  ofPod({ runAsNonRoot: true, seccompProfile: { type: 'Unconfined' } }),
  ofPod({ ...safePod, sysctls: [{ name: 'kernel.shm_rmid_forced', value: '0' }] }),
  ofPod({ ...safePod, sysctls: [{ name: 'net.ipv4.tcp_keepalive_time', value: '0' }] }),
  ofPod({ ...safePod, sysctls: [{ name: 'kernel.msgmax', value: '0' }] }),
  ofPod({ ...safePod, seLinuxOptions: { type: 'bad_t', user: 'u' } }),
  ofPod({ ...safePod, appArmorProfile: { type: 'Unconfined' } }),
  ofPod({ ...safePod, windowsOptions: { hostProcess: true } }, { hostNetwork: true }),
  ofVolume({ hostPath: { path: '/' } }),
  ofVolume({ nfs: { server: 's', path: '/p' } }),
  ofVolume({ emptyDir: {} }),
  ofVolume({ projected: { sources: [{ configMap: { name: 'c' } }] } }),
  ofVolume({ image: { reference: 'r' } }),
  ofVolume({ csi: { driver: 'd' } }),
  ofVolume({ iscsi: { targetPortal: '1.2.3.4', iqn: 'iqn.2001-04.com.example:storage.x', lun: 0 } }),
  ofPod(safePod, { os: { name: 'windows' }, containers: [container()] }),
  ofPod(safePod, { initContainers: [{ ...container(), name: 'i' }] }),
  ofPod(undefined, { containers: [container(), { ...container({ privileged: true }), name: 'd' }] }),
]

const workload = (spec: Spec) => ({ metadata: { labels: { app: 'a' } }, spec: { ...plain, ...spec } })
const plain = { containers: [container()] }
const job = (spec: Spec) => ({ template: { spec: { ...plain, restartPolicy: 'Never', ...spec } } })
const risky: Spec = { hostPID: true, ...ofContainer({ privileged: true, allowPrivilegeEscalation: true }) }
const dry = (resource: string) => `${at(resource)}?dryRun=All`
const label = (mode: string, value: string, version?: string) => ({
  [`pod-security.kubernetes.io/${mode}`]: value,
  ...(version === undefined ? {} : { [`pod-security.kubernetes.io/${mode}-version`]: version }),
})
const labelled = (labels: object) => patch('/api/v1/namespaces/$NS', { metadata: { labels } })

const workloads = [
  post(dry('deployments'), deployment('d', { template: workload(risky) })),
  post(dry('jobs'), of('batch/v1', 'Job', 'j', { spec: job(risky) })),
  post(
    dry('cronjobs'),
    of('batch/v1', 'CronJob', 'c', { spec: { schedule: '@daily', jobTemplate: { spec: job(risky) } } }),
  ),
  post(
    dry('statefulsets'),
    of('apps/v1', 'StatefulSet', 's', {
      spec: { serviceName: 's', selector: { matchLabels: { app: 'a' } }, template: workload(risky) },
    }),
  ),
  post(
    dry('replicationcontrollers'),
    of('v1', 'ReplicationController', 'r', { spec: { selector: { app: 'a' }, template: workload(risky) } }),
  ),
  post(dry('podtemplates'), of('v1', 'PodTemplate', 't', { template: workload(risky) })),
]

const OLD = ['v1.18', 'v1.21', 'v1.24', 'v1.26', 'v1.30', 'v1.34', 'v1.36', 'v1.37', 'latest'] as const

export const podSecurityScripts: readonly Script[] = [
  ...LEVELS.flatMap((level) =>
    MODES.map((mode) =>
      script(
        `pod-security/${mode}-${level}`,
        labelled(label(mode, level)),
        ...(mode === 'audit' ? specs.slice(0, 10) : specs).map((spec, n) => post(dry('pods'), pod(`p${n}`, spec))),
        ...workloads,
      ),
    ),
  ),
  ...OLD.map((version) =>
    script(
      `pod-security/version-${version}`,
      labelled({ ...label('enforce', 'baseline', version), ...label('warn', 'restricted', version) }),
      ...specs.map((spec, n) => post(dry('pods'), pod(`p${n}`, spec))),
    ),
  ),
  script(
    'pod-security/labels',
    ...['bogus', '', 'Baseline'].flatMap((value) => MODES.map((mode) => labelled(label(mode, value)))),
    ...['1.20', 'v1', 'v1.x', '', 'v1.99', 'v2.1', 'latest'].map((version) =>
      labelled(label('enforce', 'restricted', version)),
    ),
    labelled({ ...label('enforce', 'bogus', 'bogus'), ...label('warn', 'x', 'y') }),
  ),
]
