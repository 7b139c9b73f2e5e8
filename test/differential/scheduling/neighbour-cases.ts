/** Cases about other Pods: affinity, anti-affinity and spreading, and what makes one node better than another. */

import type { Affinity, Node, PodAffinityTerm } from '../../../src/api/generated/core-v1.ts'
import { HOST, inZone, node, one, placed, pod, spread, type Table, taint, term, two, UNMET, ZONE } from './objects.ts'

const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution'

const near = (...terms: readonly PodAffinityTerm[]): { affinity: Affinity } => ({
  affinity: { podAffinity: { [UNMET]: [...terms] } },
})
const apart = (...terms: readonly PodAffinityTerm[]): { affinity: Affinity } => ({
  affinity: { podAntiAffinity: { [UNMET]: [...terms] } },
})
const neighbour = (nodeName: string, labels: Record<string, string>, name = `by-${nodeName}`) =>
  placed(name, nodeName, {}, {}, labels)
const withImage = (name: string, sizeBytes: number): Node => {
  const made = node(name)
  return { ...made, status: { ...made.status, images: [{ names: ['x:latest'], sizeBytes }] } }
}
const three = [...two, node('n3', { labels: { [ZONE]: 'a' } })]
const A = { app: 'a' }

const affinity: Table = {
  'anti-affinity over a zone': [[...three, neighbour('n1', A)], pod('p', {}, apart(term('a', ZONE)))],
  'anti-affinity over both zones': [
    [...three, neighbour('n1', A), neighbour('n2', A)],
    pod('p', {}, apart(term('a', ZONE))),
  ],
  'affinity with two, of which one is missing': [
    [...two, neighbour('n1', A)],
    pod('p', {}, near(term('a'), term('b'))),
  ],
  'affinity with two on different nodes': [
    [...two, neighbour('n1', A), neighbour('n2', { app: 'b' })],
    pod('p', {}, near(term('a'), term('b'))),
  ],
  'affinity with two in one zone': [
    [...three, neighbour('n1', A), neighbour('n3', { app: 'b' })],
    pod('p', {}, { ...near(term('a', ZONE), term('b', ZONE)), nodeSelector: { [HOST]: 'n3' } }),
  ],
  'affinity over a label that no node has': [[...two, neighbour('n1', A)], pod('p', {}, near(term('a', 'rack')), A)],
  'affinity with other namespaces': [
    [...two, neighbour('n1', A)],
    pod('p', {}, near({ ...term('a'), namespaces: ['kube-system'] })),
  ],
  'affinity with all namespaces': [
    [...two, neighbour('n1', A)],
    pod('p', {}, near({ ...term('a'), namespaceSelector: {} })),
  ],
  'affinity with namespaces that are chosen by label': [
    [...two, neighbour('n1', A)],
    pod('p', {}, near({ ...term('a'), namespaceSelector: { matchLabels: { team: 'none' } } })),
  ],
  'anti-affinity with other tenants': [
    [...two, neighbour('n1', { ...A, tenant: 'x' }), neighbour('n2', { ...A, tenant: 'y' })],
    pod('p', {}, apart({ ...term('a'), mismatchLabelKeys: ['tenant'] }), { ...A, tenant: 'x' }),
  ],
  'anti-affinity with the same version': [
    [...two, neighbour('n1', { ...A, version: '1' }), neighbour('n2', { ...A, version: '2' })],
    pod('p', {}, apart({ ...term('a'), matchLabelKeys: ['version'] }), { ...A, version: '2' }),
  ],
  'anti-affinity with what has no label': [
    [...two, neighbour('n1', A), neighbour('n2', { app: 'a', calm: 'yes' })],
    pod(
      'p',
      {},
      apart({ topologyKey: HOST, labelSelector: { matchExpressions: [{ key: 'calm', operator: 'DoesNotExist' }] } }),
    ),
  ],
  'affinity where only a full node would do': [
    [...two, neighbour('n1', A), placed('big', 'n1', { cpu: '4' })],
    pod('p', { cpu: '1' }, near(term('a'))),
  ],
  'affinity, taint and too little, one a node': [
    [...two, node('n3', { spec: taint('k') }), neighbour('n1', A), placed('big', 'n1', { cpu: '4' })],
    pod('p', { cpu: '1' }, near(term('a'))),
  ],
}

