import { expect, test } from 'vitest'
import { proxiedPath, proxyPrefix } from './proxied-path.ts'

const paths: [tail: string, path: string][] = [
  ['', '/'],
  ['/', '/'],
  ['/a', '/a'],
  ['/a/', '/a/'],
  ['//a//b/../c/', '/a/c/'],
  ['/a/.', '/a'],
  ['/../../x', '/x'],
  ['/%2e%2e/%2e%2e/x', '/x'],
  ['/a%2Fb%20c', '/a/b%20c'],
  ["/%C3%A9!'()*$&+,:;=@~", '/%C3%A9%21%27%28%29%2A$&+,:;=@~'],
  ['/%3F%23', '/%3F%23'],
]
test.each(paths)('what follows /proxy, %j, is asked for as %j', (tail, path) => {
  expect(proxiedPath(tail)).toBe(path)
})

test('an escape that is none is refused', () => {
  expect(() => proxiedPath('/%zz')).toThrow('the path has an invalid escape: "/%zz"')
})

test('the prefix of links is the path up to what is asked for', () => {
  expect(proxyPrefix('/api/v1/namespaces/n/pods/web%3A80/proxy/a/b', '/a/b')).toBe(
    '/api/v1/namespaces/n/pods/web:80/proxy',
  )
})
