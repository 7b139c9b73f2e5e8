import { describe, expect, test } from 'vitest'
import { createDecoder, type DecodeOptions } from '../wire/decode/decode.ts'
import { readTypeMeta, strictFaults, strictMessage, undecodableMessage } from '../wire/decode/texts.ts'
import { schemaOf } from './schemas.ts'

const decode = createDecoder({
  schemas: schemaOf,
  canonicalQuantity: (text) => {
    if (!/^[0-9.]+(m|Ki|Mi|Gi)?$/.test(text)) throw new Error('quantities must match the regular expression')
    return text
  },
})
const pod = (spec: object, metadata: object = { name: 'p' }) => ({ apiVersion: 'v1', kind: 'Pod', metadata, spec })
const decodePod = (spec: object, metadata?: object, options?: DecodeOptions) =>
  decode(pod(spec, metadata), 'core/v1.Pod', options)

describe('decoding', () => {
  test.each([
    ['AA', 0],
    ['AAAAAA', 4],
    ['AAAA!', 4],
    ['A=', 1],
  ])('tells where %s is no base64: %i', (text, at) => {
    expect(() => decode({ data: { a: text } }, 'core/v1.Secret')).toThrow(`illegal base64 data at input byte ${at}`)
  })

  test('calls the keys of what a device has by their name', () => {
    const slice = { spec: { devices: [{ name: 'd', attributes: 'x' }] } }
    expect(() => decode(slice, 'resource/v1.ResourceSlice')).toThrow('of type map[v1.QualifiedName]v1.DeviceAttribute')
  })

  test('reads six digits of a second, where they are asked for', () => {
    const lease = (renewTime: string) => decode({ spec: { renewTime } }, 'coordination/v1.Lease').value
    expect(lease('2020-01-01T00:00:00.123456Z')).toMatchObject({ spec: { renewTime: '2020-01-01T00:00:00.123456Z' } })
    expect(() => lease('2020-01-01T00:00:00.1234567Z')).toThrow(
      'parsing time "2020-01-01T00:00:00.1234567Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "7Z" as "Z07:00"',
    )
  })

  test('completes a whole object as Go structs are', () => {
    const given = pod({
      containers: [{ name: 'c', image: null, args: [], tty: false, env: [{ name: 'A', value: '' }] }],
      hostNetwork: false,
      securityContext: {},
      terminationGracePeriodSeconds: 0,
    })
    expect(decode(given, 'core/v1.Pod').value).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: {
        containers: [{ name: 'c', resources: {}, env: [{ name: 'A' }] }],
        securityContext: {},
        terminationGracePeriodSeconds: 0,
      },
      status: {},
    })
  })

  test('writes times that nobody gave as unknown, but for the one of creation', () => {
    const given = { ...pod({}), status: { conditions: [{ type: 'a', status: 'True' }] } }
    expect(decode(given, 'core/v1.Pod').value).toMatchObject({
      metadata: { name: 'p' },
      status: { conditions: [{ type: 'a', status: 'True', lastProbeTime: null, lastTransitionTime: null }] },
    })
  })

  test('tells of a wrong type by the embedded struct that has the field', () => {
    const spec = { volumes: [{ name: 'v', emptyDir: [] }] }
    expect(() => decodePod(spec)).toThrow(
      'cannot unmarshal array into Go struct field Volume.spec.volumes.VolumeSource.emptyDir of type v1.EmptyDirVolumeSource',
    )
  })

  test('leaves a part of an object as it is', () => {
    const part = pod({ hostNetwork: false, containers: [{ name: 'c', args: [] }] })
    expect(decode(part, 'core/v1.Pod', { partial: true }).value).toEqual(part)
  })

  test('does not change what it reads', () => {
    const given = Object.freeze(pod(Object.freeze({ containers: Object.freeze([]), nothing: 1 })))
    expect(decode(given, 'core/v1.Pod').value).not.toHaveProperty('spec.nothing')
  })

  test('writes times, durations and bytes canonically', () => {
    const { value } = decodePod(
      { containers: [] },
      { creationTimestamp: '2026-01-02T03:04:05.678+02:00', deletionTimestamp: '0001-01-01T00:00:00Z' },
    )
    expect(value.metadata).toEqual({ creationTimestamp: '2026-01-02T01:04:05Z' })
    const lease = decode({ metadata: {}, spec: { renewTime: '2024-02-29T00:00:00.500000Z' } }, 'coordination/v1.Lease')
    expect(lease.value.spec).toEqual({ renewTime: '2024-02-29T00:00:00.500000Z' })
    expect(decode({ data: { a: 'aGVs\nbG8=' } }, 'core/v1.Secret').value.data).toEqual({ a: 'aGVsbG8=' })
  })

  test('takes null in a map or a list for the zero value, as Go does', () => {
    expect(decode({ data: { a: null } }, 'core/v1.ConfigMap').value.data).toEqual({ a: '' })
    expect(decodePod({ containers: [{ name: 'c', args: [null, 'x'] }, null] }).value.spec).toMatchObject({
      containers: [{ args: ['', 'x'] }, { name: '', resources: {} }],
    })
  })

  test('tells unknown fields, with what was probably meant', () => {
    const { unknown } = decode(
      { metadata: { label: {} }, spec: { containrs: [], containers: [{ imagee: 'x', volumeMounts: [{ zzz: 1 }] }] } },
      'core/v1.Pod',
    )
    expect(unknown).toEqual([
      { path: 'metadata.label', suggestion: 'metadata.labels' },
      { path: 'spec.containrs', suggestion: 'spec.containers' },
      { path: 'spec.containers[0].imagee', suggestion: 'spec.containers[0].image' },
      { path: 'spec.containers[0].volumeMounts[0].zzz' },
    ])
    expect(strictMessage({ unknown: unknown.slice(0, 2), duplicates: ['metadata.name'] })).toBe(
      'strict decoding error: duplicate field "metadata.name", unknown field "metadata.label", ' +
        'unknown field "spec.containrs" (did you mean "metadata.labels", "spec.containers"?)',
    )
    expect(strictFaults({ unknown: unknown.slice(3), duplicates: [] })).toEqual([
      'unknown field "spec.containers[0].volumeMounts[0].zzz"',
    ])
    expect(strictMessage({ unknown: [], duplicates: [] })).toBeUndefined()
    const repeated = ['line 3: key "a" already set in map', 'line 4: key "b" already set in map']
    expect(strictMessage({ unknown: [{ path: 'c' }], duplicates: ['a', 'b'], repeated })).toBe(
      `strict decoding error: yaml: unmarshal errors:\n  ${repeated.join('\n  ')}, unknown field "c"`,
    )
  })

  test('tells the faults of JSON in its order, and none inside of an unknown field', () => {
    const json = '{"spec":{"a":{"b":1,"b":2},"replicas":1,"z":1,"replicas":2,"a":{},"y":[{"c":1,"c":2}]}}'
    const unknown = ['spec.a', 'spec.z', 'spec.y'].map((path) => ({ path }))
    const duplicates = ['spec.a.b', 'spec.replicas', 'spec.a', 'spec.y[0].c']
    expect(strictFaults({ unknown, duplicates, json })).toEqual([
      'unknown field "spec.a"',
      'unknown field "spec.z"',
      'duplicate field "spec.replicas"',
      'unknown field "spec.y"',
    ])
  })

  const container = (fields: object) => ({ containers: [{ name: 'c', ...fields }] })
  const mismatches = [
    [
      container({ env: [{ name: 'A', value: 1 }] }),
      'number into Go struct field EnvVar.spec.containers.env.value of type string',
    ],
    [
      container({ ports: [{ containerPort: '80' }] }),
      'string into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32',
    ],
    [{ hostNetwork: 'yes' }, 'string into Go struct field PodSpec.spec.hostNetwork of type bool'],
    [{ containers: { name: 'c' } }, 'object into Go struct field PodSpec.spec.containers of type []v1.Container'],
    [{ containers: 'c' }, 'string into Go struct field PodSpec.spec.containers of type []v1.Container'],
    [
      container({ command: 'sleep 1' }),
      'string into Go struct field Container.spec.containers.command of type []string',
    ],
    [
      { activeDeadlineSeconds: 1.5 },
      'number 1.5 into Go struct field PodSpec.spec.activeDeadlineSeconds of type int64',
    ],
    [{ priority: 2 ** 31 }, 'number 2147483648 into Go struct field PodSpec.spec.priority of type int32'],
    [{ restartPolicy: 1 }, 'number into Go struct field PodSpec.spec.restartPolicy of type v1.RestartPolicy'],
    [{ securityContext: [] }, 'array into Go struct field PodSpec.spec.securityContext of type v1.PodSecurityContext'],
    [
      container({ resources: { limits: [] } }),
      'array into Go struct field ResourceRequirements.spec.containers.resources.limits of type v1.ResourceList',
    ],
    [
      container({ livenessProbe: { httpGet: { port: 1.5 } } }),
      'number 1.5 into Go struct field HTTPGetAction.spec.containers.livenessProbe.ProbeHandler.httpGet.port of type int32',
    ],
  ] as const
  for (const [spec, message] of mismatches) {
    test(`refuses ${message.slice(0, 60)}`, () => {
      expect(() => decodePod(spec)).toThrow(`json: cannot unmarshal ${message}`)
    })
  }

  const faults = [
    [
      { labels: { n: 1 } },
      'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string',
    ],
    [
      { labels: ['a'] },
      'json: cannot unmarshal array into Go struct field ObjectMeta.metadata.labels of type map[string]string',
    ],
    [{ creationTimestamp: 'x' }, 'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"'],
    [
      { creationTimestamp: 'é"\\\n' },
      String.raw`parsing time "\xc3\xa9\"\\\x0a" as "2006-01-02T15:04:05Z07:00": cannot parse "\xc3\xa9\"\\\x0a" as "2006"`,
    ],
    [{ creationTimestamp: '2026-02-30T00:00:00Z' }, 'parsing time "2026-02-30T00:00:00Z": day out of range'],
    [
      { creationTimestamp: 5 },
      'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.creationTimestamp of type string',
    ],
    [{ annotations: JSON.parse('{"__proto__":"x"}') as object }, 'the key "__proto__" is not accepted'],
  ] as const
  for (const [metadata, message] of faults) {
    test(`refuses ${JSON.stringify(metadata)}`, () => expect(() => decodePod({}, metadata)).toThrow(message))
  }

  test('refuses bad quantities and bad base64', () => {
    expect(() => decodePod(container({ resources: { limits: { memory: 'lots' } } }))).toThrow('quantities must match')
    expect(() => decode({ data: { a: 'a-b' } }, 'core/v1.Secret')).toThrow('illegal base64 data at input byte 1')
  })

  test('reads schemas that may be a list, a boolean or texts', () => {
    const schema = {
      items: { type: 'string' },
      additionalProperties: true,
      dependencies: { a: ['b'], c: { type: 'object' } },
      properties: { any: { default: { x: [1] }, unheardOf: 1 } },
    }
    const { value, unknown } = decode(schema, 'apiextensions/v1.JSONSchemaProps')
    expect(value).toEqual({ ...schema, properties: { any: { default: { x: [1] } } } })
    expect(unknown.map((field) => field.path)).toEqual(['properties.any.unheardOf'])
  })
})

