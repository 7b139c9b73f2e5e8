import { describe, expect, test } from 'vitest'
import type { Container, PodSpec, SecurityContext } from '../../../api/generated/core-v1.ts'
import { violations, violationText } from './evaluate.ts'
import type { Level } from './policy.ts'

const container = (fields: Partial<Container> = {}): Container => ({ name: 'c', image: 'i', ...fields })
const withContext = (securityContext: SecurityContext): Partial<PodSpec> => ({
  containers: [container({ securityContext })],
})

/** A container that the restricted level lets through. */
const good: SecurityContext = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
}

function textOf(level: Level, spec: Partial<PodSpec>, version: 'latest' | number = 'latest', annotations = {}): string {
  return violationText(violations({ level, version }, { annotations }, { containers: [container()], ...spec }))
}

describe('the baseline level', () => {
  const cases: [spec: Partial<PodSpec>, text: string][] = [
    [{}, ''],
    [
      { hostNetwork: true, hostPID: true, hostIPC: true },
      'host namespaces (hostNetwork=true, hostPID=true, hostIPC=true)',
    ],
    [{ volumes: [{ name: 'v', hostPath: { path: '/' } }] }, 'hostPath volumes (volume "v")'],
    [
      {
        volumes: [
          { name: 'a', hostPath: { path: '/' } },
          { name: 'b', hostPath: { path: '/' } },
        ],
      },
      'hostPath volumes (volumes "a", "b")',
    ],
    [
      { containers: [container({ ports: [{ containerPort: 80, hostPort: 8080 }] })] },
      'hostPort (container "c" uses hostPort 8080)',
    ],
    [
      {
        containers: [
          container({ ports: [{ containerPort: 80, hostPort: 1 }] }),
          container({ name: 'd', ports: [{ containerPort: 80, hostPort: 2 }] }),
        ],
      },
      'hostPort (containers "c", "d" use hostPorts 1, 2)',
    ],
    [withContext({ privileged: true }), 'privileged (container "c" must not set securityContext.privileged=true)'],
    [
      withContext({ capabilities: { add: ['SYS_ADMIN', 'CHOWN', 'NET_ADMIN'] } }),
      'non-default capabilities (container "c" must not include "NET_ADMIN", "SYS_ADMIN" in securityContext.capabilities.add)',
    ],
    [
      withContext({ procMount: 'Unmasked' }),
      'procMount (container "c" must not set securityContext.procMount to "Unmasked")',
    ],
    [{ ...withContext({ procMount: 'Unmasked' }), hostUsers: false }, ''],
    [
      { securityContext: { seLinuxOptions: { type: 'bad', user: 'u' } } },
      'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "bad"; user may not be set)',
    ],
    [
      { securityContext: { seccompProfile: { type: 'Unconfined' } } },
      'seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")',
    ],
    [
      {
        securityContext: {
          sysctls: [
            { name: 'kernel.msgmax', value: '1' },
            { name: 'net.ipv4.tcp_rmem', value: '1' },
          ],
        },
      },
      'forbidden sysctls (kernel.msgmax)',
    ],
    [
      { securityContext: { windowsOptions: { hostProcess: true } } },
      'hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)',
    ],
    [
      { containers: [container({ livenessProbe: { httpGet: { port: 80, host: '10.0.0.1' } } })] },
      'probe or lifecycle host (container "c" uses probe or lifecycle host "10.0.0.1")',
    ],
    [
      withContext({ appArmorProfile: { type: 'Unconfined' } }),
      'forbidden AppArmor profile (container "c" must not set AppArmor profile type to "Unconfined")',
    ],
  ]
  for (const [spec, text] of cases) {
    test(`finds ${text}`, () => {
      expect(textOf('baseline', spec)).toBe(text)
    })
  }

  test('looks at init and debugging containers too', () => {
    const spec = {
      initContainers: [container({ name: 'a', securityContext: { privileged: true } })],
      ephemeralContainers: [{ name: 'z', image: 'i', securityContext: { privileged: true } }],
    }
    expect(textOf('baseline', spec)).toBe(
      'privileged (containers "a", "z" must not set securityContext.privileged=true)',
    )
  })

  test('is what it was in the version asked for', () => {
    const sysctl = (name: string) => ({ securityContext: { sysctls: [{ name, value: '1' }] } })
    expect(textOf('baseline', sysctl('net.ipv4.tcp_rmem'), 31)).toBe('forbidden sysctls (net.ipv4.tcp_rmem)')
    expect(textOf('baseline', sysctl('net.ipv4.tcp_rmem'), 32)).toBe('')
    const annotations = { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' }
    expect(textOf('baseline', {}, 18, annotations)).toBe(
      'seccompProfile (forbidden annotation seccomp.security.alpha.kubernetes.io/pod="unconfined")',
    )
    expect(textOf('baseline', {}, 19, annotations)).toBe('')
  })
})

test('older versions know the field of AppArmor, too', () => {
  const text = 'forbidden AppArmor profile (container "c" must not set AppArmor profile type to "Unconfined")'
  expect(textOf('baseline', withContext({ appArmorProfile: { type: 'Unconfined' } }), 21)).toBe(text)
})

describe('the restricted level', () => {
  const restricted = (spec: Partial<PodSpec>) => textOf('restricted', spec)

  test('tells everything a plain Pod leaves open', () => {
    expect(restricted({})).toBe(
      'allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), ' +
        'unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), ' +
        'runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), ' +
        'seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    )
  })

  const cases: [what: string, spec: Partial<PodSpec>, text: string][] = [
    ['a good container', withContext(good), ''],
    [
      'settings of the whole Pod',
      {
        ...withContext({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } }),
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'Localhost', localhostProfile: 'x' } },
      },
      '',
    ],
    [
      'a container that says it is root',
      withContext({ ...good, runAsNonRoot: false, runAsUser: 0 }),
      'runAsNonRoot != true (container "c" must not set securityContext.runAsNonRoot=false), runAsUser=0 (container "c" must not set runAsUser=0)',
    ],
    [
      'volumes',
      {
        ...withContext(good),
        volumes: [
          { name: 'v', hostPath: { path: '/' } },
          { name: 'n', nfs: { server: 's', path: '/' } },
          { name: 'e', emptyDir: {} },
        ],
      },
      'restricted volume types (volumes "v", "n" use restricted volume types "hostPath", "nfs")',
    ],
    [
      'a capability too many',
      withContext({ ...good, capabilities: { drop: ['ALL'], add: ['CHOWN'] } }),
      'unrestricted capabilities (container "c" must not include "CHOWN" in securityContext.capabilities.add)',
    ],
    [
      'no seccomp',
      withContext({ ...good, seccompProfile: { type: 'Unconfined' } }),
      'seccompProfile (container "c" must not set securityContext.seccompProfile.type to "Unconfined")',
    ],
    [
      'baseline faults, which come first',
      { ...withContext(good), hostNetwork: true },
      'host namespaces (hostNetwork=true)',
    ],
    ['a volume of an image, which is no risk', { ...withContext(good), volumes: [{ name: 'v', image: {} }] }, ''],
    [
      'all of /proc, with users of its own too',
      { ...withContext({ ...good, procMount: 'Unmasked' }), hostUsers: false },
      'procMount (container "c" must not set securityContext.procMount to "Unmasked")',
    ],
    [
      'Windows, where some rules make no sense',
      { os: { name: 'windows' }, securityContext: { runAsNonRoot: true } },
      '',
    ],
  ]
  for (const [what, spec, text] of cases) {
    test(`judges ${what}`, () => {
      expect(restricted(spec)).toBe(text)
    })
  }

  test('keeps a baseline rule until the stricter one came', () => {
    const spec = withContext({ ...good, capabilities: { add: ['NET_ADMIN'] } })
    expect(textOf('restricted', spec, 21)).toBe(
      'non-default capabilities (container "c" must not include "NET_ADMIN" in securityContext.capabilities.add)',
    )
    expect(textOf('restricted', spec, 22)).toContain('unrestricted capabilities')
  })
})
