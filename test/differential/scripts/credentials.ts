/** Tokens of service accounts and certificate signing requests: their subresources and rules. */

import { CERTIFICATE_REQUEST } from '../objects/certificate-request.ts'
import { configMap, of, pod } from './objects.ts'
import { apply, at, get, jsonPatch, patch, post, put, remove, script, type Step } from './script.ts'

const account = at('serviceaccounts', 'default')
const token = (spec: unknown, more: object = {}) => ({
  apiVersion: 'authentication.k8s.io/v1',
  kind: 'TokenRequest',
  spec,
  ...more,
})
const csrs = '/apis/certificates.k8s.io/v1/certificatesigningrequests'

const scripts = () => {
  const csr = (name: string, spec: object = {}, rest: object = {}) =>
    of('certificates.k8s.io/v1', 'CertificateSigningRequest', name, {
      spec: {
        request: CERTIFICATE_REQUEST,
        signerName: 'a.io/signer',
        usages: ['client auth', 'digital signature'],
        ...spec,
      },
      ...rest,
    })
  const c = `${csrs}/$NS-c`
  const condition = (type: string, status = 'True', more: object = {}) => ({
    type,
    status,
    reason: 'R',
    message: 'm',
    ...more,
  })
  const approve = (...conditions: object[]) => csr('$NS-c', {}, { status: { conditions } })
  const changes: readonly Step[] = [
    put(`${c}/approval`, approve()),
    put(`${c}/approval`, approve(condition('Bogus'))),
    put(`${c}/approval`, approve(condition('Approved', 'False'))),
    put(`${c}/approval`, approve(condition('Approved', ''))),
    put(`${c}/approval`, approve(condition('Approved'), condition('Denied'))),
    put(`${c}/approval`, approve(condition('Approved'), condition('Approved'))),
    put(`${c}/approval`, approve({ type: 'Approved' })),
    put(`${c}/approval`, approve({ status: 'True' })),
    put(`${c}/approval?dryRun=All`, approve(condition('Approved'))),
    put(
      `${c}/approval?dryRun=All`,
      csr('$NS-c', { signerName: 'b.io/x' }, { status: { conditions: [condition('Denied')], certificate: 'AA==' } }),
    ),
    patch(`${c}/approval?dryRun=All`, { status: { conditions: [condition('Failed')] } }),
    put(`${c}/status?dryRun=All`, approve(condition('Approved'))),
    put(`${c}/status?dryRun=All`, approve(condition('Failed'))),
    put(`${c}/status?dryRun=All`, approve(condition('a.io/own'))),
    patch(`${c}/status?dryRun=All`, { status: { certificate: 'AA==' } }),
    patch(`${c}/status?dryRun=All`, {
      status: {
        certificate: Buffer.from('-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n').toString('base64'),
      },
    }),
    apply(
      `${c}/approval?fieldManager=m&dryRun=All`,
      of('certificates.k8s.io/v1', 'CertificateSigningRequest', '$NS-c', {
        status: { conditions: [condition('Approved')] },
      }),
    ),
    jsonPatch(`${c}/approval?dryRun=All`, [{ op: 'add', path: '/status/conditions', value: [condition('Approved')] }]),
    patch(`${c}?dryRun=All`, { status: { conditions: [condition('Approved')] }, metadata: { labels: { a: 'b' } } }),
    patch(`${c}?dryRun=All`, { spec: { usages: ['any'] } }),
    put(`${c}?dryRun=All`, csr('$NS-c', { username: 'other', groups: ['x'] })),
    put(`${c}/approval`, approve(condition('Approved'))),
    put(`${c}/approval`, approve(condition('Denied'))),
    put(`${c}/approval`, approve(condition('Approved', 'True', { reason: 'Other' }))),
    get(`${c}/approval`),
    patch(`${c}/status`, { status: { conditions: [condition('Approved'), condition('Failed')] } }),
    patch(`${c}/status`, { status: { conditions: [condition('Approved')] } }),
    get(c),
    get(`${c}/status`),
    post(`${c}/approval`, approve()),
    remove(`${c}/approval`),
    get(`${csrs}?fieldSelector=spec.signerName%3Da.io%2Fsigner%2Cmetadata.name%3D$NS-c`),
    remove(c),
    put(`${c}/approval`, approve(condition('Approved'))),
  ]
  return [
    script('credentials/requests for certificates', post(csrs, csr('$NS-c')), ...changes),
    script(
      'credentials/tokens',
      post(at('pods'), pod('p'), { save: { POD: 'metadata.uid' } }),
      post(at('secrets'), of('v1', 'Secret', 's')),
      ...[
        { kind: 'Pod', apiVersion: 'v1', name: 'p' },
        { kind: 'Pod', apiVersion: 'v1', name: 'p', uid: '$POD' },
        { kind: 'Secret', apiVersion: 'v1', name: 's' },
      ].map((boundObjectRef) => post(`${account}/token`, token({ boundObjectRef }), { unread: true })),
      ...[
        { kind: 'Pod', apiVersion: 'v1', name: 'p', uid: 'other' },
        { kind: 'Pod', apiVersion: '', name: 'p' },
        { kind: '', apiVersion: 'v1', name: 'p' },
        { kind: 'Pod', apiVersion: 'v1', name: '' },
        { kind: 'Secret', apiVersion: 'v1', name: 's', uid: 'other' },
        { kind: 'Node', apiVersion: 'v1', name: 'none', uid: 'x' },
        { kind: 'pod', apiVersion: 'v1', name: 'p' },
        { kind: 'Pod', apiVersion: 'core/v1', name: 'p' },
        {},
      ].map((boundObjectRef) => post(`${account}/token`, token({ boundObjectRef }))),
      ...[
        { audiences: 'x' },
        { expirationSeconds: 'x' },
        { expirationSeconds: 599 },
        { expirationSeconds: -1 },
        { expirationSeconds: 4294967297 },
        { audiences: [1] },
        null,
        'x',
      ].map((spec) => post(`${account}/token`, token(spec))),
      post(`${account}/token`, token({ audiences: [] }), { unread: true }),
      post(`${account}/token`, token({ audiences: [''] }), { unread: true }),
      post(`${account}/token`, token({ expirationSeconds: 600 }, { metadata: { name: 'default', uid: 'x' } })),
      post(`${account}/token?fieldValidation=Strict`, token({ bogus: 1 })),
      post(`${account}/token`, token({}, { apiVersion: 'authentication.k8s.io/v1beta1' })),
      post(`${account}/token`, token({}, { kind: 'TokenReview' })),
      post(`${account}/token`, configMap('x')),
      post(`${account}/token`, undefined, { raw: '' }),
      post(`${account}/token`, undefined, { raw: '[]' }),
      get(`${account}/token`),
      remove(`${account}/token`),
      patch(`${account}/token`, {}),
      get(`${at('serviceaccounts', 'none')}/token`),
    ),
  ]
}

export const credentialScripts = scripts()
