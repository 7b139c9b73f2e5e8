/** Cases about claims and devices. */

import {
  DRIVER,
  asks,
  cel,
  choice,
  gpuClass,
  gpus,
  isModel,
  model,
  ofPool,
  onNode,
  opaque,
  slice,
  wants,
} from './device-objects.ts'
import { claims, deviceClass, node, pod, type Table, two, ZONE } from './objects.ts'

const p = pod('p', {}, claims('d'))
const q = pod('q', {}, claims('e'))
/** One node, so that where a Pod goes is not a matter of chance. */
const base = [node('n1'), deviceClass]
const both = [...two, deviceClass]

const shared = model('s', 'a', {
  allowMultipleAllocations: true,
  capacity: { memory: { value: '10Gi', requestPolicy: { default: '1Gi', validRange: { min: '1Gi', step: '1Gi' } } } },
})
const part = (name: string, memory: string) => ({
  name,
  consumesCounters: [{ counterSet: 'whole', counters: { memory: { value: memory } } }],
})
const counters = slice('p1', [], {
  ...ofPool('pool', 2),
  sharedCounters: [{ name: 'whole', counters: { memory: { value: '8Gi' } } }],
})
const parts = slice('p2', [part('a', '4Gi'), part('b', '6Gi'), part('c', '4Gi')], ofPool('pool', 2))
const numa = (name: string, value: number) => ({ name, attributes: { numa: { int: value } } })
const tainted = (effect: string) => model('t', 'a', { taints: [{ key: 'bad', value: 'yes', effect }] })

