import { describe, expect, test } from 'vitest'
import { turnsDuring } from '../../../base/async/turns-during.ts'
import type { ValidatingAdmissionPolicySpec } from '../../../api/generated/admissionregistration-v1.ts'
import type { Eviction } from '../../../api/generated/policy-v1.ts'
import {
  CONFIG_MAPS,
  DEPLOYMENTS,
  NAMESPACES,
  PODS,
  VALIDATING_ADMISSION_POLICIES,
  VALIDATING_ADMISSION_POLICY_BINDINGS,
} from '../../../client/resources.ts'
import { hasReason, isApiError } from '../../../meta/errors.ts'
import { startServer } from '../../fixtures.ts'
import { answerOf, aPod } from '../fixtures.ts'
import { type BindingOptions, putPolicy, ruleFor } from './fixtures.ts'

const aConfigMap = (data: Record<string, string> = { a: '1' }) => ({
  metadata: { name: 'c', namespace: 'default' },
  data,
})

/** What becomes of a ConfigMap under a policy; `allowed`, or why the policy denied it. */
async function verdict(spec: ValidatingAdmissionPolicySpec, options: BindingOptions = {}): Promise<string> {
  const { client } = await startServer()
  await client.create(CONFIG_MAPS, { metadata: { name: 'params', namespace: 'default' }, data: { limit: '2' } })
  await putPolicy(client, spec, options)
  return why(await answerOf(client.create(CONFIG_MAPS, aConfigMap())))
}

const why = (answer: string): string => answer.replace(/^.* denied request: /, '')

test('an expression fails when its variables need more of each other than can be evaluated', async () => {
  const step = (_: unknown, at: number) => ({ name: `v${at + 1}`, expression: `variables.v${at} + 1` })
  const variables = [{ name: 'v0', expression: '1' }, ...Array.from({ length: 6_000 }, step)]
  const expression = (last: string) => ({ variables, validations: [{ expression: `variables.${last} > 0` }] })
  expect(await verdict(expression('v6000'))).toContain('expression is nested too deeply to be evaluated')
  expect(await verdict(expression('v100'))).toBe('allowed')
})

