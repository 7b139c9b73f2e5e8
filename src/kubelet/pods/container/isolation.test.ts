import { describe, expect, test } from 'vitest'

import type { PodSpec } from '../../../api/generated/core-v1.ts'
import {
  checkUserNamespace,
  isolationRefusal,
  mountsReadOnlyRecursively,
  type NodeIsolation,
  seLinuxWarning,
} from './isolation.ts'
import type { PodView } from '../pod-view.ts'

const podOf = (spec: Partial<PodSpec>): PodView => ({
  metadata: { name: 'web', namespace: 'default', uid: '1' },
  spec: { containers: [{ name: 'app' }], ...spec },
})

const NOTHING: NodeIsolation = {
  appArmor: false,
  supplementalGroupsPolicy: false,
  allowedUnsafeSysctls: ['kernel.msg*', 'net.core.somaxconn'],
}

const sysctl = (name: string, spec: Partial<PodSpec> = {}) => ({
  ...spec,
  securityContext: { sysctls: [{ name, value: '1' }] },
})

describe('isolationRefusal()', () => {
  const cases: readonly {
    readonly when: string
    readonly spec: Partial<PodSpec>
    readonly says: string | undefined
  }[] = [
    { when: 'it asks for nothing', spec: {}, says: undefined },
    { when: 'a kernel parameter is safe', spec: sysctl('net.ipv4.ip_unprivileged_port_start'), says: undefined },
    { when: 'one is safe and written with slashes', spec: sysctl('net/ipv4/tcp_syncookies'), says: undefined },
    {
      when: 'one is not safe',
      spec: sysctl('kernel.shmmax'),
      says: 'SysctlForbidden: forbidden sysctl: "kernel.shmmax" not allowlisted',
    },
    { when: 'one is allowed by its beginning', spec: sysctl('kernel.msgmax'), says: undefined },
    { when: 'one is allowed by name', spec: sysctl('net.core.somaxconn'), says: undefined },
    {
      when: 'one is only like an allowed one',
      spec: sysctl('net.core.somaxconn2'),
      says: 'SysctlForbidden: forbidden sysctl: "net.core.somaxconn2" not allowlisted',
    },
    {
      when: 'one would change the network of the node',
      spec: sysctl('net.ipv4.tcp_syncookies', { hostNetwork: true }),
      says: 'SysctlForbidden: forbidden sysctl: "net.ipv4.tcp_syncookies" not allowed with host Net enabled',
    },
    {
      when: 'one would change the node’s shared memory',
      spec: sysctl('kernel.shm_rmid_forced', { hostIPC: true }),
      says: 'SysctlForbidden: forbidden sysctl: "kernel.shm_rmid_forced" not allowed with host IPC enabled',
    },
    {
      when: 'groups of the image shall not count',
      spec: { securityContext: { supplementalGroupsPolicy: 'Strict' } },
      says: 'SupplementalGroupsPolicyNotSupported: SupplementalGroupsPolicy=Strict is not supported in this node',
    },
    {
      when: 'groups of the image may count',
      spec: { securityContext: { supplementalGroupsPolicy: 'Merge' } },
      says: undefined,
    },
    {
      when: 'the Pod names an AppArmor profile',
      spec: { securityContext: { appArmorProfile: { type: 'RuntimeDefault' } } },
      says: 'AppArmor: Cannot enforce AppArmor: AppArmor is not enabled on the host',
    },
    {
      when: 'its only container takes back the Pod’s AppArmor profile',
      spec: {
        securityContext: { appArmorProfile: { type: 'RuntimeDefault' } },
        containers: [{ name: 'app', securityContext: { appArmorProfile: { type: 'Unconfined' } } }],
      },
      says: undefined,
    },
    {
      when: 'an init container names an AppArmor profile',
      spec: {
        initContainers: [
          { name: 'i', securityContext: { appArmorProfile: { type: 'Localhost', localhostProfile: 'p' } } },
        ],
      },
      says: 'AppArmor: Cannot enforce AppArmor: AppArmor is not enabled on the host',
    },
  ]
  for (const { when, spec, says } of cases) {
    test(`${says === undefined ? 'lets the Pod in' : 'refuses the Pod'} when ${when}`, () => {
      const refusal = isolationRefusal(podOf(spec), NOTHING)
      expect(refusal && `${refusal.reason}: ${refusal.message}`).toBe(says)
    })
  }

  test('lets everything in that the node can do', () => {
    const spec: Partial<PodSpec> = {
      securityContext: {
        appArmorProfile: { type: 'RuntimeDefault' },
        supplementalGroupsPolicy: 'Strict',
      },
    }
    const node = { ...NOTHING, appArmor: true, supplementalGroupsPolicy: true }
    expect(isolationRefusal(podOf(spec), node)).toBeUndefined()
  })
})

describe('seLinuxWarning()', () => {
  const labelled = podOf({ containers: [{ name: 'app', securityContext: { seLinuxOptions: { level: 's0:c1' } } }] })
  test('says that labels mean nothing where there is no SELinux', () => {
    expect(seLinuxWarning(labelled, false)?.message).toBe(
      'SELinux is not enabled on the host: the labels in seLinuxOptions are not enforced',
    )
    expect(seLinuxWarning(labelled, true)).toBeUndefined()
    expect(seLinuxWarning(podOf({ securityContext: { seLinuxOptions: {} } }), false)).toBeUndefined()
  })
})

describe('what the handlers of a runtime can do', () => {
  const status = {
    conditions: [],
    supplementalGroupsPolicy: false,
    handlers: [
      { name: '', recursiveReadOnlyMounts: false, userNamespaces: false },
      { name: 'new', recursiveReadOnlyMounts: true, userNamespaces: true },
    ],
  }
  test('is asked of the handler that the Pod’s class names', () => {
    expect(mountsReadOnlyRecursively(status, 'new')).toBe(true)
    expect(mountsReadOnlyRecursively(status, '')).toBe(false)
    expect(() => checkUserNamespace('new', status)).not.toThrow()
    expect(() => checkUserNamespace('', status)).toThrow(
      "can't set `spec.hostUsers: false`, runtime does not support user namespaces",
    )
    expect(() => checkUserNamespace('old', status)).toThrow(
      'can\'t set `spec.hostUsers: false`, RuntimeClass handler "old" does not support user namespaces',
    )
  })
})
