import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  alreadyExists,
  badRequest,
  conflict,
  expired,
  forbidden,
  internalError,
  invalid,
  methodNotSupported,
  notFound,
  OBJECT_MODIFIED,
  unauthorized,
} from './errors.ts'
import { STATUS_REASONS } from './types.ts'

const documented = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
const web = { group: 'apps', resource: 'deployments', name: 'web' }

describe('the reasons of failures', () => {
  test('are documented, all of them and no others', () => {
    const rows = [...documented.matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1])
    expect(new Set(rows)).toEqual(new Set(STATUS_REASONS))
    expect(rows).toHaveLength(STATUS_REASONS.length)
  })

  const cases = [
    { error: notFound(web), code: 404, message: 'deployments.apps "web" not found' },
    { error: alreadyExists({ ...web, group: '' }), code: 409, message: 'deployments "web" already exists' },
    {
      error: conflict(web, OBJECT_MODIFIED),
      code: 409,
      message:
        'Operation cannot be fulfilled on deployments.apps "web": the object has been modified; please apply your changes to the latest version and try again',
    },
    { error: forbidden(web, 'no'), code: 403, message: 'deployments.apps "web" is forbidden: no' },
    { error: unauthorized(), code: 401, message: 'Unauthorized' },
    { error: badRequest('unreadable'), code: 400, message: 'unreadable' },
    { error: expired('gone'), code: 410, message: 'gone' },
    {
      error: methodNotSupported(web, 'patch'),
      code: 405,
      message: 'patch is not supported on resources of kind "deployments.apps"',
    },
    { error: internalError('bug'), code: 500, message: 'Internal error occurred: bug' },
  ]
  for (const { error, code, message } of cases) {
    test(`${error.status.reason}: ${message}`, () => {
      expect(error.code).toBe(code)
      expect(error.message).toBe(message)
      expect(documented).toContain(`| \`${error.status.reason}\` | ${code} |`)
    })
  }

  test('several faults of an object are told at once', () => {
    const fault = (field: string) => ({ type: 'FieldValueRequired' as const, field, message: 'Required value' })
    const error = invalid({ group: '', kind: 'Pod', name: 'p' }, [fault('spec.a'), fault('spec.b')])
    expect(error.message).toBe('Pod "p" is invalid: [spec.a: Required value, spec.b: Required value]')
    expect(error.status.details?.causes).toHaveLength(2)
  })
})
