import { describe, expect, test } from 'vitest'
import type { ServiceSpec } from '../../../generated/core-v1.ts'
import { serviceWarnings } from './warnings.ts'

describe('serviceWarnings()', () => {
  const cases: readonly [spec: ServiceSpec, warnings: readonly string[]][] = [
    [{ type: 'ClusterIP', sessionAffinity: 'None' }, []],
    [
      { type: 'ClusterIP', externalIPs: ['1.2.3.4'], trafficDistribution: 'PreferClose' },
      [
        'spec.externalIPs is deprecated and may no longer be implemented in some clusters',
        'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"',
      ],
    ],
    [
      { type: 'ClusterIP', clusterIP: 'None', externalIPs: ['1.2.3.4'], sessionAffinity: 'ClientIP' },
      ['spec.externalIPs is ignored for headless services', 'spec.SessionAffinity is ignored for headless services'],
    ],
    [{ type: 'NodePort', externalName: 'a' }, ['spec.externalName is ignored when spec.type is not "ExternalName"']],
    [
      { type: 'ExternalName', externalName: 'a', externalIPs: ['1.2.3.4'] },
      ['spec.externalIPs is ignored when spec.type is "ExternalName"'],
    ],
  ]
  for (const [spec, warnings] of cases) {
    test(`warns ${warnings.length} times of ${JSON.stringify(spec)}`, () =>
      expect(serviceWarnings({ metadata: { name: 's' }, spec })).toEqual(warnings))
  }
})
