/** For tests: clusters as they are written down. */

import type { ClusterRecord } from './record.ts'

/** A cluster of two nodes. */
export const TWO_NODES: ClusterRecord = {
  version: 1,
  name: 'default',
  index: 0,
  port: 6443,
  runtime: 'containerd',
  nodes: ['node-1', 'node-2'],
  hostNamespace: 'net:[1]',
}
