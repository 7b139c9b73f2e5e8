import { describe, expect, test } from 'vitest'
import type { MutatingAdmissionPolicySpec, Mutation } from '../../../api/generated/admissionregistration-v1.ts'
import { CONFIG_MAPS, DEPLOYMENTS, PODS } from '../../../client/resources.ts'
import { isApiError } from '../../../meta/errors.ts'
import { startServer } from '../../fixtures.ts'
import { answerOf, aPod } from '../fixtures.ts'
import { putMutation, ruleFor } from './fixtures.ts'

const apply = (expression: string): Mutation => ({
  patchType: 'ApplyConfiguration',
  applyConfiguration: { expression },
})
const patch = (expression: string): Mutation => ({ patchType: 'JSONPatch', jsonPatch: { expression } })
const configMap = { metadata: { name: 'c', namespace: 'default', labels: { l: '1' } }, data: { a: '1' } }

/** The data of a ConfigMap that was made under a policy, or why it was not. */
async function outcome(spec: MutatingAdmissionPolicySpec): Promise<unknown> {
  const { client } = await startServer()
  await putMutation(client, 'p', spec)
  try {
    const made = await client.create(CONFIG_MAPS, configMap)
    expect(made.metadata.uid).toBeDefined()
    return made.data
  } catch (error) {
    if (!isApiError(error)) throw error
    return error.message
  }
}

describe('a mutating admission policy', () => {
  const cases: readonly { does: string; spec: MutatingAdmissionPolicySpec; gives: unknown }[] = [
    {
      does: 'applies a configuration',
      spec: { mutations: [apply('Object{data: {"b": object.data.a + "!"}}')] },
      gives: { a: '1', b: '1!' },
    },
    {
      does: 'makes changes in order',
      spec: { mutations: [apply('Object{data: {"b": "2"}}'), apply('Object{data: {"c": object.data.b + "3"}}')] },
      gives: { a: '1', b: '2', c: '23' },
    },
    {
      does: 'patches',
      spec: { mutations: [patch('[JSONPatch{op: "move", from: "/data/a", path: "/data/z"}]')] },
      gives: { z: '1' },
    },
    {
      does: 'patches nothing where a test fails',
      spec: {
        mutations: [
          patch('[JSONPatch{op: "test", path: "/data/a", value: "9"}, JSONPatch{op: "remove", path: "/data/a"}]'),
        ],
      },
      gives: { a: '1' },
    },
    {
      does: 'changes nothing where a condition does not hold',
      spec: { matchConditions: [{ name: 'c', expression: 'false' }], mutations: [apply('Object{data: {"b": "2"}}')] },
      gives: { a: '1' },
    },
    {
      does: 'refuses fields that there are not',
      spec: { mutations: [apply('Object{spec: Object.spec{x: 1}}')] },
      gives: `policy 'p' with binding 'p-b' denied request: error applying patch: failed to convert patch object to typed object: .spec: field not declared in schema`,
    },
    {
      does: 'refuses objects that stand in the wrong field',
      spec: { mutations: [apply('Object{metadata: Object.data{labels: {"a": "b"}}}')] },
      gives: `policy 'p' with binding 'p-b' denied request: type mismatch: unexpected type name "Object.data", expected "Object.metadata", which matches field name path from root Object type`,
    },
    {
      does: 'denies what it fails about',
      spec: { mutations: [apply('Object{data: {"b": object.none}}')] },
      gives: `policy 'p' with binding 'p-b' denied request: expression 'Object{data: {"b": object.none}}' resulted in error: no such key: none`,
    },
    {
      does: 'is passed over where it may fail',
      spec: { failurePolicy: 'Ignore', mutations: [apply('Object{data: {"b": object.none}}')] },
      gives: { a: '1' },
    },
  ]
  for (const { does, spec, gives } of cases) {
    test(`${does}`, async () => {
      expect(await outcome(spec)).toEqual(gives)
    })
  }

  test('cannot move an object to another namespace, neither a new one nor one that is there', async () => {
    const { client } = await startServer()
    await client.create(CONFIG_MAPS, { ...configMap, metadata: { ...configMap.metadata, name: 'there' } })
    await putMutation(client, 'p', {
      matchConstraints: { resourceRules: [ruleFor('configmaps')] },
      mutations: [patch('[JSONPatch{op: "replace", path: "/metadata/namespace", value: "kube-system"}]')],
    })
    const words = 'the namespace of the provided object does not match the namespace sent on the request'
    await expect(client.create(CONFIG_MAPS, configMap)).rejects.toThrow(words)
    const at = { namespace: 'default', name: 'there' }
    await expect(client.patch(CONFIG_MAPS, at, 'merge', { data: { a: '2' } })).rejects.toThrow(words)
    expect(
      (await client.list(CONFIG_MAPS, { namespace: 'kube-system' })).items.map(({ metadata }) => metadata.name),
    ).not.toContain('c')
  })

  test('names why it denies, as Invalid with the code of Forbidden', async () => {
    const { client } = await startServer()
    await putMutation(client, 'p', { mutations: [apply('Object{data: {"b": object.none}}')] })
    const error: unknown = await client.create(CONFIG_MAPS, configMap).catch((refused: unknown) => refused)
    expect(isApiError(error) && error.status).toMatchObject({ code: 403, reason: 'Invalid', details: { name: 'c' } })
  })

  test('adds to lists by their keys, with defaults, and leaves lists and maps that are one whole alone', async () => {
    const { client } = await startServer()
    const about = (resources: string, group: string) => ({
      matchConstraints: { resourceRules: [{ ...ruleFor(resources, 'CREATE'), apiGroups: [group] }] },
    })
    const container = 'Object.spec.containers{name: "side", image: "i"}'
    await putMutation(client, 'side', {
      ...about('pods', ''),
      mutations: [apply(`Object{spec: Object.spec{containers: [${container}]}}`)],
    })
    const pod = await client.create(PODS, aPod('a'))
    expect(pod.spec?.containers.map(({ name, imagePullPolicy }) => `${name} ${imagePullPolicy}`)).toEqual([
      'c Always',
      'side Always',
    ])
    await putMutation(client, 'atomic', {
      ...about('deployments', 'apps'),
      mutations: [apply('Object{spec: Object.spec{selector: Object.spec.selector{matchLabels: {"a": "b"}}}}')],
    })
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
    const deployment = { metadata: { name: 'd', namespace: 'default' }, spec: { selector: {}, template } }
    expect(await answerOf(client.create(DEPLOYMENTS, deployment))).toContain(
      'may not mutate atomic arrays, maps or structs: .spec.selector',
    )
  })

  test('has a second turn where it asks for one and anything changed', async () => {
    const { client } = await startServer()
    const add = patch('[JSONPatch{op: "add", path: "/data/k" + string(size(object.data)), value: ""}]')
    await putMutation(client, 'once', { reinvocationPolicy: 'Never', mutations: [add] })
    await putMutation(client, 'twice', { reinvocationPolicy: 'IfNeeded', mutations: [add] })
    const { data } = await client.create(CONFIG_MAPS, configMap)
    expect(Object.keys(data ?? {})).toEqual(['a', 'k1', 'k2', 'k3'])
  })
})
