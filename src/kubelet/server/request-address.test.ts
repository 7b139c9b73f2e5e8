import { expect, test } from 'vitest'

import { addressOf } from './request-address.ts'

test('takes a path apart, and decodes it', () => {
  const { url, parts } = addressOf('/containerLogs/default/web%2Fx/app?tailLines=1')
  expect(parts).toEqual(['containerLogs', 'default', 'web/x', 'app'])
  expect(url.searchParams.get('tailLines')).toBe('1')
})

test.each(['/logs/%', '/containerLogs/default/%zz/app', '/exec/%c3%28', 'http://[/'])(
  '%s is a bad request',
  (target) => {
    expect(() => addressOf(target)).toThrow(expect.objectContaining({ status: 400 }))
  },
)
