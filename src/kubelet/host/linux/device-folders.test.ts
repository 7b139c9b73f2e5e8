import { describe, expect, test } from 'vitest'
import { ProgramError } from '../../../linux/program.ts'
import { formatArguments, growDevice, mountOptions, prepareDevice } from './device-folders.ts'

const cases = [
  { fsType: 'ext4', args: ['-F', '-m0', '/dev/sdx'] },
  { fsType: 'ext3', args: ['-F', '-m0', '/dev/sdx'] },
  { fsType: 'xfs', args: ['-f', '/dev/sdx'] },
  { fsType: 'btrfs', args: ['/dev/sdx'] },
]
for (const { fsType, args } of cases) {
  test(`formats a blank device as ${fsType} with ${args.join(' ')}`, () => {
    expect(formatArguments(fsType, '/dev/sdx')).toEqual(args)
  })
}

describe('a device that files are on', () => {
  const EXT4 = 'DEVNAME=/dev/sdx\nTYPE=ext4\n'
  /** Whether `programs` end so: what they say, or how they fail. */
  const machine = (programs: Readonly<Record<string, string | number | null>>, isHeld = false) => {
    const asked: string[] = []
    const run = async (program: string, args: readonly string[]) => {
      asked.push(program)
      const end = programs[program] ?? null
      if (typeof end === 'string') return end
      throw new ProgramError(program, args, end, 'err', 'out ')
    }
    return { asked, tools: { run, isHeld: async () => isHeld } }
  }

  const ends = [
    { when: 'nothing is on it', programs: { blkid: 2, 'mkfs.ext4': '' }, asked: ['blkid', 'mkfs.ext4'] },
    {
      when: 'only its name is known',
      programs: { blkid: 'DEVNAME=x\n', 'mkfs.ext4': '' },
      asked: ['blkid', 'mkfs.ext4'],
    },
    { when: 'it is well', programs: { blkid: EXT4, fsck: '' }, asked: ['blkid', 'fsck'] },
    { when: 'its faults were mended', programs: { blkid: EXT4, fsck: 1 }, asked: ['blkid', 'fsck'] },
    { when: 'its faults cannot be looked for', programs: { blkid: EXT4, fsck: 8 }, asked: ['blkid', 'fsck'] },
    { when: 'there is no fsck', programs: { blkid: EXT4, fsck: null }, asked: ['blkid', 'fsck'] },
    { when: 'partitions are on it', programs: { blkid: 'PTTYPE=gpt\n', fsck: '' }, asked: ['blkid', 'fsck'] },
    { when: 'somebody uses it', programs: { blkid: EXT4 }, isHeld: true, asked: ['blkid'] },
    { when: 'it is only read', programs: { blkid: EXT4 }, isReadOnly: true, asked: ['blkid'] },
  ]
  for (const { when, programs, isHeld, isReadOnly = false, asked } of ends) {
    test(`is made ready with ${asked.join(' and ')} when ${when}`, async () => {
      const told = machine(programs, isHeld)
      await prepareDevice({ device: '/dev/sdx', fsType: 'ext4', isReadOnly }, told.tools)
      expect(told.asked).toEqual(asked)
    })
  }

  const failures = [
    {
      when: 'faults are left',
      programs: { blkid: EXT4, fsck: 4 },
      why: "'fsck' found errors on device /dev/sdx but could not correct them: out err",
    },
    {
      when: 'nothing is on what is only read',
      programs: { blkid: 2 },
      isReadOnly: true,
      why: 'cannot mount unformatted disk /dev/sdx as we are manipulating it in read-only mode',
    },
    {
      when: 'nobody knows what is on it',
      programs: { blkid: 8 },
      why: /^failed to get disk format of disk \/dev\/sdx: blkid .* failed \(exit code 8\)/,
    },
    { when: 'it cannot be formatted', programs: { blkid: 2, 'mkfs.ext4': 1 }, why: 'mkfs.ext4 -F -m0 /dev/sdx failed' },
  ]
  for (const { when, programs, isReadOnly = false, why } of failures) {
    test(`is not mounted when ${when}`, async () => {
      const { tools } = machine(programs)
      const ready = prepareDevice({ device: '/dev/sdx', fsType: 'ext4', isReadOnly }, tools)
      await expect(ready).rejects.toThrow(why)
    })
  }
})

describe('the options of a mount', () => {
  const rows = [
    { options: [], readOnly: false, standing: undefined, told: 'defaults' },
    {
      options: ['noatime', '', 'discard', 'noatime'],
      readOnly: true,
      standing: undefined,
      told: 'discard,noatime,ro,defaults',
    },
    { options: ['noatime'], readOnly: true, standing: ['rw', 'errors=continue'], told: 'noatime,defaults,rw' },
    { options: ['rw'], readOnly: false, standing: ['ro'], told: 'defaults,ro' },
  ]
  for (const { options, readOnly, standing, told } of rows) {
    test(`are ${told} for ${options.join(',')} and ${readOnly ? 'reading' : 'all'}, beside ${standing?.join(',')}`, () => {
      const beside = standing === undefined ? undefined : { superOptions: standing }
      expect(mountOptions({ options, readOnly }, beside).join(',')).toBe(told)
    })
  }
})

describe('a file system grows', () => {
  const grown = async (found: string) => {
    const ran: string[] = []
    await growDevice('/mnt', '/dev/sdx', async (program, args) => {
      if (program !== 'blkid') ran.push([program, ...args].join(' '))
      return found
    })
    return ran
  }
  const rows = [
    ['ext4', ['resize2fs /dev/sdx']],
    ['ext3', ['resize2fs /dev/sdx']],
    ['xfs', ['xfs_growfs -d /mnt']],
    ['btrfs', ['btrfs filesystem resize max /mnt']],
    ['', []],
  ] as const
  for (const [format, ran] of rows) {
    test(`of ${format || 'none'} with ${ran.join() || 'nothing'}`, async () => {
      expect(await grown(`DEVNAME=/dev/sdx\nTYPE=${format}\n`)).toEqual(ran)
    })
  }

  const others = { vfat: 'TYPE=vfat', 'unknown data, probably partitions': 'TYPE=ext4\nPTTYPE=gpt' }
  for (const [format, found] of Object.entries(others)) {
    test(`not of ${format}`, async () => {
      const why = `ResizeFS.Resize - resize of format ${format} is not supported for device /dev/sdx mounted at /mnt`
      await expect(grown(found)).rejects.toThrow(why)
    })
  }

  test('and says why it does not', async () => {
    const run = async (program: string, args: readonly string[]) => {
      if (program === 'blkid') return 'TYPE=xfs'
      throw new ProgramError(program, args, 1, 'err', 'out ')
    }
    const why = 'resize of device /mnt failed: exit status 1. xfs_growfs output: out err'
    await expect(growDevice('/mnt', '/dev/sdx', run)).rejects.toThrow(why)
  })
})
