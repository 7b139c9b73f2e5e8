import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { ManualClock } from '../../../base/manual-clock.ts'
import { wellKnownPaths } from '../well-known-paths.ts'
import { linuxVolumeFiles } from './volume-files.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'gorae-volumes-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const volumes = () => {
  const folder = (name: string) => path.join(root, name)
  const folders = { pods: folder('pods'), memory: folder('memory'), local: folder('local') }
  const logs = { logs: folder('log/pods'), logLinks: folder('log/containers') }
  const paths = wellKnownPaths({
    '/var/lib/kubelet': root,
    '/var/log/pods': logs.logs,
    '/var/log/containers': logs.logLinks,
  })
  return linuxVolumeFiles({ ...folders, ...logs }, paths, new ManualClock())
}
const modeOf = (folder: string) => (statSync(folder).mode & 0o7777).toString(8)

describe('the root of a volume has the mode', () => {
  const cases = [
    { plugin: 'configmap', mode: '777', ofGroup: '2777' },
    { plugin: 'secret', mode: '1777', ofGroup: '3777' },
    { plugin: 'projected', mode: '1777', ofGroup: '3777' },
    { plugin: 'downward-api', mode: '1777', ofGroup: '3777' },
  ]
  for (const { plugin, mode, ofGroup } of cases) {
    const write = (fsGroup?: number) => volumes().writeFiles({ uid: 'u', plugin, volume: 'v' }, new Map(), fsGroup)
    test(`${mode} of ${plugin}`, async () => {
      expect(modeOf(await write())).toBe(mode)
    })
    test.skipIf(process.getuid?.() !== 0)(`${ofGroup} of ${plugin} of a group`, async () => {
      const folder = await write(2_000)
      expect([modeOf(folder), statSync(folder).gid]).toEqual([ofGroup, 2_000])
    })
  }

  test('777 of emptyDir on disk', async () => {
    expect(modeOf(await volumes().emptyDir('u', 'v', { medium: 'disk' }))).toBe('777')
  })
})

test.each([
  { asked: '/var/lib/kubelet/plugins/a.b', got: 'plugins/a.b' },
  { asked: '/var/log/pods', got: 'log/pods' },
  { asked: '/var/log/containers/', got: 'log/containers/' },
  { asked: '/var/log/pods/default_web_u1', got: 'log/pods/default_web_u1' },
])('the folder of logs $asked is the node’s own', async ({ asked, got }) => {
  expect(await volumes().hostPath(asked, '')).toBe(path.join(root, got))
})

test.each(['/var/log', '/var/log/podsicle', '/var/lib'])('the folder %s is the machine’s', async (asked) => {
  expect(await volumes().hostPath(asked, '')).toBe(asked)
})

test('a file cannot be made where there is no folder, which is told in Kubernetes’s words', async () => {
  const file = path.join(root, 'none', 'file')
  await expect(volumes().hostPath(file, 'FileOrCreate')).rejects.toThrow(`open ${file}: no such file or directory`)
})
