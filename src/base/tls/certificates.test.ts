import { X509Certificate, createPrivateKey, verify, sign } from 'node:crypto'
import { connect, createServer } from 'node:tls'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'

import { listening } from '../async/listening.ts'
import { createAuthority, createSigningKey, issueCertificate } from './certificates.ts'

const times = { notBefore: Date.UTC(2020, 0, 1), notAfter: Date.UTC(2060, 0, 1) }
const authority = createAuthority({ commonName: 'kubernetes', ...times })

test('an authority certifies itself and may sign', () => {
  const certificate = new X509Certificate(authority.certificate)
  expect(certificate.ca).toBe(true)
  expect(certificate.verify(certificate.publicKey)).toBe(true)
  expect(certificate.checkPrivateKey(createPrivateKey(authority.key))).toBe(true)
  expect(new Date(certificate.validTo).getTime()).toBe(times.notAfter)
})

test('a certificate names its user, groups, hosts and addresses', () => {
  const issued = issueCertificate(authority, {
    commonName: 'system:node:node-1',
    organizations: ['system:nodes', 'system:all'],
    dnsNames: ['node-1', 'localhost'],
    ipAddresses: ['10.64.0.11', '::1', 'fd00::1:2'],
    usages: ['client', 'server'],
    ...times,
  })
  const certificate = new X509Certificate(issued.certificate)
  expect(certificate.subject).toBe('O=system:nodes\nO=system:all\nCN=system:node:node-1')
  expect(certificate.subjectAltName).toBe(
    'DNS:node-1, DNS:localhost, IP Address:10.64.0.11, IP Address:0:0:0:0:0:0:0:1, IP Address:FD00:0:0:0:0:0:1:2',
  )
  expect(certificate.ca).toBe(false)
  expect(certificate.checkIssued(new X509Certificate(authority.certificate))).toBe(true)
  expect(certificate.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true)
})

test('a TLS server and client prove themselves to each other', async () => {
  const issue = (commonName: string, usage: 'client' | 'server') =>
    issueCertificate(authority, { commonName, dnsNames: ['localhost'], usages: [usage], ...times })
  const [server, client] = [issue('server', 'server'), issue('admin', 'client')]
  const tls = { ca: authority.certificate, rejectUnauthorized: true }
  const listener = createServer({ ...tls, cert: server.certificate, key: server.key, requestCert: true }, (socket) =>
    socket.end(String(socket.getPeerCertificate().subject.CN)),
  )
  await listening(listener, { port: 0, host: '127.0.0.1' })
  const { port } = listener.address() as AddressInfo
  const seen = await new Promise<string>((resolve, reject) => {
    const socket = connect({ ...tls, port, servername: 'localhost', cert: client.certificate, key: client.key })
    socket.on('data', (data) => resolve(data.toString()))
    socket.on('error', reject)
  })
  listener.close()
  expect(seen).toBe('admin')
})

test('a signing key signs what its public half verifies', () => {
  const { key, publicKey } = createSigningKey()
  const text = Buffer.from('token')
  expect(verify('sha256', text, publicKey, sign('sha256', text, key))).toBe(true)
})