const spreading: Table = {
  'a spread over three domains of two': [[...two], pod('p', {}, spread(ZONE, { minDomains: 3 }), A)],
  'a spread over three domains of two, one taken': [
    [...two, neighbour('n1', A), neighbour('n2', A)],
    pod('p', {}, spread(ZONE, { minDomains: 3 }), A),
  ],
  'a spread that may be two apart': [
    [...two, neighbour('n1', A), placed('big', 'n2', { cpu: '4' })],
    pod('p', { cpu: '1' }, spread(ZONE, { maxSkew: 2 }), A),
  ],
  'a spread among the nodes it may have': [
    [...two, neighbour('n1', A)],
    pod('p', {}, { ...spread(ZONE), nodeSelector: { [ZONE]: 'a' } }, A),
  ],
  'a spread among all nodes, also those it may not have': [
    [...two, neighbour('n1', A)],
    pod('p', {}, { ...spread(ZONE, { nodeAffinityPolicy: 'Ignore' }), nodeSelector: { [ZONE]: 'a' } }, A),
  ],
  'a spread that counts tainted nodes': [
    [two[0]!, node('n2', { labels: { [ZONE]: 'b' }, spec: taint('k') }), neighbour('n1', A)],
    pod('p', {}, spread(ZONE), A),
  ],
  'a spread that leaves tainted nodes out': [
    [two[0]!, node('n2', { labels: { [ZONE]: 'b' }, spec: taint('k') }), neighbour('n1', A)],
    pod('p', {}, spread(ZONE, { nodeTaintsPolicy: 'Honor' }), A),
  ],
  'a spread of one version': [
    [...two, neighbour('n1', { ...A, version: '1' }), placed('big', 'n2', { cpu: '4' })],
    pod('p', { cpu: '1' }, spread(ZONE, { matchLabelKeys: ['version'] }), { ...A, version: '2' }),
  ],
  'a spread that does not count the Pod itself': [
    [...two, neighbour('n1', A), placed('big', 'n2', { cpu: '4' })],
    pod('p', { cpu: '1' }, spread(ZONE), { app: 'b' }),
  ],
  'a spread that is only wished': [
    [...two, neighbour('n1', A)],
    pod('p', {}, spread(ZONE, { whenUnsatisfiable: 'ScheduleAnyway' }), A),
  ],
  'two spreads that no node keeps': [
    [...three, neighbour('n1', A), neighbour('n2', A), placed('big', 'n3', { cpu: '4' })],
    pod(
      'p',
      { cpu: '1' },
      {
        topologySpreadConstraints: [
          ...spread(ZONE).topologySpreadConstraints,
          ...spread(HOST).topologySpreadConstraints,
        ],
      },
      A,
    ),
  ],
  'a spread where one node lacks the label': [[...one, two[1]!, neighbour('n2', A)], pod('p', {}, spread(ZONE), A)],
}

const better: Table = {
  'the emptier node': [[...two, placed('q', 'n1', { cpu: '2', memory: '4Gi' })], pod('p', { cpu: '1', memory: '1Gi' })],
  'the node with the image': [[node('n1'), withImage('n2', 900 * 1024 ** 2)], pod('p')],
  'a node without a soft taint': [[node('n1', { spec: taint('k', 'PreferNoSchedule') }), node('n2')], pod('p')],
  'the node that is liked more': [
    two,
    pod(
      'p',
      {},
      {
        affinity: {
          nodeAffinity: {
            [PREFERRED]: [
              { weight: 10, preference: inZone('a') },
              { weight: 20, preference: inZone('b') },
            ],
          },
        },
      },
    ),
  ],
  'the node with a friend': [
    [...two, neighbour('n2', A)],
    pod('p', {}, { affinity: { podAffinity: { [PREFERRED]: [{ weight: 50, podAffinityTerm: term('a') }] } } }),
  ],
  'the node without a foe': [
    [...two, neighbour('n2', A)],
    pod('p', {}, { affinity: { podAntiAffinity: { [PREFERRED]: [{ weight: 50, podAffinityTerm: term('a') }] } } }),
  ],
  'the node of a Pod that wishes for it': [
    [
      ...two,
      placed(
        'q',
        'n2',
        {},
        {
          affinity: { podAffinity: { [PREFERRED]: [{ weight: 50, podAffinityTerm: term('a') }] } },
        },
      ),
    ],
    pod('p', {}, {}, A),
  ],
  'huge pages that no node has': [one, pod('p', { 'hugepages-2Mi': '4Mi', cpu: '1', memory: '1Gi' })],
}

export const neighbourTable: Table = { ...affinity, ...spreading, ...better }