describe('what the API server says of a body it cannot take', () => {
  const body = (text: string) => Buffer.from(text)
  test('names both kinds when the body has one', () => {
    expect(undecodableMessage({ kind: 'Pod', given: { kind: 'Pod', version: 'v1' } }, 'why', body('{}'))).toBe(
      'Pod in version "v1" cannot be handled as a Pod: why',
    )
  })
  test('shows the start of a body without a kind', () => {
    const long = `{"a":"${'x'.repeat(40)}"}`
    expect(undecodableMessage({ kind: 'Pod' }, 'why', body(long))).toBe(
      `the object provided is unrecognized (must be of type Pod): why (${long.slice(0, 30)} ...)`,
    )
    expect(undecodableMessage({ kind: 'Pod' }, 'why', body(''))).toContain('(<empty>)')
    expect(undecodableMessage({ kind: 'Pod' }, 'why', body('[]'))).toContain('(5b5d)')
  })
  test('tells why apiVersion and kind cannot be read', () => {
    expect(readTypeMeta({ apiVersion: 'v1', kind: 'Pod' })).toEqual({ apiVersion: 'v1', kind: 'Pod' })
    expect(readTypeMeta([])).toMatchObject({
      why: expect.stringContaining('cannot unmarshal array into Go value of type struct') as string,
    })
    expect(readTypeMeta({ kind: 5 })).toEqual({
      why: "couldn't get version/kind; json parse error: json: cannot unmarshal number into Go struct field .kind of type string",
    })
  })
})
