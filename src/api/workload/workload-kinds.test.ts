import { describe, expect, test } from 'vitest'
import { fieldPath } from '../../meta/field-path.ts'
import type { KubeObject } from '../../meta/types.ts'
import { definitionOf } from '../catalog.ts'

type Body = Record<string, unknown>

const ROOT = fieldPath()
const texts = (faults: readonly { field: string; message: string }[]) =>
  faults.map(({ field, message }) => `${field}: ${message}`)

/** An object as the server makes it of what a client sends. */
function made(key: string, spec: Body): KubeObject & { spec: Body } {
  const object = { metadata: { name: 'a', namespace: 'default' }, spec: structuredClone(spec) }
  definitionOf(key).setDefaults?.(object, 0)
  return object
}

function faultsOfNew(key: string, spec: Body): string[] {
  const object = made(key, spec)
  object.metadata.uid = '0b0f4a5c-0000-4000-8000-000000000000'
  definitionOf(key).prepareForCreate?.(object)
  return texts(definitionOf(key).validate?.(object, ROOT) ?? [])
}

const faultsOfChange = (key: string, before: Body, after: Body) => {
  const { validateWhole, validateUpdate } = definitionOf(key)
  const judged = [made(key, after), made(key, before), ROOT] as const
  return texts([...(validateWhole?.(...judged) ?? []), ...(validateUpdate?.(...judged) ?? [])])
}

const template = (more: Body = {}, labels: Body = { app: 'a' }) => ({
  metadata: { labels },
  spec: {
    containers: [{ name: 'c', image: 'i', terminationMessagePolicy: 'File', imagePullPolicy: 'Always' }],
    ...more,
  },
})
const workload = (more: Body = {}) => ({ selector: { matchLabels: { app: 'a' } }, template: template(), ...more })
const job = (more: Body = {}) => ({ template: template({ restartPolicy: 'Never' }, {}), ...more })
const cronJob = (more: Body = {}) => ({ schedule: '*/5 * * * *', jobTemplate: { spec: job() }, ...more })

const EXIT_CODES = 'spec.podFailurePolicy.rules[0].onExitCodes.values'
const DEPLOYMENTS = 'apps/v1/deployments'
const STATEFUL_SETS = 'apps/v1/statefulsets'
const DAEMON_SETS = 'apps/v1/daemonsets'
const JOBS = 'batch/v1/jobs'
const CRON_JOBS = 'batch/v1/cronjobs'
const AUTOSCALERS = 'autoscaling/v2/horizontalpodautoscalers'

describe('workloads are filled in', () => {
  const cases: [key: string, spec: Body, filled: Body][] = [
    [
      DEPLOYMENTS,
      workload(),
      {
        replicas: 1,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
      },
    ],
    [DEPLOYMENTS, workload({ strategy: { type: 'Recreate' } }), { strategy: { type: 'Recreate' } }],
    ['apps/v1/replicasets', workload(), { replicas: 1 }],
    [
      STATEFUL_SETS,
      workload({ serviceName: 's' }),
      {
        replicas: 1,
        podManagementPolicy: 'OrderedReady',
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
        revisionHistoryLimit: 10,
        persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      },
    ],
    [
      STATEFUL_SETS,
      workload({
        volumeClaimTemplates: [
          { spec: { resources: { requests: { storage: '1u' } } }, status: { capacity: { storage: '100n' } } },
        ],
      }),
      {
        volumeClaimTemplates: [
          { spec: { resources: { requests: { storage: '1m' } } }, status: { capacity: { storage: '1m' } } },
        ],
      },
    ],
    [
      DAEMON_SETS,
      workload(),
      {
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
        revisionHistoryLimit: 10,
      },
    ],
    [JOBS, job(), { completions: 1, parallelism: 1, backoffLimit: 6, completionMode: 'NonIndexed', suspend: false }],
    [JOBS, job({ parallelism: 0 }), { parallelism: 0 }],
    [
      CRON_JOBS,
      cronJob(),
      { concurrencyPolicy: 'Allow', suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 },
    ],
  ]
  for (const [key, spec, filled] of cases) {
    test(`${key}: ${JSON.stringify(filled)}`, () => {
      expect(made(key, spec).spec).toMatchObject(filled)
    })
  }
})

