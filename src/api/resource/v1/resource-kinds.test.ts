import { describe, expect, test } from 'vitest'
import { definitionOf } from '../../catalog.ts'
import { type Body, faultsOfNew, made, objectOf, updated, withStatus } from '../../judged.ts'

const SLICES = 'resource.k8s.io/v1/resourceslices'
const CLAIMS = 'resource.k8s.io/v1/resourceclaims'
const TEMPLATES = 'resource.k8s.io/v1/resourceclaimtemplates'
const slice = (device: Body, spec: Body = {}) => ({
  spec: {
    driver: 'd',
    pool: { name: 'p', resourceSliceCount: 1 },
    nodeName: 'n',
    devices: [{ name: 'dev', ...device }],
    ...spec,
  },
})
const shared = (requestPolicy: Body) => ({
  allowMultipleAllocations: true,
  capacity: { mem: { value: '10', requestPolicy } },
})
const claim = (devices: Body) => ({ spec: { devices } })
const exactly = { deviceClassName: 'c' }
const AT = 'spec.devices[0]'
const ID =
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')"
const PLACES = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required'

describe('a ResourceSlice', () => {
  test.each<[string, Body, string[]]>([
    ['an attribute', slice({ attributes: { a: { string: 'x' }, 'example.com/b': { version: '1.2.3' } } }), []],
    [
      'an attribute without value',
      slice({ attributes: { a: {} } }),
      [`${AT}.attributes[a]: Invalid value: "": exactly one value must be specified`],
    ],
    [
      'a version that is none',
      slice({ attributes: { a: { version: '1.2' } } }),
      [`${AT}.attributes[a].version: Invalid value: "1.2": must be a string compatible with semver.org spec 2.0.0`],
    ],
    [
      'an attribute without name',
      slice({ attributes: { '': { int: 1 } } }),
      [`${AT}.attributes: Invalid value: "": ${ID}`],
    ],
    [
      'a long name',
      slice({ capacity: { [`${'b'.repeat(260)}`]: { value: '1' } } }),
      [`${AT}.capacity: Too long: may not be more than 32 bytes`],
    ],
    [
      'a policy for one',
      slice({ capacity: { mem: { value: '1', requestPolicy: {} } } }),
      [`${AT}.capacity[mem].requestPolicy: Forbidden: allowMultipleAllocations must be true`],
    ],
    [
      'a policy of values',
      slice(shared({ default: '1', validValues: ['1', '20'] })),
      [
        `${AT}.capacity[mem].requestPolicy.validValues[1]: Invalid value: "20": option is larger than capacity value: 10`,
      ],
    ],
    [
      'a policy of a range',
      slice(shared({ default: '3', validRange: { min: '2', max: '6', step: '2' } })),
      [
        `${AT}.capacity[mem].requestPolicy.validRange.step: Invalid value: "3": value is not a multiple of a given step (2) from (2)`,
      ],
    ],
    ['a taint without effect', slice({ taints: [{ key: 'k' }] }), [`${AT}.taints[0].effect: Required value`]],
    [
      'a place for a device',
      slice({ nodeName: 'x' }),
      [
        `${AT}: Invalid value: null: \`nodeName\`, \`nodeSelector\` and \`allNodes\` can only be set if \`perDeviceNodeSelection\` is set to true in the ResourceSlice spec`,
      ],
    ],
    [
      'one kind of condition',
      slice({ bindingConditions: ['x', 'x'] }),
      [
        `${AT}.bindingConditions[1]: Duplicate value: "x"`,
        `${AT}.bindingFailureConditions: Invalid value: null: bindingFailureConditions are required to use bindingConditions`,
      ],
    ],
    [
      'counters and devices',
      slice({}, { sharedCounters: [{ name: 's', counters: { c: { value: '1' } } }] }),
      ['spec: Invalid value: "": only one of `sharedCounters` or `devices` is allowed'],
    ],
    [
      'two places',
      slice({}, { allNodes: true }),
      [`spec: Invalid value: "{\`nodeName\`, \`allNodes\`}": ${PLACES}, but multiple fields are set`],
    ],
    [
      'devices of one name',
      slice({}, { devices: [{ name: 'a' }, { name: 'a' }] }),
      ['spec.devices[1]: Duplicate value: "a"'],
    ],
  ])('with %s', (_, body, faults) => expect(faultsOfNew(SLICES, body)).toEqual(faults))

  test('notes since when a device is tainted, and drops what is not served', () => {
    const taints = [{ key: 'k', effect: 'NoSchedule' }]
    const object = made(SLICES, slice({ taints, attributes: { a: { int: 1, ints: [1] } } }))
    const device = { taints: [{ ...taints[0], timeAdded: '1970-01-01T00:00:00Z' }], attributes: { a: { int: 1 } } }
    expect(object).toMatchObject(slice(device))
    expect(JSON.stringify(object)).not.toContain('"ints"')
  })

  test.each<[string, Body, number]>([
    ['nothing', {}, 4],
    ['what is served', { bindsToNode: true }, 4],
    ['what is not served', { attributes: { a: { int: 1, ints: [1] } } }, 5],
    ['both', { bindsToNode: true, attributes: { a: { int: 1, ints: [1] } } }, 4],
  ])('counts the sending of %s itself only where nothing else has changed', (_, more, generation) => {
    const old = made(SLICES, slice({ attributes: { a: { int: 1 } } }))
    old.metadata.generation = 4
    const draft = objectOf(slice({ attributes: { a: { int: 1 } }, ...more }))
    draft.metadata.generation = 4
    definitionOf(SLICES).dropDisabledFields?.(draft, old)
    expect(draft.metadata.generation).toBe(generation)
    expect(JSON.stringify(draft)).not.toContain('"ints"')
  })
})

