import { describe, expect, test } from 'vitest'

import { complaint } from '../commands/complaint.ts'
import { cgroupFinding, findInstaller, installPlan } from '../commands/doctor.ts'
import { type MachineFacts, OPTIONAL, REQUIREMENTS, checkMachine, checkPort } from './machine.ts'
import type { ClusterRecord } from '../record.ts'

const good: MachineFacts = { platform: 'linux', uid: 0, missing: [] }

/** What a check complains of, and what it advises; empty when it is content. */

describe('checkMachine()', () => {
  const cases = [
    { when: 'all is there', facts: good, says: /^$/ },
    {
      when: 'the system is another',
      facts: { ...good, platform: 'darwin' as const, uid: 501 },
      says: /^containers need Linux; .*--runtime simulated/,
    },
    {
      when: 'the user is not root',
      facts: { ...good, uid: 1000 },
      says: /^root is needed to run containers; use sudo/,
    },
    {
      when: 'containerd and nft are missing',
      facts: { ...good, missing: ['nft', 'containerd'] },
      says: /^missing on this machine: containerd \(runs .*\), nft \(programs .*\); .*gorae doctor --fix/,
    },
    { when: 'only what a cluster can do without is missing', facts: { ...good, missing: [...OPTIONAL] }, says: /^$/ },
  ]
  for (const { when, facts, says } of cases)
    test(`says what it should when ${when}`, () => {
      expect(complaint(() => checkMachine(facts))).toMatch(says)
    })
})

describe('a port that is none', () => {
  for (const port of [0, -1, 65_536, 1.5, Number.NaN])
    test(`${port} is refused`, () => {
      const others: readonly ClusterRecord[] = []
      expect(complaint(() => checkPort(port, others))).toBe(`${port} is no port; use a number from 1 to 65535`)
    })
})

describe('what is missing is installed with', () => {
  const missing = REQUIREMENTS.filter(({ name }) =>
    ['containerd', 'runc', 'CNI plugins', 'nft', 'ip', 'nsenter', 'mount', 'busybox', 'catatonit'].includes(name),
  )
  const cases = [
    {
      has: ['apt-get'],
      command:
        'apt-get install -y --no-install-recommends containerd runc containernetworking-plugins nftables iproute2 util-linux mount busybox-static catatonit',
    },
    {
      has: ['dnf'],
      command:
        'dnf install -y containerd runc containernetworking-plugins nftables iproute util-linux busybox catatonit',
    },
    {
      has: ['apk'],
      command: 'apk add containerd runc cni-plugins nftables iproute2 util-linux busybox-static catatonit',
    },
    {
      has: ['pacman'],
      command: 'pacman -S --noconfirm containerd runc cni-plugins nftables iproute2 util-linux busybox catatonit',
    },
    // Fedora has an apt-get of its own to offer, but a machine with both is a Debian.
    { has: ['dnf', 'apt-get'], only: ['nft'], command: 'apt-get install -y --no-install-recommends nftables' },
  ]
  for (const { has, only, command } of cases)
    test(`${has.join(' and ')}`, () => {
      const installer = findInstaller((name) => has.includes(name))
      const wanted = only === undefined ? missing : missing.filter(({ name }) => only.includes(name))
      expect(installer === undefined ? undefined : installPlan(installer, wanted).command).toBe(command)
    })

  test('nothing, where no package manager is known', () => {
    expect(findInstaller(() => false)).toBeUndefined()
  })
})

describe('cgroupFinding()', () => {
  const v1 = '35 31 0:31 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n'
  const v2 = '30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n'
  const cases = [
    { what: 'the hierarchies of version 1', mounts: v1, detail: 'version 1' },
    { what: 'version 2', mounts: v2, detail: 'version 2' },
    { what: 'version 1 with an empty version 2 beside it', mounts: v1 + v2, detail: 'version 1' },
    { what: 'none', mounts: '22 1 254:0 / / rw - ext4 /dev/vda rw\n', detail: 'none mounted' },
  ]
  for (const { what, mounts, detail } of cases)
    test(`finds ${what}`, () => {
      expect(cgroupFinding(mounts)).toMatchObject({ detail, state: detail === 'none mounted' ? 'missing' : 'ok' })
    })
})