describe('workloads are judged', () => {
  const MISMATCH = '`selector` does not match template `labels`'
  const cases: [key: string, spec: Body, faults: string[]][] = [
    [DEPLOYMENTS, workload(), []],
    [
      DEPLOYMENTS,
      workload({ template: template({}, { app: 'b' }) }),
      [`spec.template.metadata.labels: Invalid value: {"app":"b"}: ${MISMATCH}`],
    ],
    [
      DEPLOYMENTS,
      workload({ strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } }),
      ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0'],
    ],
    [
      DEPLOYMENTS,
      workload({ minReadySeconds: 600 }),
      ['spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds'],
    ],
    [DEPLOYMENTS, workload({ replicas: -1 }), ['spec.replicas: Invalid value: -1: must be greater than or equal to 0']],
    [
      DEPLOYMENTS,
      workload({ template: template({ restartPolicy: 'Never' }) }),
      ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
    ],
    [
      DEPLOYMENTS,
      { template: template() },
      [
        'spec.selector: Required value',
        'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`',
      ],
    ],
    [
      DEPLOYMENTS,
      workload({ selector: { matchLabels: { 'a b': 'c' } }, template: template({ restartPolicy: 'Never' }) }),
      [
        expect.stringMatching(/^spec\.selector\.matchLabels: Invalid value: "a b": name part must consist/),
        'spec.selector: Invalid value: {"matchLabels":{"a b":"c"}}: invalid label selector',
      ],
    ],
    [
      DEPLOYMENTS,
      workload({ strategy: { type: 'Odd' } }),
      [
        'spec.strategy: Unsupported value: {"Type":"Odd","RollingUpdate":null}: supported values: "Recreate", "RollingUpdate"',
      ],
    ],
    [
      STATEFUL_SETS,
      workload({ volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['Odd'] } }] }),
      [
        'spec.volumeClaimTemplates[0].spec.accessModes: Unsupported value: "Odd": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
        'spec.volumeClaimTemplates[0].spec.resources[storage]: Required value',
      ],
    ],
    [
      JOBS,
      { ...job(), maxFailedIndexes: 1 },
      [
        'spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified',
        'spec.maxFailedIndexes: Invalid value: 1: requires indexed completion mode',
      ],
    ],
    [
      JOBS,
      { template: template({}, {}) },
      ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
    ],
    [JOBS, job({ backoffLimit: -1 }), ['spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0']],
    [JOBS, job({ completionMode: 'Indexed' }), []],
    [
      JOBS,
      job({ managedBy: 'HTTPS:/x y' }),
      [
        expect.stringMatching(/^spec\.managedBy: Invalid value: "HTTPS:": a lowercase RFC 1123 subdomain/),
        `spec.managedBy: Invalid value: "x y": Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')`,
      ],
    ],
    [
      DAEMON_SETS,
      workload({ updateStrategy: { rollingUpdate: { maxUnavailable: 1, maxSurge: '80' } } }),
      [
        expect.stringMatching(/^spec\.updateStrategy\.rollingUpdate\.maxSurge: .*a valid percent string must be/),
        'spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: "80": may not be set when maxUnavailable is non-zero',
      ],
    ],
    [
      JOBS,
      job({ podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [1, 0, 1] } }] } }),
      [
        `${EXIT_CODES}[1]: Invalid value: 0: must not be 0 for the In operator`,
        `${EXIT_CODES}[2]: Duplicate value: 1`,
        `${EXIT_CODES}: Invalid value: [1,0,1]: must be ordered`,
      ],
    ],
    [CRON_JOBS, cronJob(), []],
    [CRON_JOBS, cronJob({ schedule: '' }), ['spec.schedule: Required value']],
    [
      CRON_JOBS,
      cronJob({ concurrencyPolicy: 'Maybe' }),
      ['spec.concurrencyPolicy: Unsupported value: "Maybe": supported values: "Allow", "Forbid", "Replace"'],
    ],
    [
      AUTOSCALERS,
      { scaleTargetRef: { apiVersion: 'v1', kind: 'ReplicationController', name: 'r' }, maxReplicas: 3 },
      [],
    ],
    [
      AUTOSCALERS,
      { scaleTargetRef: { apiVersion: 'apps', kind: 'Deployment', name: 'd' }, maxReplicas: 0 },
      [
        'spec.maxReplicas: Required value: must be set and greater than 0',
        'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
        'spec.scaleTargetRef.apiVersion: Invalid value: "apps": apiVersion must specify API group',
      ],
    ],
  ]
  for (const [key, spec, faults] of cases) {
    test(`${key}: ${faults.join(', ') || 'nothing is wrong'}`, () => {
      expect(faultsOfNew(key, spec)).toEqual(faults)
    })
  }

  test('a schedule that makes no sense', () => {
    const [fault] = faultsOfNew(CRON_JOBS, cronJob({ schedule: 'now and then' }))
    expect(fault).toMatch(/^spec\.schedule: Invalid value: "now and then": /)
  })
})

