import { describe, expect, test } from 'vitest'

import { wellKnownPaths } from './well-known-paths.ts'

const paths = wellKnownPaths({
  '/var/lib/kubelet': '/home/a/node-1/kubelet',
  '/var/log/pods': '/home/a/node-1/log/pods',
})

describe('well-known paths', () => {
  const same = [
    ['/var/lib/kubelet', '/home/a/node-1/kubelet'],
    ['/var/lib/kubelet/', '/home/a/node-1/kubelet/'],
    ['/var/lib/kubelet/plugins/x/csi.sock', '/home/a/node-1/kubelet/plugins/x/csi.sock'],
    ['/var/log/pods/a_b_c', '/home/a/node-1/log/pods/a_b_c'],
    ['/var/lib/kubelet-other/x', '/var/lib/kubelet-other/x'],
    ['/var/lib', '/var/lib'],
    ['/srv/data/../x', '/srv/data/../x'],
  ] as const
  for (const [known, own] of same) {
    test(`have ${known} at ${own}, and back`, () => {
      expect(paths.onNode(known)).toBe(own)
      expect(paths.wellKnown(own)).toBe(known)
    })
  }

  test('are no way out of a folder, and no way around it', () => {
    expect(paths.onNode('/var/lib/kubelet/../../../etc')).toBe('/var/lib/kubelet/../../../etc')
    expect(paths.onNode('/var/lib/x/../kubelet//plugins')).toBe('/home/a/node-1/kubelet/plugins')
  })
})
