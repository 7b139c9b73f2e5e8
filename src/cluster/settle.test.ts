import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { TWO_NODES } from './fixtures.ts'

import { systemClock } from '../base/clock.ts'
import type { UpOptions } from '../cli/operations.ts'
import { complaint } from './commands/complaint.ts'
import { clusterPaths } from './paths.ts'
import { readCluster } from './record.ts'
import { checkNumbers, checkSame, settle } from './settle.ts'

describe('checkNumbers()', () => {
  const cases = [
    { asked: {}, says: '' },
    { asked: { nodes: 1, port: 1 }, says: '' },
    { asked: { nodes: 200, port: 65_535 }, says: '' },
    { asked: { nodes: 0 }, says: 'a cluster cannot have 0 nodes; use a number from 1 to 200' },
    { asked: { nodes: 201 }, says: 'a cluster cannot have 201 nodes; use a number from 1 to 200' },
    { asked: { port: 0 }, says: '0 is no port; use a number from 1 to 65535' },
    { asked: { port: 65_536 }, says: '65536 is no port; use a number from 1 to 65535' },
  ]
  for (const { asked, says } of cases)
    test(`of ${JSON.stringify(asked)} says ${says === '' ? 'nothing' : says}`, () =>
      expect(complaint(() => checkNumbers(asked))).toBe(says))
})

const ANEW = 'leave the option away, or make the cluster anew: gorae down --name default'

describe('checkSame()', () => {
  const cases: readonly { readonly asked: Partial<UpOptions>; readonly says: string }[] = [
    { asked: {}, says: '' },
    { asked: { nodes: 3, port: 6443, runtime: 'containerd' }, says: '' },
    { asked: { nodes: 1 }, says: `the cluster "default" has more nodes, 2 already; ${ANEW}` },
    { asked: { port: 7000 }, says: `the cluster "default" has the port 6443 already; ${ANEW}` },
    { asked: { runtime: 'simulated' }, says: `the cluster "default" has the runtime containerd already; ${ANEW}` },
  ]
  for (const { asked, says } of cases)
    test(`of ${JSON.stringify(asked)} says ${says === '' ? 'nothing' : says}`, () => {
      const options: UpOptions = { home: '/nowhere', name: 'default', mergeKubeconfig: false, ...asked }
      expect(complaint(() => checkSame(TWO_NODES, options))).toBe(says)
    })
})

test('clusters that are made at once share neither port nor number, and are what they wrote down', async () => {
  const home = mkdtempSync(join(tmpdir(), 'gorae-settle-'))
  try {
    const names = ['a', 'b', 'c', 'd', 'e']
    const deps = {
      known: undefined,
      nodeCount: 1,
      checkPort: () => {},
      clock: systemClock,
      signal: new AbortController().signal,
    }
    const make = (name: string) =>
      settle({ home, name, runtime: 'simulated', mergeKubeconfig: false }, clusterPaths(home, name), deps)
    const made = await Promise.all(names.map(make))
    expect(new Set(made.map(({ port }) => port)).size).toBe(names.length)
    expect(new Set(made.map(({ index }) => index)).size).toBe(names.length)
    expect(names.map((name) => readCluster(clusterPaths(home, name)))).toEqual(made)
    expect(readdirSync(home).toSorted()).toEqual(names)
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
})