describe('workloads change only so far', () => {
  const other = { selector: { matchLabels: { app: 'b' } }, template: template({}, { app: 'b' }) }

  for (const key of [DEPLOYMENTS, 'apps/v1/replicasets', DAEMON_SETS]) {
    test(`${key}: the selector stays`, () => {
      expect(faultsOfChange(key, workload(), other)).toEqual([
        expect.stringMatching(/^spec\.selector: Invalid value: .*: field is immutable$/),
      ])
    })
  }

  const relabelled = (seLinuxChangePolicy?: string) => {
    const context = seLinuxChangePolicy === undefined ? {} : { seLinuxChangePolicy }
    return (more: Body) => template({ securityContext: context, ...more })
  }
  const manual = { manualSelector: true, suspend: true, selector: { matchLabels: { app: 'a' } } }
  const kinds: [key: string, specOf: (make: (more: Body) => Body) => Body][] = [
    [DEPLOYMENTS, (make) => workload({ template: make({}) })],
    ['apps/v1/replicasets', (make) => workload({ template: make({}) })],
    [STATEFUL_SETS, (make) => workload({ serviceName: 's', template: make({}) })],
    [DAEMON_SETS, (make) => workload({ template: make({}) })],
    ['v1/replicationcontrollers', (make) => ({ selector: { app: 'a' }, template: make({}) })],
    [CRON_JOBS, (make) => cronJob({ jobTemplate: { spec: { template: make({ restartPolicy: 'Never' }) } } })],
    [JOBS, (make) => ({ ...manual, template: make({ restartPolicy: 'Never' }) })],
  ]
  test.each(kinds)('only who has a policy of relabelling may have one that is off: %s', (key, specOf) => {
    const about = (faults: string[]) => [...new Set(faults.filter((text) => text.includes('.seLinuxChangePolicy: ')))]
    const change = (from: string | undefined, to: string) =>
      about(faultsOfChange(key, specOf(relabelled(from)), specOf(relabelled(to))))
    expect(change('Recursive', 'MountOption')).toEqual([])
    expect(change(undefined, 'MountOption')).toEqual([
      expect.stringMatching(/: Unsupported value: "MountOption": supported values: "Recursive"$/),
    ])
    expect(change('Recursive', 'x')).toEqual([
      expect.stringMatching(/: Unsupported value: "x": supported values: "MountOption", "Recursive"$/),
    ])
    expect(about(faultsOfNew(key, specOf(relabelled('MountOption'))))).toHaveLength(1)
  })

  test('a Job whose template has no prefixed labels needs none', () => {
    const labels = { 'controller-uid': 'x', 'job-name': 'y' }
    const selected = (manualSelector: boolean) => ({
      template: template({ restartPolicy: 'Never' }, labels),
      selector: { matchLabels: labels },
      manualSelector,
    })
    expect(faultsOfChange(JOBS, selected(true), selected(false))).toEqual([
      expect.stringMatching(/^spec\.template\.metadata\.labels\[controller-uid\]: Invalid value: /),
      expect.stringMatching(/^spec\.template\.metadata\.labels\[job-name\]: Invalid value: /),
      expect.stringMatching(/^spec\.selector: Invalid value: .*`selector` not auto-generated$/),
    ])
  })

  test('the template of a Job stays', () => {
    const manual = { manualSelector: true, selector: { matchLabels: { app: 'a' } } }
    const faults = faultsOfChange(
      JOBS,
      { ...job(), ...manual },
      { template: template({ restartPolicy: 'OnFailure' }, { app: 'a' }), ...manual },
    )
    expect(faults).toEqual([expect.stringMatching(/^spec\.template: Invalid value: .*: field is immutable$/)])
  })

  test('most of a StatefulSet stays', () => {
    const before = workload({ serviceName: 's' })
    expect(faultsOfChange(STATEFUL_SETS, before, workload({ serviceName: 't' }))).toEqual([
      "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ])
    expect(faultsOfChange(STATEFUL_SETS, before, { ...before, replicas: 5 })).toEqual([])
  })
})
