import { describe, expect, test } from 'vitest'

import { createAuthority } from '../../../../base/tls/certificates.ts'
import { fieldPath } from '../../../../meta/field-path.ts'
import type { CertificateSigningRequestStatus } from '../../../generated/certificates-v1.ts'
import { type StatusRights, validateStatus } from './validate-status.ts'

const of = (status: CertificateSigningRequestStatus) => ({
  metadata: { name: 'c' },
  spec: { request: '', signerName: 'example.com/signer', usages: [] },
  status,
})
const condition = (type: string, status = 'True') => ({ type, status })
const faultsOf = (
  status: CertificateSigningRequestStatus,
  old: CertificateSigningRequestStatus,
  rights: StatusRights = {},
): string[] =>
  validateStatus(of(status), of(old), fieldPath('status'), rights).map(({ field, message }) => `${field}: ${message}`)

const { certificate } = createAuthority({ commonName: 'ca', notBefore: 0, notAfter: 1e12 })
const issued = Buffer.from(certificate).toString('base64')

describe('the conditions of a certificate signing request', () => {
  const approver = { mayDecide: true }
  const cases: readonly (readonly [string, CertificateSigningRequestStatus, StatusRights, readonly string[]])[] = [
    ['an approver may approve', { conditions: [condition('Approved')] }, approver, []],
    [
      'nobody else may',
      { conditions: [condition('Approved')] },
      { mayIssue: true },
      ['status.conditions: Forbidden: updates may not add a condition of type "Approved"'],
    ],
    ['others may say something else', { conditions: [condition('example.com/seen', 'Unknown')] }, {}, []],
    [
      'nobody both approves and denies',
      { conditions: [condition('Approved'), condition('Denied')] },
      approver,
      ['status.conditions: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive'],
    ],
    [
      'an approval is so, or is not said',
      { conditions: [condition('Approved', 'False')] },
      approver,
      ['status.conditions[0].status: Unsupported value: "False": supported values: "True"'],
    ],
    [
      'all have a type and a state',
      { conditions: [condition('', '')] },
      approver,
      ['status.conditions[0].type: Required value', 'status.conditions[0].status: Required value'],
    ],
  ]
  test.each(cases)('%s', (_, status, rights, faults) => expect(faultsOf(status, {}, rights)).toEqual(faults))

  test('stay said', () => {
    expect(faultsOf({ conditions: [] }, { conditions: [condition('Failed')] }, approver)).toEqual([
      'status.conditions: Forbidden: updates may not remove a condition of type "Failed"',
    ])
  })

  test('that were wrong before may stay', () => {
    const old = { conditions: [condition('a'), condition('a'), condition('Approved'), condition('Denied')] }
    expect(faultsOf(old, old)).toEqual([])
  })
})

describe('the certificate of a certificate signing request', () => {
  const cases: readonly (readonly [string, string, string, StatusRights, readonly string[]])[] = [
    ['is issued by a signer', issued, '', { mayIssue: true }, []],
    ['is issued by nobody else', issued, '', { mayDecide: true }, ['updates may not set certificate content']],
    [
      'stays as it was issued',
      Buffer.from(certificate + certificate).toString('base64'),
      issued,
      { mayIssue: true },
      ['updates may not modify existing certificate content'],
    ],
    ['is PEM', 'AA==', '', { mayIssue: true }, ['must contain at least one CERTIFICATE PEM block']],
    [
      'is a certificate',
      Buffer.from(certificate.replaceAll('CERTIFICATE', 'PRIVATE KEY')).toString('base64'),
      '',
      { mayIssue: true },
      ['only CERTIFICATE PEM blocks are allowed, found "PRIVATE KEY"'],
    ],
  ]
  test.each(cases)('%s', (_, now, before, rights, faults) => {
    const found = faultsOf({ certificate: now }, { certificate: before }, rights)
    expect(found.map((fault) => fault.replace(/^status\.certificate: \w+( value: "[^"]*")?: /, ''))).toEqual(faults)
  })
})
