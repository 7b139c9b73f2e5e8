/** Cases about claims and volumes. */

import type { KubeObject } from '../../../src/meta/types.ts'
import {
  ZONE,
  pod,
  storageClass,
  claim,
  boundClaim,
  volume,
  inZone,
  uses,
  placed,
  one,
  two,
  type Table,
} from './objects.ts'

/** Has a volume whose claim is made for it. */
const hasEphemeral = pod(
  'p',
  {},
  {
    volumes: [
      {
        name: 'v',
        ephemeral: {
          volumeClaimTemplate: {
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
          },
        },
      },
    ],
  },
)

export const volumeTable: Table = {
  'a claim that is not there': [one, pod('p', {}, uses('c'))],
  'a claim to bind at once': [
    [...one, storageClass('now', 'Immediate'), claim('c', { storageClassName: 'now' })],
    pod('p', {}, uses('c')),
  ],
  'a claim of a class that is not there': [[...one, claim('c', { storageClassName: 'none' })], pod('p', {}, uses('c'))],
  'a claim without volume nor provisioner': [
    [
      ...two,
      storageClass('later', 'WaitForFirstConsumer', { provisioner: 'kubernetes.io/no-provisioner' }),
      claim('c', { storageClassName: 'later' }),
    ],
    pod('p', {}, uses('c')),
  ],
  'a claim for the topology of one node': [
    [
      ...two,
      storageClass('later', 'WaitForFirstConsumer', {
        allowedTopologies: [{ matchLabelExpressions: [{ key: ZONE, values: ['c'] }] }],
      }),
      claim('c', { storageClassName: 'later' }),
    ],
    pod('p', {}, uses('c')),
  ],
  'a claim whose volume is lost': [[...one, boundClaim('c', 'v')], pod('p', {}, uses('c'))],
  'a claim marked as lost': [
    [...one, { ...claim('c', { storageClassName: '' }), status: { phase: 'Lost' } } as KubeObject],
    pod('p', {}, uses('c')),
  ],
  'a volume elsewhere': [
    [
      ...two,
      volume('v', { nodeAffinity: { required: { nodeSelectorTerms: [inZone('c')] } }, storageClassName: '' }),
      boundClaim('c', 'v'),
    ],
    pod('p', {}, uses('c')),
  ],
  'a volume of another zone': [
    [...two, volume('v', { storageClassName: '' }, { [ZONE]: 'c' }), boundClaim('c', 'v')],
    pod('p', {}, uses('c')),
  ],
  'a volume for one Pod only': [
    [
      ...one,
      volume('v', { accessModes: ['ReadWriteOncePod'], storageClassName: '' }),
      boundClaim('c', 'v', { accessModes: ['ReadWriteOncePod'] }),
      placed('q', 'n1', {}, uses('c')),
    ],
    pod('p', {}, uses('c')),
  ],
  'an ephemeral volume that nobody made': [one, hasEphemeral],
  'an ephemeral volume that is another’s': [[...one, claim('p-v', { storageClassName: '' })], hasEphemeral],
}
