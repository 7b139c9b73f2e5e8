import { beforeEach, describe, expect, test } from 'vitest'

import type { Client } from '../../client/client.ts'
import { CONFIG_MAPS, DEPLOYMENTS } from '../../client/resources.ts'
import type { PatchType } from '../../client/transport.ts'
import { answerOf } from '../admission/fixtures.ts'
import { startServer } from '../fixtures.ts'

const AT = { namespace: 'default', name: 'a' }
let client: Client
beforeEach(async () => {
  ;({ client } = await startServer())
  await client.create(CONFIG_MAPS, { metadata: AT, data: { x: '1' } })
  const labels = { app: 'a' }
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } }
  await client.create(DEPLOYMENTS, { metadata: AT, spec: { replicas: 0, selector: { matchLabels: labels }, template } })
})

describe('a patch that makes no object of its kind', () => {
  const refused = (shown: string, why: string) => ` "" is invalid: patch: Invalid value: "${shown}": ${why}`
  const strategic: [of: 'ConfigMap' | 'Deployment', patch: object, shown: string, why: string][] = [
    ['ConfigMap', { data: { a: 1 } }, 'map[data:map[a:1]]', 'cannot convert int64 to string'],
    ['ConfigMap', { data: { a: ['b', null] } }, 'map[data:map[a:[b <nil>]]]', 'unrecognized type: string'],
    ['ConfigMap', { data: 'x' }, 'map[data:x]', 'cannot restore map from string'],
    ['ConfigMap', { immutable: 'x' }, 'map[immutable:x]', 'unrecognized type: bool'],
    ['Deployment', { spec: { replicas: 'x' } }, 'map[spec:map[replicas:x]]', 'unrecognized type: int32'],
    ['Deployment', { spec: { replicas: 1.5 } }, 'map[spec:map[replicas:1.5]]', 'cannot convert float64 to int32'],
    ['Deployment', { spec: { template: 'x' } }, 'map[spec:map[template:x]]', 'cannot restore struct from: string'],
  ]
  for (const [of, patch, shown, why] of strategic) {
    test(`is told of by its Go types when it is strategic: ${shown}`, async () => {
      const ref = of === 'ConfigMap' ? CONFIG_MAPS : DEPLOYMENTS
      expect(await answerOf(client.patch(ref as typeof CONFIG_MAPS, AT, 'strategic', patch))).toBe(refused(shown, why))
    })
  }

  test('tells of unknown fields by their names, whatever their order in the patch', async () => {
    const patch = client.patch(
      CONFIG_MAPS,
      AT,
      'merge',
      { z: 1, metadata: { y: 1, x: 1 } },
      { fieldValidation: 'Strict' },
    )
    expect(await answerOf(patch)).toMatch(/unknown field "metadata.x", unknown field "metadata.y", unknown field "z"/)
  })

  const strict: [type: PatchType, body: unknown, shown: RegExp][] = [
    ['strategic', { bad: 1 }, /: "map\[bad:1\]": strict decoding error: unknown field "bad"/],
    ['merge', { bad: 1 }, /: "\{.*\\"bad\\":1.*\}": strict decoding error: unknown field "bad"/],
    ['json', [{ op: 'add', path: '/bad', value: 1 }], /: "\{.*\}": strict decoding error: unknown field "bad"/],
  ]
  for (const [type, body, shown] of strict) {
    test(`is at fault itself for fields that nobody knows: ${type}`, async () => {
      const answer = client.patch(CONFIG_MAPS, AT, type, body, { fieldValidation: 'Strict' })
      await expect(answer).rejects.toMatchObject({ status: { code: 422, reason: 'Invalid' } })
      expect(await answerOf(answer)).toMatch(shown)
    })
  }

  const kinds: [patch: object, why: string][] = [
    [{ kind: 'Secret', data: { x: 'MQ==' } }, 'converting (v1.Secret) to (core.ConfigMap): unknown conversion'],
    [{ kind: 'Secret', data: { x: '2' } }, 'illegal base64 data at input byte 0'],
    [
      { kind: 'Pod', spec: { containers: [{ image: 5 }] } },
      'json: cannot unmarshal number into Go struct field Container.spec.containers.image of type string',
    ],
    [
      { kind: 5 },
      "couldn't get version/kind; json parse error: json: cannot unmarshal number into Go struct field .kind",
    ],
    [{ apiVersion: 'v2' }, 'no kind "ConfigMap" is registered for version "v2" in scheme'],
  ]
  for (const [patch, why] of kinds) {
    test(`is at fault for another kind when it is a merge patch: ${JSON.stringify(patch)}`, async () => {
      const answer = client.patch(CONFIG_MAPS, AT, 'merge', patch)
      await expect(answer).rejects.toMatchObject({ status: { code: 422, reason: 'Invalid' } })
      expect(await answerOf(answer)).toContain(why)
    })
  }

  test('says nothing of the kind when it is strategic', async () => {
    expect(await client.patch(CONFIG_MAPS, AT, 'strategic', { kind: 'Secret', apiVersion: 'v2' })).toMatchObject({
      kind: 'ConfigMap',
      apiVersion: 'v1',
    })
  })

  test('is warned of fields that no operation has', async () => {
    const patch = [{ op: 'test', path: '/data/x', value: '1', foo: 1 }]
    const answer = client.patch(CONFIG_MAPS, AT, 'json', patch, { fieldValidation: 'Strict' })
    expect(await answerOf(answer)).toMatch(/: strict decoding error: json patch unknown field "\[0\]\.foo"$/)
  })

  test('cannot say when an object was made', async () => {
    const before = await client.get(CONFIG_MAPS, AT)
    const { metadata } = await client.patch(CONFIG_MAPS, AT, 'merge', {
      metadata: { creationTimestamp: '2001-01-01T00:00:00Z' },
    })
    expect(metadata.creationTimestamp).toBe(before.metadata.creationTimestamp)
  })

  test('is at fault for values of other types in a merge patch', async () => {
    expect(await answerOf(client.patch(CONFIG_MAPS, AT, 'merge', { data: { a: 1 } }))).toMatch(
      /^ "" is invalid: patch: Invalid value: "\{.*\}": json: cannot unmarshal number into Go struct field ConfigMap\.data of type string$/,
    )
  })
})

