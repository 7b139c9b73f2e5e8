import { expect, test } from 'vitest'

import { DEFAULT_KUBELET_CONFIG } from '../config/kubelet-config.ts'
import { flagsOf } from './flagz.ts'

const FLAGS = flagsOf({
  name: 'node-1',
  addresses: ['10.0.0.1'],
  port: 10_250,
  clusterDomain: 'cluster.local',
  clusterDns: ['10.96.0.10'],
  version: 'v1.36.3',
  config: { ...DEFAULT_KUBELET_CONFIG, registerWithTaints: [{ key: 'a', value: 'b', effect: 'NoSchedule' }] },
})

test('tells the settings under the names of flags, in their order', () => {
  expect(FLAGS).toMatchObject({
    'cluster-dns': '[10.96.0.10]',
    'eviction-hard': expect.stringContaining('memory.available<100Mi,nodefs.available<10%'),
    'eviction-pressure-transition-period': '5m0s',
    'hostname-override': 'node-1',
    'max-pods': '110',
    'register-with-taints': 'a=b:NoSchedule',
  })
  expect(Object.keys(FLAGS)).toEqual(Object.keys(FLAGS).toSorted())
})
