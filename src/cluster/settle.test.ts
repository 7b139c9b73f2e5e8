import { describe, expect, test } from 'vitest'
import type { UpOptions } from '../cli/operations.ts'
import { complaint } from './commands/complaint.ts'
import type { ClusterRecord } from './record.ts'
import { checkNumbers, checkSame } from './settle.ts'

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
  const known: ClusterRecord = {
    version: 1,
    name: 'default',
    index: 0,
    port: 6443,
    runtime: 'containerd',
    nodes: ['node-1', 'node-2'],
    hostNamespace: '1',
  }
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
      expect(complaint(() => checkSame(known, options))).toBe(says)
    })
})