test('an apply must know every field, whatever validation is asked for', async () => {
  const applied = { apiVersion: 'v1', kind: 'ConfigMap', metadata: AT, bad: 1 }
  const options = { fieldManager: 'm', fieldValidation: 'Ignore' } as const
  expect(await answerOf(client.patch(CONFIG_MAPS, AT, 'apply', applied, options))).toBe(
    'failed to create typed patch object (default/a; /v1, Kind=ConfigMap): .bad: field not declared in schema',
  )
})

const told = 'failed to convert new object (default/a; apps/v1, Kind=Deployment) to proper version: unable to convert '
const typed = 'failed to create typed patch object (default/a; apps/v1, Kind=Deployment): '
const surge = (maxSurge: unknown) => ({ strategy: { rollingUpdate: { maxSurge } } })
const cpu = (amount: unknown) => ({ template: { spec: { overhead: { cpu: amount } } } })
const unreadable: [spec: object, why: string][] = [
  [{ minReadySeconds: 1.5 }, `${told}unstructured object to apps/v1, Kind=Deployment: cannot convert float64 to int32`],
  [
    surge({}),
    `${told}unstructured object to apps/v1, Kind=Deployment: json: cannot unmarshal object into Go value of type int32`,
  ],
  [cpu({}), `${typed}.spec.template.spec.overhead.cpu: expected any scalar, got &{map[]}`],
  [cpu('1e'), `${told}unstructured object to apps/v1, Kind=Deployment: unable to parse quantity's suffix`],
  [cpu([1]), `${typed}.spec.template.spec.overhead.cpu: expected any scalar, got &{[1]}`],
]
for (const [spec, why] of unreadable) {
  test(`an apply of values that nobody can read is refused as Kubernetes does: ${JSON.stringify(spec)}`, async () => {
    const applied = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: AT, spec }
    expect(await answerOf(client.patch(DEPLOYMENTS, AT, 'apply', applied, { fieldManager: 'm', force: true }))).toBe(
      why,
    )
  })
}

test('an applied configuration that nobody can read is called as it calls itself', async () => {
  const applied = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' }, spec: { minReadySeconds: 1.5 } }
  expect(await answerOf(client.patch(DEPLOYMENTS, AT, 'apply', applied, { fieldManager: 'm' }))).toContain(
    'failed to convert new object (/a; apps/v1, Kind=Deployment) to proper version',
  )
})

for (const type of ['strategic', 'apply'] as const) {
  test(`a number that is too large is cut to its bits and judged then: ${type}`, async () => {
    const patch = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: AT, spec: { minReadySeconds: 3_000_000_000 } }
    const options = type === 'apply' ? { fieldManager: 'm' } : {}
    expect(await answerOf(client.patch(DEPLOYMENTS, AT, type, patch, options))).toBe(
      'Deployment.apps "a" is invalid: spec.minReadySeconds: Invalid value: -1294967296: must be greater than or equal to 0',
    )
  })
}

test('a number that is too large and not judged is there as what its bits say', async () => {
  const patch = { apiVersion: 'apps/v1', kind: 'Deployment', spec: { replicas: 4_294_967_299 } }
  const made = await client.patch(DEPLOYMENTS, AT, 'apply', patch, { fieldManager: 'm', force: true })
  expect(made.spec?.replicas).toBe(3)
})

test('a patch cannot give another name', async () => {
  for (const type of ['merge', 'strategic'] as const) {
    expect(await answerOf(client.patch(CONFIG_MAPS, AT, type, { metadata: { name: 'b' } }))).toBe(
      'the name of the object (b) does not match the name on the URL (a)',
    )
  }
})
