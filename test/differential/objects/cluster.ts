/** Priorities, runtimes, leases, events and flow control, for the differential corpus. */

import type { Base } from '../corpus.ts'
import { baseOf as of } from './base-of.ts'

const FLOW = 'flowcontrol.apiserver.k8s.io/v1'

export const clusterBases: readonly Base[] = [
  of(
    'scheduling.k8s.io/v1',
    'PriorityClass',
    'priorityclasses',
    'pc',
    { value: 10, globalDefault: false, description: 'd', preemptionPolicy: 'Never' },
    false,
  ),
  of(
    'node.k8s.io/v1',
    'RuntimeClass',
    'runtimeclasses',
    'rc',
    {
      handler: 'runc',
      overhead: { podFixed: { cpu: '10m' } },
      scheduling: { nodeSelector: { a: 'b' }, tolerations: [{ key: 'k', operator: 'Exists' }] },
    },
    false,
  ),
  of(
    'coordination.k8s.io/v1',
    'Lease',
    'leases',
    'lease',
    {
      spec: {
        holderIdentity: 'h',
        leaseDurationSeconds: 1,
        acquireTime: '2020-01-01T00:00:00.000000Z',
        renewTime: '2020-01-01T00:00:00.000000Z',
        leaseTransitions: 1,
      },
    },
    true,
  ),
  of(
    'events.k8s.io/v1',
    'Event',
    'events',
    'nev',
    {
      eventTime: '2020-01-01T00:00:00.000001Z',
      reportingController: 'c.example/x',
      reportingInstance: 'i',
      action: 'A',
      reason: 'R',
      regarding: { kind: 'Pod', namespace: 'default', name: 'p' },
      note: 'n',
      type: 'Normal',
    },
    true,
  ),
  of(
    FLOW,
    'FlowSchema',
    'flowschemas',
    'fs',
    {
      spec: {
        priorityLevelConfiguration: { name: 'global-default' },
        matchingPrecedence: 100,
        distinguisherMethod: { type: 'ByUser' },
        rules: [
          {
            subjects: [
              { kind: 'User', user: { name: 'u' } },
              { kind: 'Group', group: { name: 'g' } },
              { kind: 'ServiceAccount', serviceAccount: { name: 's', namespace: 'n' } },
            ],
            resourceRules: [
              { verbs: ['get'], apiGroups: [''], resources: ['pods'], namespaces: ['*'], clusterScope: true },
            ],
            nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['/healthz'] }],
          },
        ],
      },
    },
    false,
    { dry: true },
  ),
  of(
    FLOW,
    'PriorityLevelConfiguration',
    'prioritylevelconfigurations',
    'plc',
    {
      spec: {
        type: 'Limited',
        limited: {
          nominalConcurrencyShares: 10,
          lendablePercent: 10,
          borrowingLimitPercent: 20,
          limitResponse: { type: 'Queue', queuing: { queues: 8, handSize: 2, queueLengthLimit: 10 } },
        },
      },
    },
    false,
    { dry: true },
  ),
  of(
    FLOW,
    'PriorityLevelConfiguration',
    'prioritylevelconfigurations',
    'plc-exempt',
    { spec: { type: 'Exempt', exempt: { nominalConcurrencyShares: 10, lendablePercent: 10 } } },
    false,
    { dry: true },
  ),
]
