import { describe, expect, test } from 'vitest'

import { serves } from './leftovers.ts'

describe('serves()', () => {
  const paths = { run: '/run/gorae/c/node-1', config: '/h/c/nodes/node-1/containerd.toml' }
  const cases: readonly [is: boolean, command: string][] = [
    [true, '/usr/bin/containerd --config /h/c/nodes/node-1/containerd.toml'],
    [true, '/usr/bin/containerd-shim-runc-v2 -namespace k8s.io -id a -address /run/gorae/c/node-1/containerd.sock'],
    [true, '/bin/sh /h/c/nodes/node-1/shim/containerd-shim-runc-v2 -address /run/gorae/c/node-1/containerd.sock'],
    [true, 'runc --root /run/gorae/c/node-1/containerd/runc/k8s.io list'],
    [false, '/usr/bin/containerd --config /h/c/nodes/node-2/containerd.toml'],
    [false, 'containerd-shim-runc-v2 -address /run/gorae/c/node-10/containerd.sock'],
    [false, 'vim /h/c/nodes/node-1/containerd.toml'],
    [false, 'tail -f /run/gorae/c/node-1/log'],
  ]
  for (const [is, command] of cases)
    test(`${command} ${is ? 'does' : 'does not'}`, () => {
      const all = command.split(' ')
      expect(all.some((argument) => serves(all, argument, paths))).toBe(is)
    })
})
