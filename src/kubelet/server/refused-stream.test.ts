import { expect, test } from 'vitest'

import { GrpcError } from '../grpc/error.ts'
import { KubeletRefusal } from './kubelet-api.ts'
import { refusedStream } from './refused-stream.ts'

test.each([
  { error: new KubeletRefusal(404, 'no such'), head: 'HTTP/1.1 404 Not Found', body: 'no such' },
  { error: new Error('what'), head: 'HTTP/1.1 500 Internal Server Error', body: 'what' },
  {
    error: new GrpcError('Unknown', 'container is in CONTAINER_EXITED state'),
    head: 'HTTP/1.1 500 Internal Server Error',
    body: 'rpc error: code = Unknown desc = container is in CONTAINER_EXITED state',
  },
  {
    error: new GrpcError('NotFound', 'gone'),
    head: 'HTTP/1.1 404 Not Found',
    body: 'rpc error: code = NotFound desc = gone',
  },
])('answers $head to $error', ({ error, head, body }) => {
  const [answered = '', said] = refusedStream(error).split('\r\n\r\n')
  expect(answered.split('\r\n')[0]).toBe(head)
  expect(said).toBe(`${body}\n`)
  expect(answered).toContain(`content-length: ${body.length + 1}\r\n`)
})

test('says when to come again to a runtime that has too much to do', () => {
  const [head] = refusedStream(new GrpcError('ResourceExhausted', 'too many')).split('\r\n\r\n')
  expect(head).toMatch(/^HTTP\/1\.1 429 Too Many Requests\r\n/)
  expect(head).toContain('\r\nretry-after: 60')
})