describe('a ResourceClaim', () => {
  test.each<[string, Body, string[]]>([
    [
      'requests of one name',
      claim({
        requests: [
          { name: 'r', exactly },
          { name: 'r', exactly },
        ],
      }),
      ['spec.devices.requests[1]: Duplicate value: "r"'],
    ],
    [
      'a request nobody makes',
      claim({ requests: [{ name: 'r', exactly }], constraints: [{ requests: ['x'], matchAttribute: 'd/a' }] }),
      [
        'spec.devices.constraints[0].requests[0]: Invalid value: "x": must be the name of a request in the claim or the name of a request and a subrequest separated by \'/\'',
      ],
    ],
    [
      'a constraint on nothing',
      claim({ constraints: [{}] }),
      [
        'spec.devices.constraints[0]: Required value: exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set',
      ],
    ],
    [
      'an attribute of nobody',
      claim({ constraints: [{ matchAttribute: 'a' }] }),
      [
        'spec.devices.constraints[0].matchAttribute: Invalid value: "a": a fully qualified name must be a domain and a name separated by a slash',
      ],
    ],
    [
      'a toleration of everything',
      claim({ requests: [{ name: 'r', exactly: { ...exactly, tolerations: [{}] } }] }),
      [],
    ],
  ])('with %s', (_, body, faults) => expect(faultsOfNew(CLAIMS, body)).toEqual(faults))

  test('never changes what it asks for, and nothing else is said of that', () => {
    const { faults } = updated(
      CLAIMS,
      claim({ requests: [{ name: 'r', exactly }] }),
      claim({ requests: [{ name: '' }] }),
    )
    expect(faults).toEqual([expect.stringMatching(/^spec: Invalid value: .*: field is immutable$/)])
  })

  test('is held by those who say who they are, of what was allocated', () => {
    const requests = [{ name: 'r', exactly }]
    const device = { driver: 'd', pool: 'p', device: 'x' }
    const status = (more: Body) => withStatus(CLAIMS, claim({ requests }), more).faults
    const allocation = { devices: { results: [{ request: 'r', ...device }] } }
    expect(status({ allocation, devices: [device] })).toEqual([])
    expect(status({ devices: [device] })).toEqual([
      'status.devices[0]: Invalid value: {"Driver":"d","Pool":"p","Device":"x","ShareID":""}: must be an allocated device in the claim',
    ])
    const before = { ...claim({ requests }), status: { allocation, devices: [device] } }
    expect(withStatus(CLAIMS, before, { devices: [device] }).object).toMatchObject({ status: {} })
    expect(withStatus(CLAIMS, before, { devices: [device] }).faults).toEqual([])
    expect(status({ allocation: { devices: { config: [{ opaque: { driver: 'd', parameters: {} } }] } } })).toEqual([
      'status.allocation.devices.config[0].source: Required value',
    ])
  })
})

test('a ResourceClaimTemplate has labels and annotations for its claims and no more', () => {
  const body = { spec: { metadata: { labels: { a: 'b' }, name: 'x', uid: 'y' }, spec: {} } }
  expect(faultsOfNew(TEMPLATES, body)).toEqual([
    'spec.metadata.name: Forbidden: cannot be set',
    'spec.metadata.uID: Forbidden: cannot be set',
  ])
})
