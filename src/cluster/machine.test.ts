import { describe, expect, test } from 'vitest'

import { UserError } from '../base/user-error.ts'
import { cgroupFinding, findInstaller, installPlan } from './doctor.ts'
import { type MachineFacts, OPTIONAL, REQUIREMENTS, checkMachine, checkPort } from './machine.ts'
import type { ClusterRecord } from './record.ts'

const good: MachineFacts = { platform: 'linux', uid: 0, missing: [] }

/** What a check complains of, and what it advises. */
function complaint(check: () => void): { message: string; advice: string | undefined } | undefined {
  try {
    check()
    return undefined
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return { message: error.message, advice: error.advice }
  }
}

describe('checkMachine()', () => {
  const cases = [
    { when: 'all is there', facts: good, message: undefined },
    {
      when: 'the system is another',
      facts: { ...good, platform: 'darwin' as const, uid: 501 },
      message: 'containers need Linux',
      advice: '--runtime simulated',
    },
    { when: 'the user is not root', facts: { ...good, uid: 1000 }, message: 'root is needed', advice: 'use sudo' },
    {
      when: 'containerd and nft are missing',
      facts: { ...good, missing: ['nft', 'containerd'] },
      message: 'missing on this machine: containerd (runs the containers of each node), nft (programs Services)',
      advice: 'gorae doctor --fix',
    },
    { when: 'only what a cluster can do without is missing', facts: { ...good, missing: [...OPTIONAL] } },
  ]
  for (const { when, facts, message, advice } of cases)
    test(`is ${message === undefined ? 'content' : 'clear'} when ${when}`, () => {
      const said = complaint(() => checkMachine(facts))
      if (message === undefined) expect(said).toBeUndefined()
      else
        expect(said).toEqual({
          message: expect.stringContaining(message),
          advice: expect.stringContaining(advice ?? ''),
        })
    })
})

describe('a port that is none', () => {
  for (const port of [0, -1, 65_536, 1.5, Number.NaN])
    test(`${port} is refused`, () => {
      const others: readonly ClusterRecord[] = []
      expect(complaint(() => checkPort(port, others))).toEqual({
        message: `${port} is no port`,
        advice: 'use a number from 1 to 65535',
      })
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
