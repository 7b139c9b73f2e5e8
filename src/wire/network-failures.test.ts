import { expect, test } from 'vitest'
import { networkFailure } from './network-failures.ts'

const failed = (facts: object) => Object.assign(new Error('as node says it'), facts)

test.each([
  [failed({ code: 'ECONNREFUSED', syscall: 'connect' }), 'dial tcp 10.0.0.1:80: connect: connection refused'],
  [failed({ code: 'ECONNRESET', syscall: 'read' }), 'read: connection reset by peer'],
  [failed({ code: 'EPROTO', syscall: 'write' }), 'http: server gave HTTP response to HTTPS client'],
  [failed({ code: 'EOTHER', syscall: 'connect' }), 'dial tcp 10.0.0.1:80: as node says it'],
  [failed({}), 'as node says it'],
  ['text', 'text'],
])('a failed connection is told of in the words of Go: %s', (error, words) => {
  expect(networkFailure({ host: '10.0.0.1', port: 80 }, error)).toBe(words)
})

test('an address of version 6 stands in brackets', () => {
  const error = failed({ code: 'EHOSTUNREACH', syscall: 'connect' })
  expect(networkFailure({ host: 'fd00::1', port: 80 }, error)).toBe('dial tcp [fd00::1]:80: connect: no route to host')
})