export const deviceTable: Table = {
  'a device on one node': [[...both, slice('s', gpus('a'), onNode('n2')), wants('d', [asks()])], p],
  'a device that all nodes reach': [[...base, slice('s', gpus('a')), wants('d', [asks()])], p],
  'a device for the nodes of a zone': [
    [
      ...both,
      slice('s', gpus('a'), {
        allNodes: undefined,
        nodeSelector: { nodeSelectorTerms: [{ matchExpressions: [{ key: ZONE, operator: 'In', values: ['b'] }] }] },
      }),
      wants('d', [asks()]),
    ],
    p,
  ],
  'the first device of the first pool by name': [
    [...base, slice('z', gpus('x')), slice('b', gpus('y', 'a'), onNode('n1')), wants('d', [asks()])],
    p,
  ],
  'two devices of three': [[...base, slice('s', gpus('a', 'b', 'c')), wants('d', [asks({ count: 2 })])], p],
  'more devices than there are': [[...base, slice('s', gpus('a')), wants('d', [asks({ count: 2 })])], p],
  'a device for the first of two Pods': [
    [...base, slice('s', gpus('a')), wants('d', [asks()]), wants('e', [asks()])],
    p,
    q,
  ],
  'one claim of two Pods': [
    [...both, slice('s', gpus('a'), onNode('n2')), wants('d', [asks()])],
    p,
    pod('q', {}, claims('d')),
  ],
  'a selector that picks the second': [
    [...base, slice('s', [model('a', 'x'), model('b', 'y')]), wants('d', [asks(isModel('y'))])],
    p,
  ],
  'a selector that picks none': [[...base, slice('s', gpus('a')), wants('d', [asks(isModel('z'))])], p],
  'a selector that fails': [[...base, slice('s', [{ name: 'a' }]), wants('d', [asks(isModel('z'))])], p],
  'a class with a selector that fails': [
    [node('n1'), gpuClass('gpu', isModel('a')), slice('s', [{ name: 'a' }]), wants('d', [asks()])],
    p,
  ],
  'a class that picks, and its settings': [
    [
      node('n1'),
      gpuClass('gpu', { ...isModel('a'), config: [opaque('of the class')] }),
      slice('s', [model('x', 'b'), model('y', 'a'), model('z', 'a')]),
      wants('d', [asks(), asks({}, 'more')], {
        config: [opaque('of all'), { requests: ['more'], ...opaque('of one') }],
      }),
    ],
    p,
  ],
  'all devices of a node': [
    [...both, slice('s', gpus('a', 'b'), onNode('n2')), wants('d', [asks({ allocationMode: 'All' })])],
    p,
  ],
  'all devices where one is taken': [
    [...base, slice('s', gpus('a', 'b')), wants('d', [asks()]), wants('e', [asks({ allocationMode: 'All' })])],
    p,
    q,
  ],
  'all devices of a pool that is being written': [
    [...base, slice('s', gpus('a'), ofPool('pool', 2)), wants('d', [asks({ allocationMode: 'All' })])],
    p,
  ],
  'a device of a pool that is being written': [
    [...base, slice('s', gpus('a'), ofPool('pool', 2)), wants('d', [asks()])],
    p,
  ],
  'only the newest generation of a pool': [
    [
      ...base,
      slice('s', gpus('a'), ofPool('pool', 1, 1)),
      slice('t', gpus('b'), ofPool('pool', 1, 2)),
      wants('d', [asks()]),
    ],
    p,
  ],
  'a pool with two devices of one name': [
    [...base, slice('s', gpus('a'), ofPool('pool', 2)), slice('t', gpus('a'), ofPool('pool', 2)), wants('d', [asks()])],
    p,
  ],
  'the best alternative that there is': [
    [
      ...base,
      slice('s', [model('a', 'small')]),
      wants('d', [{ name: 'r', firstAvailable: [choice('big', isModel('big')), choice('small', isModel('small'))] }], {
        config: [
          { requests: ['r/small'], ...opaque('small') },
          { requests: ['r'], ...opaque('any') },
        ],
      }),
    ],
    p,
  ],
  'the node with the better alternative': [
    [
      ...both,
      slice('s', [model('a', 'small')], onNode('n1')),
      slice('t', [model('a', 'big')], onNode('n2')),
      wants('d', [{ name: 'r', firstAvailable: [choice('big', isModel('big')), choice('small', isModel('small'))] }]),
    ],
    p,
  ],
  'no alternative': [
    [
      ...base,
      slice('s', gpus('a')),
      wants('d', [{ name: 'r', firstAvailable: [choice('x', isModel('x')), choice('y', isModel('y'))] }]),
    ],
    p,
  ],
  'devices that have an attribute in common': [
    [
      ...base,
      slice('s', [numa('a', 0), numa('b', 1), numa('c', 1)]),
      wants('d', [asks({ count: 2 })], { constraints: [{ matchAttribute: `${DRIVER}/numa` }] }),
    ],
    p,
  ],
  'devices that have nothing in common': [
    [
      ...base,
      slice('s', [numa('a', 0), numa('b', 0), numa('c', 1)]),
      wants('d', [asks({ count: 2 })], { constraints: [{ distinctAttribute: `${DRIVER}/numa` }] }),
    ],
    p,
  ],
  'a constraint of some requests': [
    [
      ...base,
      slice('s', [numa('a', 0), numa('b', 1), numa('c', 1)]),
      wants('d', [asks(), asks({}, 'x'), asks({}, 'y')], {
        constraints: [{ requests: ['x', 'y'], matchAttribute: `${DRIVER}/numa` }],
      }),
    ],
    p,
  ],
  'a constraint that nothing satisfies': [
    [
      ...base,
      slice('s', [numa('a', 0), numa('b', 1)]),
      wants('d', [asks({ count: 2 })], { constraints: [{ matchAttribute: `${DRIVER}/numa` }] }),
    ],
    p,
  ],
  'all devices, which differ': [
    [
      ...base,
      slice('s', [numa('a', 0), numa('b', 1)]),
      wants('d', [asks({ allocationMode: 'All' })], { constraints: [{ matchAttribute: `${DRIVER}/numa` }] }),
    ],
    p,
  ],
  'a device that is tainted': [[...base, slice('s', [tainted('NoSchedule')]), wants('d', [asks()])], p],
  'a taint without effect': [[...base, slice('s', [tainted('None')]), wants('d', [asks()])], p],
  'a taint that is tolerated': [
    [
      ...base,
      slice('s', [tainted('NoExecute')]),
      wants('d', [asks({ tolerations: [{ key: 'bad', operator: 'Equal', value: 'yes', effect: 'NoExecute' }] })]),
    ],
    p,
  ],
  'a shared device': [
    [
      ...base,
      slice('s', [shared]),
      wants('d', [asks({ capacity: { requests: { memory: '1500Mi' } } })]),
      wants('e', [asks()]),
    ],
    p,
    q,
  ],
  'a shared device that is full': [
    [
      ...base,
      slice('s', [shared]),
      wants('d', [asks({ capacity: { requests: { memory: '8Gi' } } })]),
      wants('e', [asks({ capacity: { requests: { memory: '3Gi' } } })]),
    ],
    p,
    q,
  ],
  'a capacity that the device lacks': [
    [...base, slice('s', gpus('a')), wants('d', [asks({ capacity: { requests: { memory: '1Gi' } } })])],
    p,
  ],
  'parts of one device': [[...base, counters, parts, wants('d', [asks()]), wants('e', [asks()])], p, q],
  'no counters left': [
    [...base, counters, parts, wants('d', [asks(cel('device.driver != ""'))]), wants('e', [asks({ count: 2 })])],
    p,
    q,
  ],
  'devices with nodes of their own': [
    [
      ...both,
      slice('s', [model('a', 'x', { nodeName: 'n2' }), model('b', 'y', { allNodes: true })], {
        allNodes: undefined,
        perDeviceNodeSelection: true,
      }),
      wants('d', [asks(isModel('x'))]),
      wants('e', [asks(isModel('y'))]),
    ],
    p,
    q,
  ],
  'two claims, one without devices': [
    [...base, slice('s', gpus('a')), wants('d', [asks()]), wants('e', [asks()])],
    pod(
      'p',
      {},
      {
        resourceClaims: [
          { name: 'd', resourceClaimName: 'd' },
          { name: 'e', resourceClaimName: 'e' },
        ],
      },
    ),
  ],
  'too many devices for one claim': [
    [...base, slice('s', gpus('a')), wants('d', [asks({ count: 20 }), asks({ count: 20 }, 'x')])],
    p,
  ],
  'a device where there is no room for the Pod': [
    [node('n1', { amounts: { cpu: '1' } }), deviceClass, slice('s', gpus('a')), wants('d', [asks()])],
    pod('p', { cpu: '2' }, claims('d')),
  ],
}
