import { describe, expect, test } from 'vitest'
import type { CertificateSigningRequest } from '../../api/generated/certificates-v1.ts'
import {
  CERTIFICATE_SIGNING_REQUESTS,
  CLUSTER_ROLES,
  CLUSTER_ROLE_BINDINGS,
  NODES,
  PODS,
} from '../../client/resources.ts'
import { answerOf, aPod } from './fixtures.ts'
import { startServer } from '../fixtures.ts'

describe('certificates', () => {
  /** Made by `openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj …`, as base64. */
  const EVE =
    'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlISE1IQUNBUUF3RGpFTU1Bb0dBMVVFQXd3RFpYWmxNRmt3RXdZSEtvWkl6ajBDQVFZSUtvWkl6ajBEQVFjRApRZ0FFd1NoczYwMUxBTkxqTEJhYUJXNVFxZm5vYnZta1hRTWt3eGgycW9MV2IweTRjcHVpcGFBVFVUOFpVRnNUCjdzK2VBd1Nwb0YydlhXRXdOdnJ0cGZXSUM2QUFNQW9HQ0NxR1NNNDlCQU1DQTBjQU1FUUNJR2QwUFAyNVNwZU4KdVlFRTk1KzY4Z1M2a0phbW5TTENVVzAyZDNZQlQyaVFBaUEzd3FXMU4veHNhOGkwbkQ0VFArdE92YVYySG5HcQpLRFFnZkVNYlg5OU83Zz09Ci0tLS0tRU5EIENFUlRJRklDQVRFIFJFUVVFU1QtLS0tLQo='
  const EVE_THE_MASTER =
    'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIaU1JR0pBZ0VBTUNjeEZ6QVZCZ05WQkFvTURuTjVjM1JsYlRwdFlYTjBaWEp6TVF3d0NnWURWUVFEREFObApkbVV3V1RBVEJnY3Foa2pPUFFJQkJnZ3Foa2pPUFFNQkJ3TkNBQVFIOTN0TFByYTFBUVVIYis1eFgxc3ZPOFJ1ClJPWVk4eHV0ZUF5RW1FUUtwc21VSXV2OHFwM3ZDendCRkhZejNUUXdJeVFRanNmZDZoNFVoSlJMTW9kVm9BQXcKQ2dZSUtvWkl6ajBFQXdJRFNBQXdSUUlnTm9VZk1KZWY1MXpPdHJIa2s2aG9GNy9KWkwxUHJ6NUJqUVRrRWJjMgpaWGtDSVFDbXdLQzNydFYycUptUFVGVVF5eUU5UlVjNUFtaWxJK1NCMlJtMHFEUXNmQT09Ci0tLS0tRU5EIENFUlRJRklDQVRFIFJFUVVFU1QtLS0tLQo='

  const asking = (request: string): CertificateSigningRequest => ({
    metadata: { name: 'c' },
    spec: {
      request,
      signerName: 'kubernetes.io/kube-apiserver-client',
      usages: ['client auth'],
      username: 'somebody-else',
    },
  })
  const approve = { status: { conditions: [{ type: 'Approved', status: 'True', reason: 'R', message: 'm' }] } }

  test('note who asks, whatever the request says', async () => {
    const { client } = await startServer()
    const { spec } = await client.create(CERTIFICATE_SIGNING_REQUESTS, asking(EVE))
    expect(spec).toMatchObject({ username: 'admin', groups: ['system:masters', 'system:authenticated'] })
  })

  test('make nobody a master', async () => {
    const { client } = await startServer()
    expect(await answerOf(client.create(CERTIFICATE_SIGNING_REQUESTS, asking(EVE_THE_MASTER)))).toBe(
      'certificatesigningrequests.certificates.k8s.io "c" is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
    )
  })

  test('are approved by those who may approve for the signer', async () => {
    const { client, clientFor } = await startServer()
    await client.create(CERTIFICATE_SIGNING_REQUESTS, asking(EVE))
    const rule = {
      apiGroups: ['certificates.k8s.io'],
      resources: ['certificatesigningrequests', 'certificatesigningrequests/approval'],
      verbs: ['*'],
    }
    await client.create(CLUSTER_ROLES, { metadata: { name: 'r' }, rules: [rule] })
    await client.create(CLUSTER_ROLE_BINDINGS, {
      metadata: { name: 'r' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'r' },
      subjects: [{ kind: 'User', name: 'bob', apiGroup: 'rbac.authorization.k8s.io' }],
    })
    const options = { subresource: 'approval' }
    const asBob = clientFor('bob').patch(CERTIFICATE_SIGNING_REQUESTS, { name: 'c' }, 'merge', approve, options)
    expect(await answerOf(asBob)).toBe(
      'certificatesigningrequests.certificates.k8s.io "c" is forbidden: user not permitted to approve requests with signerName "kubernetes.io/kube-apiserver-client"',
    )
    const done = await client.patch(CERTIFICATE_SIGNING_REQUESTS, { name: 'c' }, 'merge', approve, options)
    expect(done.status?.conditions).toMatchObject([{ type: 'Approved' }])
  })

  test('take any condition where they are approved, and say since when it holds', async () => {
    const { client } = await startServer()
    await client.create(CERTIFICATE_SIGNING_REQUESTS, asking(EVE))
    const condition = { type: 'Seen', status: 'True', reason: 'Test' }
    const seen = { metadata: { annotations: { seen: 'yes' } }, status: { conditions: [condition] } }
    const options = { subresource: 'approval' }
    const done = await client.patch(CERTIFICATE_SIGNING_REQUESTS, { name: 'c' }, 'merge', seen, options)
    expect(done.metadata?.annotations).toEqual({ seen: 'yes' })
    const time = expect.stringMatching(/^\d{4}-.*Z$/) as string
    expect(done.status?.conditions).toEqual([{ ...condition, lastUpdateTime: time, lastTransitionTime: time }])
  })
})

describe('PodResizeValidator', () => {
  test('lets no Pod grow beyond its node', async () => {
    const { client } = await startServer()
    await client.create(NODES, { metadata: { name: 'n' } })
    const status = { status: { allocatable: { cpu: '4', memory: '1Gi' } } }
    await client.patch(NODES, { name: 'n' }, 'merge', status, { subresource: 'status' })
    const containers = [{ name: 'c', image: 'i', resources: { requests: { cpu: '1', memory: '1Mi' } } }]
    await client.create(PODS, aPod('p', { nodeName: 'n', containers }))
    const resize = (requests: object) =>
      client.patch(
        PODS,
        { namespace: 'default', name: 'p' },
        'strategic',
        { spec: { containers: [{ name: 'c', resources: { requests } }] } },
        { subresource: 'resize' },
      )
    expect(await answerOf(resize({ cpu: '4' }))).toBe('allowed')
    expect(await answerOf(resize({ cpu: '5', memory: '2Gi' }))).toBe(
      'pods "p" is forbidden: node didn\'t have enough allocatable resources: cpu, requested: 5000, allocatable: 4000; memory, requested: 2147483648, allocatable: 1073741824',
    )
    await expect(resize({ cpu: '5' })).rejects.toMatchObject({
      status: { code: 403, details: { causes: [{ reason: 'NodeCapacity' }] } },
    })
  })
})
