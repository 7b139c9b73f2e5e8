import { expect, test } from 'vitest'
import { fieldPath } from '../meta/field-path.ts'
import { validateClientConfig } from './webhook.ts'

const told = (config: object) =>
  validateClientConfig(config, fieldPath('c')).map(({ field, message }) => `${field}: ${message.split(';')[0]}`)
const at = (more: object) => told({ service: { namespace: 'n', name: 's', ...more } })

test('a webhook is at a service, or at a URL that says all', () => {
  expect(at({})).toEqual([])
  expect(at({ name: '' })).toEqual(['c.service.namespace: Required value'])
  expect(at({ path: 'x' })).toEqual([
    'c.service.path: Invalid value: "x": must start with a \'/\'',
    'c.service.path: Invalid value: "x": segment[0] may not be empty',
  ])
  expect(told({ url: 'Bad_Name!' })).toEqual([
    `c.url: Invalid value: "": 'https' is the only allowed URL scheme`,
    'c.url: Invalid value: "": host must be specified',
  ])
  expect(told({ url: ' x' })).toHaveLength(2)
  expect(told({ url: '::1' })).toEqual([
    'c.url: Required value: url must be a valid URL: parse "::1": missing protocol scheme',
  ])
  expect(told({ url: 'a\nb' })).toEqual([
    'c.url: Required value: url must be a valid URL: parse "a\\nb": net/url: invalid control character in URL',
  ])
  expect(told({ url: 'https://a.b/c' })).toEqual([])
})
