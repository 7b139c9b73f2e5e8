import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { listLoopDevices } from './loop-devices.ts'
import { mountPointsUnder, parseMountInfo } from './mounts.ts'

let base: string
beforeEach(async () => {
  base = await realpath(await mkdtemp(path.join(os.tmpdir(), 'mounts-')))
})
afterEach(() => rm(base, { recursive: true, force: true }))

test('parseMountInfo() reads what the kernel writes', () => {
  const [first, second] = parseMountInfo(
    '36 35 98:0 /mnt1 /mnt/with\\040blank rw,noatime master:1 shared:7 - ext3 /dev/root rw,errors=continue\n' +
      '37 35 0:30 / /tmp rw - tmpfs tmpfs rw,size=4k\n',
  )
  expect(first).toEqual({
    root: '/mnt1',
    path: '/mnt/with blank',
    options: ['rw', 'noatime'],
    type: 'ext3',
    source: '/dev/root',
    superOptions: ['rw', 'errors=continue'],
    isShared: true,
  })
  expect(second).toMatchObject({ path: '/tmp', type: 'tmpfs', isShared: false })
})

describe('mountPointsUnder()', () => {
  const tableOf = async (...points: readonly string[]) => {
    const table = path.join(base, 'mountinfo')
    await writeFile(table, points.map((point) => `1 1 0:1 / ${point} rw - tmpfs tmpfs rw\n`).join(''))
    return table
  }

  test('finds what is mounted at a folder and below, the latest first, and nothing beside it', async () => {
    const table = await tableOf('/a', '/a/b', '/ab', '/a/b/c', '/')
    expect(mountPointsUnder('/a/b', table)).toEqual(['/a/b/c', '/a/b'])
    expect(mountPointsUnder('/a', table)).toEqual(['/a/b/c', '/a/b', '/a'])
  })

  test('finds mounts by a name of the folder that is a link, for the kernel knows only the real one', async () => {
    await mkdir(path.join(base, 'real'))
    await symlink('real', path.join(base, 'link'))
    const table = await tableOf(path.join(base, 'real/mounted'))
    expect(mountPointsUnder(path.join(base, 'link'), table)).toEqual([path.join(base, 'real/mounted')])
  })
})

test('listLoopDevices() tells the file behind each device that has one', async () => {
  for (const name of ['loop0/loop', 'loop1', 'sda']) await mkdir(path.join(base, name), { recursive: true })
  await writeFile(path.join(base, 'loop0/loop/backing_file'), '/volumes/a b (deleted)\n')
  expect(listLoopDevices(base)).toEqual([{ path: '/dev/loop0', file: '/volumes/a b (deleted)' }])
})
