/** The flow schemas and priority levels that every cluster has (https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#defaults). */

import type {
  FlowSchema,
  FlowSchemaSpec,
  PolicyRulesWithSubjects,
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
  Subject,
} from '../../api/generated/flowcontrol-v1.ts'

/** Such an object is the server's as long as this says so: what others change in it is put back. */
export const AUTO_UPDATE = 'apf.kubernetes.io/autoupdate-spec'

/** Without these no request could be told apart: nobody may change them for long. */
export const MANDATORY: ReadonlySet<string> = new Set(['exempt', 'catch-all'])

const ALL = '*'
const EVERYTHING: Pick<PolicyRulesWithSubjects, 'resourceRules' | 'nonResourceRules'> = {
  resourceRules: [{ verbs: [ALL], apiGroups: [ALL], resources: [ALL], clusterScope: true, namespaces: [ALL] }],
  nonResourceRules: [{ verbs: [ALL], nonResourceURLs: [ALL] }],
}

const group = (name: string): Subject => ({ kind: 'Group', group: { name } })
const user = (name: string): Subject => ({ kind: 'User', user: { name } })
const SYSTEM_ACCOUNTS: Subject = { kind: 'ServiceAccount', serviceAccount: { namespace: 'kube-system', name: ALL } }
const EVERYBODY = [group('system:unauthenticated'), group('system:authenticated')]
const MANAGER = user('system:kube-controller-manager')
const SCHEDULER = user('system:kube-scheduler')

const metadata = (name: string) => ({ name, annotations: { [AUTO_UPDATE]: 'true' } })

interface SchemaFacts {
  readonly precedence: number
  readonly level: string
  readonly by?: 'ByUser' | 'ByNamespace'
  readonly rule: PolicyRulesWithSubjects
}

function schema(name: string, { precedence, level, by, rule }: SchemaFacts): FlowSchema {
  const spec: FlowSchemaSpec = {
    priorityLevelConfiguration: { name: level },
    matchingPrecedence: precedence,
    ...(by === undefined ? {} : { distinguisherMethod: { type: by } }),
    rules: [rule],
  }
  return { metadata: metadata(name), spec }
}

const leases = { apiGroups: ['coordination.k8s.io'], resources: ['leases'], namespaces: [ALL] }
const nodes = { apiGroups: [''], resources: ['nodes', 'nodes/status'], clusterScope: true, namespaces: [ALL] }

/** Fresh each time: the caller may change them. */
export const defaultFlowSchemas = (): readonly FlowSchema[] => [
  schema('exempt', { precedence: 1, level: 'exempt', rule: { subjects: [group('system:masters')], ...EVERYTHING } }),
  schema('probes', {
    precedence: 2,
    level: 'exempt',
    rule: {
      subjects: EVERYBODY,
      nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }],
    },
  }),
  schema('system-leader-election', {
    precedence: 100,
    level: 'leader-election',
    by: 'ByUser',
    rule: {
      subjects: [MANAGER, SCHEDULER, SYSTEM_ACCOUNTS],
      resourceRules: [{ verbs: ['get', 'create', 'update'], ...leases }],
    },
  }),
  schema('system-node-high', {
    precedence: 400,
    level: 'node-high',
    by: 'ByUser',
    rule: {
      subjects: [group('system:nodes')],
      resourceRules: [
        { verbs: [ALL], ...nodes },
        { verbs: [ALL], ...leases },
      ],
    },
  }),
  schema('system-nodes', {
    precedence: 500,
    level: 'system',
    by: 'ByUser',
    rule: { subjects: [group('system:nodes')], ...EVERYTHING },
  }),
  schema('kube-controller-manager', {
    precedence: 800,
    level: 'workload-high',
    by: 'ByNamespace',
    rule: { subjects: [MANAGER], ...EVERYTHING },
  }),
  schema('kube-scheduler', {
    precedence: 800,
    level: 'workload-high',
    by: 'ByNamespace',
    rule: { subjects: [SCHEDULER], ...EVERYTHING },
  }),
  schema('kube-system-service-accounts', {
    precedence: 900,
    level: 'workload-high',
    by: 'ByNamespace',
    rule: { subjects: [SYSTEM_ACCOUNTS], ...EVERYTHING },
  }),
  schema('service-accounts', {
    precedence: 9_000,
    level: 'workload-low',
    by: 'ByUser',
    rule: { subjects: [group('system:serviceaccounts')], ...EVERYTHING },
  }),
  schema('global-default', {
    precedence: 9_900,
    level: 'global-default',
    by: 'ByUser',
    rule: { subjects: EVERYBODY, ...EVERYTHING },
  }),
  schema('catch-all', {
    precedence: 10_000,
    level: 'catch-all',
    by: 'ByUser',
    rule: { subjects: EVERYBODY, ...EVERYTHING },
  }),
]

interface LevelFacts {
  readonly shares: number
  readonly lends: number
  readonly queues: number
  readonly hand: number
}

function level(name: string, { shares, lends, queues, hand }: LevelFacts): PriorityLevelConfiguration {
  const queuing = { queues, handSize: hand, queueLengthLimit: 50 }
  const limitResponse = { type: 'Queue' as const, queuing }
  return {
    metadata: metadata(name),
    spec: { type: 'Limited', limited: { nominalConcurrencyShares: shares, lendablePercent: lends, limitResponse } },
  }
}

const EXEMPT: PriorityLevelConfigurationSpec = {
  type: 'Exempt',
  exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 },
}
const CATCH_ALL: PriorityLevelConfigurationSpec = {
  type: 'Limited',
  limited: { nominalConcurrencyShares: 5, lendablePercent: 0, limitResponse: { type: 'Reject' } },
}

/** Fresh each time: the caller may change them. */
export const defaultPriorityLevels = (): readonly PriorityLevelConfiguration[] => [
  { metadata: metadata('exempt'), spec: EXEMPT },
  { metadata: metadata('catch-all'), spec: CATCH_ALL },
  level('system', { shares: 30, lends: 33, queues: 64, hand: 6 }),
  level('node-high', { shares: 40, lends: 25, queues: 64, hand: 6 }),
  level('leader-election', { shares: 10, lends: 0, queues: 16, hand: 4 }),
  level('workload-high', { shares: 40, lends: 50, queues: 128, hand: 6 }),
  level('workload-low', { shares: 100, lends: 90, queues: 128, hand: 6 }),
  level('global-default', { shares: 20, lends: 50, queues: 128, hand: 6 }),
]
