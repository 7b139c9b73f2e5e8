import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type Hostile, startHostile } from '../http/hostile-client.ts'

const ACCESS = '/apis/authorization.k8s.io/v1'
const IDENTITY = '/apis/authentication.k8s.io/v1'
const ACCOUNTS = '/api/v1/namespaces/default/serviceaccounts'

let server: Hostile
beforeAll(async () => {
  server = await startHostile()
  await post(ACCOUNTS, { metadata: { name: 'default' } })
})
afterAll(() => server.close())

async function post(path: string, body: object) {
  const answer = await server.ask({ method: 'POST', path, type: 'application/json', body: JSON.stringify(body) })
  return { status: answer.status, body: JSON.parse(answer.body) as Record<string, unknown> }
}

const pods = { verb: 'get', resource: 'pods' }
const nothing = 'spec.resourceAttributes: Invalid value: null: exactly one of'
const nobody = 'spec.user: Invalid value: "": at least one of user or group must be specified'

describe('a question about access', () => {
  const faults: [kind: string, body: object, fault: string][] = [
    ['subjectaccessreviews', { spec: {} }, nothing],
    ['subjectaccessreviews', { spec: {} }, nobody],
    [
      'subjectaccessreviews',
      { spec: { user: 'bob', resourceAttributes: pods, nonResourceAttributes: { path: '/' } } },
      'Invalid value: {"Path":"/","Verb":""}: cannot be specified in combination with resourceAttributes',
    ],
    ['selfsubjectaccessreviews', { metadata: { name: 'x' }, spec: { resourceAttributes: pods } }, ': must be empty'],
    [
      'selfsubjectaccessreviews',
      { spec: { resourceAttributes: { labelSelector: {} } } },
      'when spec.resourceAttributes.labelSelector is specified, requirements or rawSelector is required',
    ],
    [
      'selfsubjectaccessreviews',
      { spec: { resourceAttributes: { fieldSelector: { rawSelector: 'a', requirements: [{ key: 'a' }] } } } },
      'fieldSelector.rawSelector: Invalid value: "a": may not specified at the same time as requirements',
    ],
    [
      'namespaces/default/localsubjectaccessreviews',
      { spec: { user: 'bob', resourceAttributes: { ...pods, namespace: 'other' } } },
      'spec.resourceAttributes.namespace: Invalid value: "other": must match metadata.namespace',
    ],
    [
      'namespaces/default/localsubjectaccessreviews',
      { spec: { user: 'bob', nonResourceAttributes: { path: '/' } } },
      'disallowed on this kind of request',
    ],
  ]
  for (const [kind, body, fault] of faults) {
    test(`of ${kind} is refused: ${fault}`, async () => {
      const { status, body: answer } = await post(`${ACCESS}/${kind}`, body)
      expect(status).toBe(422)
      expect(answer.message).toContain('.authorization.k8s.io "" is invalid: ')
      expect(answer.message).toContain(fault)
      expect(answer.details).not.toHaveProperty('kind')
    })
  }

  const unread: [selectors: object, error: string | undefined][] = [
    [{ fieldSelector: { rawSelector: 'a=b' }, labelSelector: { rawSelector: 'a in (b)' } }, undefined],
    [{ fieldSelector: { rawSelector: 'a/b' } }, 'spec.resourceAttributes.fieldSelector ignored due to parse error'],
    [{ labelSelector: { rawSelector: 'a in (b' } }, 'spec.resourceAttributes.labelSelector ignored due to parse error'],
    [
      {
        fieldSelector: {
          requirements: [
            { key: 'a', operator: 'In', values: ['b'] },
            { key: 'c', operator: 'Exists' },
          ],
        },
      },
      'spec.resourceAttributes.fieldSelector partially ignored due to parse error',
    ],
  ]
  test.each(unread)('with %j is answered with what of it nobody could read: %s', async (selectors, error) => {
    const resourceAttributes = { ...pods, verb: 'list', ...selectors }
    const { body } = await post(`${ACCESS}/subjectaccessreviews`, { spec: { user: 'bob', resourceAttributes } })
    expect((body['status'] as { evaluationError?: string }).evaluationError).toBe(error)
  })

  test('is answered with the question, and whose it was', async () => {
    const spec = { user: 'bob', groups: ['system:masters'], resourceAttributes: pods }
    const { status, body } = await post(`${ACCESS}/subjectaccessreviews`, { spec })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      spec,
      status: { allowed: true },
      metadata: { managedFields: [{ operation: 'Update' }] },
    })
  })
})

test('one who asks who they are learns which of their certificates they showed', async () => {
  const { body } = await post(`${IDENTITY}/selfsubjectreviews`, {})
  expect(body).toMatchObject({
    metadata: { creationTimestamp: expect.any(String) },
    status: {
      userInfo: {
        username: 'kubernetes-admin',
        extra: { 'authentication.kubernetes.io/credential-id': [expect.stringMatching(/^X509SHA256=[0-9a-f]{64}$/)] },
      },
    },
  })
})

describe('a request for a token', () => {
  const faults: [body: object, status: number, fault: string][] = [
    [{ metadata: { name: 'other' } }, 422, 'must match the service account name if specified'],
    [{ spec: { boundObjectRef: { kind: 'Foo', name: 'a' } } }, 400, 'cannot bind token to object of type /, Kind=Foo'],
    [
      { spec: { boundObjectRef: { kind: 'Pod', apiVersion: 'apps/v1', name: 'a' } } },
      400,
      'cannot bind token to object of type apps/v1, Kind=Pod',
    ],
    [{ spec: { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'a' } } }, 404, 'pods "a" not found'],
  ]
  for (const [body, status, fault] of faults) {
    test(`is refused: ${fault}`, async () => {
      const answer = await post(`${ACCOUNTS}/default/token`, body)
      expect([answer.status, answer.body.message]).toEqual([status, expect.stringContaining(fault)])
    })
  }

  test('is answered with whom the token is for and what it is bound to', async () => {
    const { body } = await post(`${ACCOUNTS}/default/token`, {})
    expect(body).toMatchObject({
      metadata: { name: 'default', namespace: 'default', uid: expect.any(String) },
      spec: { audiences: ['https://kubernetes.default.svc.cluster.local'], boundObjectRef: null },
    })
  })
})
