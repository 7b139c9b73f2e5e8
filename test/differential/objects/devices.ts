/** Device classes, claims and slices of resource.k8s.io, for the differential corpus. */

import type { Base } from '../corpus.ts'
import { baseOf as of } from './base-of.ts'

const RES = 'resource.k8s.io/v1'

const deviceRequest = {
  name: 'r',
  exactly: {
    deviceClassName: 'c',
    selectors: [{ cel: { expression: 'device.driver == "d"' } }],
    allocationMode: 'ExactCount',
    count: 2,
    adminAccess: false,
    tolerations: [{ key: 'k', operator: 'Exists', effect: 'NoSchedule' }],
  },
}
const claimSpec = {
  devices: {
    requests: [
      deviceRequest,
      {
        name: 'f',
        firstAvailable: [
          { name: 'a', deviceClassName: 'c' },
          { name: 'b', deviceClassName: 'c', count: 2 },
        ],
      },
    ],
    constraints: [{ requests: ['r'], matchAttribute: 'd.example/a' }],
    config: [{ requests: ['r'], opaque: { driver: 'd.example', parameters: { a: 1 } } }],
  },
}

export const deviceBases: readonly Base[] = [
  of(
    RES,
    'DeviceClass',
    'deviceclasses',
    'dc',
    {
      spec: {
        selectors: [{ cel: { expression: 'true' } }],
        config: [{ opaque: { driver: 'd.example', parameters: { a: 1 } } }],
        extendedResourceName: 'example.com/gpu',
      },
    },
    false,
  ),
  of(RES, 'ResourceClaim', 'resourceclaims', 'rclaim', { spec: claimSpec }, true),
  of(
    RES,
    'ResourceClaimTemplate',
    'resourceclaimtemplates',
    'rct',
    { spec: { metadata: { labels: { a: 'b' } }, spec: { devices: { requests: [deviceRequest] } } } },
    true,
  ),
  of(
    RES,
    'ResourceSlice',
    'resourceslices',
    'rslice',
    {
      spec: {
        driver: 'd.example',
        pool: { name: 'p', generation: 1, resourceSliceCount: 1 },
        nodeName: 'n',
        devices: [
          {
            name: 'dev',
            attributes: { a: { int: 1 }, b: { string: 's' }, c: { bool: true }, d: { version: '1.0.0' } },
            capacity: { mem: { value: '1Gi' } },
            taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }],
          },
        ],
      },
    },
    false,
  ),
]