describe('a validating admission policy', () => {
  const failing = { expression: 'object.spec.none == 1' }
  const failure = "expression 'object.spec.none == 1' resulted in error: no such key: spec"
  const cases: readonly { when: string; spec: ValidatingAdmissionPolicySpec; says: string }[] = [
    { when: 'all holds', spec: { validations: [{ expression: 'object.data.a == "1"' }] }, says: 'allowed' },
    { when: 'something does not', spec: { validations: [{ expression: '1 > 2' }] }, says: 'failed expression: 1 > 2' },
    { when: 'it has a message', spec: { validations: [{ expression: 'false', message: 'no way' }] }, says: 'no way' },
    {
      when: 'its message is made',
      spec: { validations: [{ expression: 'false', messageExpression: '"no " + object.metadata.name', message: 'x' }] },
      says: 'no c',
    },
    {
      when: 'its message cannot be made',
      spec: { validations: [{ expression: 'false', messageExpression: 'string(object.none)', message: 'x' }] },
      says: 'x',
    },
    { when: 'it fails', spec: { validations: [failing] }, says: failure },
    { when: 'it may fail', spec: { failurePolicy: 'Ignore', validations: [failing] }, says: 'allowed' },
    {
      when: 'a variable decides',
      spec: {
        variables: [
          { name: 'a', expression: 'int(object.data.a)' },
          { name: 'b', expression: 'variables.a + 1' },
        ],
        validations: [{ expression: 'variables.b > 2', messageExpression: '"b is " + string(variables.b)' }],
      },
      says: 'b is 2',
    },
    {
      when: 'a variable fails',
      spec: {
        variables: [{ name: 'a', expression: 'object.none' }],
        validations: [{ expression: 'variables.a == 1' }],
      },
      says: `expression 'variables.a == 1' resulted in error: composited variable "a" fails to evaluate: no such key: none`,
    },
    {
      when: 'a condition does not hold',
      spec: {
        matchConditions: [
          { name: 'x', expression: 'object.none == 1' },
          { name: 'y', expression: 'false' },
        ],
        validations: [{ expression: 'false' }],
      },
      says: 'allowed',
    },
    {
      when: 'an annotation fails',
      spec: { auditAnnotations: [{ key: 'k', valueExpression: 'string(object.none)' }] },
      says: "expression 'string(object.none)' resulted in error: no such key: none",
    },
    {
      when: 'it costs too much',
      spec: {
        validations: Array.from({ length: 30 }, () => ({
          expression: 'authorizer.group("").resource("pods").check("get").allowed()',
        })),
      },
      says: 'validation failed due to running out of cost budget, no further validation rules will be run',
    },
  ]
  for (const { when, spec, says } of cases) {
    test(`says "${says.slice(0, 60)}" where ${when}`, async () => {
      expect(await verdict(spec)).toBe(says)
    })
  }

  test('answers with the reason of the validation, and what denied the request as its cause', async () => {
    const { client } = await startServer()
    await putPolicy(client, { validations: [{ expression: 'false', message: 'big', reason: 'RequestEntityTooLarge' }] })
    const error: unknown = await client.create(CONFIG_MAPS, aConfigMap()).catch((refused: unknown) => refused)
    expect(isApiError(error) && error.status).toMatchObject({
      code: 413,
      reason: 'RequestEntityTooLarge',
      message: `configmaps "c" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: big`,
      details: { causes: [{ message: `ValidatingAdmissionPolicy 'p' with binding 'b' denied request: big` }] },
    })
  })

  describe('with parameters', () => {
    const spec = {
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      validations: [{ expression: 'params != null && object.data.a == params.data.limit' }],
    }
    const said = 'failed expression: params != null && object.data.a == params.data.limit'
    const noParams =
      'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction'
    test.each([
      ['by name', { name: 'params', parameterNotFoundAction: 'Deny' }, said],
      ['by labels', { selector: {}, parameterNotFoundAction: 'Deny' }, said],
      ['that are missing', { name: 'none', parameterNotFoundAction: 'Deny' }, noParams],
      ['that may be missing', { name: 'none', parameterNotFoundAction: 'Allow' }, 'allowed'],
    ])('reads those %s', async (_, paramRef, says) => {
      expect(await verdict(spec, { paramRef })).toBe(says)
    })

    test('of a kind that nobody serves cannot be followed', async () => {
      const unknown = { ...spec, paramKind: { apiVersion: 'nope.io/v1', kind: 'Foo' } }
      expect(await verdict(unknown)).toBe(
        "failed to configure policy: failed to find resource referenced by paramKind: 'nope.io/v1, Kind=Foo'",
      )
    })
  })

  test('is seen at once, and so is that it or its binding went', async () => {
    const { client } = await startServer()
    const attempt = () => answerOf(client.create(CONFIG_MAPS, aConfigMap(), { dryRun: true }))
    await putPolicy(client, { validations: [{ expression: 'false', message: 'first' }] })
    expect(why(await attempt())).toBe('first')
    const change = { spec: { validations: [{ expression: 'false', message: 'second' }] } }
    await client.patch(VALIDATING_ADMISSION_POLICIES, { name: 'p' }, 'merge', change)
    expect(why(await attempt())).toBe('second')
    await client.delete(VALIDATING_ADMISSION_POLICY_BINDINGS, { name: 'b' })
    expect(await attempt()).toBe('allowed')
  })

  test('never speaks about policies', async () => {
    const { client } = await startServer()
    const resourceRules = [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*' as const], resources: ['*/*'] }]
    await putPolicy(client, { matchConstraints: { resourceRules }, validations: [{ expression: 'false' }] })
    expect(await answerOf(client.create(NAMESPACES, { metadata: { name: 'x' } }))).toContain('denied request')
    expect(await answerOf(client.delete(VALIDATING_ADMISSION_POLICIES, { name: 'p' }))).toBe('allowed')
  })

  test('sees a Scale as one, and what is evicted by the eviction', async () => {
    const { client } = await startServer()
    const resources = 'pods/eviction deployments/scale'
    const rule = { ...ruleFor(resources, '*'), apiGroups: ['*'] }
    const messageExpression = 'object.kind + " " + request.kind.kind + " " + request.operation'
    await putPolicy(client, {
      matchConstraints: { resourceRules: [rule] },
      validations: [{ expression: 'false', messageExpression }],
    })
    const labels = { app: 'a' }
    const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } }
    const key = { name: 'd', namespace: 'default' }
    await client.create(DEPLOYMENTS, { metadata: key, spec: { selector: { matchLabels: labels }, template } })
    const scaled = client.patch(DEPLOYMENTS, key, 'merge', { spec: { replicas: 2 } }, { subresource: 'scale' })
    expect(why(await answerOf(scaled))).toBe('Scale Scale UPDATE')
    await client.create(PODS, aPod('a'))
    const eviction: Eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'a' } }
    const at = { name: 'a', namespace: 'default', subresource: 'eviction' }
    const evicted = await client
      .create(PODS, { ...eviction, metadata: at } as never, at)
      .catch((error: unknown) => error)
    expect(hasReason(evicted, 'Invalid') && why(evicted.message)).toBe('Eviction Eviction CREATE')
  })
})

test('others have their turn while very many expressions are evaluated', async () => {
  const { client } = await startServer()
  const validations = Array.from({ length: 1_000 }, (_, i) => ({
    expression: `object.data.a != "${'x'.repeat(100)}${i}"`,
  }))
  await putPolicy(client, { validations })
  expect(await turnsDuring(client.create(CONFIG_MAPS, aConfigMap()))).toBeGreaterThan(8)
})
