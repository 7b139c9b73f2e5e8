import { describe, expect, test } from 'vitest'
import { userOf } from '../../client/user.ts'
import { catalog } from '../../api/catalog.ts'
import { builtinResources } from '../registry/served-resource.ts'
import type { AdmissionRequest } from './admission.ts'
import { nodeVolumes } from './node-volumes.ts'

const volume = (finalizers: string[], more: { node?: string; path?: string } = {}) => ({
  metadata: {
    name: 'v',
    annotations: { 'pv.kubernetes.io/provisioned-by': 'gorae.dev/local-path', 'gorae.dev/node': more.node ?? 'n1' },
    finalizers,
  },
  spec: { local: { path: more.path ?? '/v' } },
})
const held = volume(['gorae.dev/local-path', 'other'])
const n1 = userOf('system:node:n1', ['system:nodes'])

const volumes = builtinResources(catalog).need('v1/persistentvolumes')

const verdict = (judge: () => unknown): string => {
  try {
    judge()
    return 'allowed'
  } catch (error) {
    return String(error)
  }
}

describe('nodeVolumes', () => {
  const cases = [
    { what: 'a node that lets go of its own volume', user: n1, object: volume(['other']), old: held, ok: true },
    {
      what: 'a node that changes the path',
      user: n1,
      object: volume(['other'], { path: '/etc' }),
      old: held,
      ok: false,
    },
    { what: 'a node that takes off another finalizer', user: n1, object: volume([]), old: held, ok: false },
    {
      what: 'a node and another node’s volume',
      user: userOf('system:node:n2', ['system:nodes']),
      object: volume(['other']),
      old: held,
      ok: false,
    },
    { what: 'a node that deletes', user: n1, object: undefined, old: held, ok: false },
    { what: 'an administrator', user: userOf('admin'), object: volume([], { path: '/x' }), old: held, ok: true },
  ]
  for (const { what, user, object, old, ok } of cases) {
    test(`${ok ? 'allows' : 'refuses'} ${what}`, () => {
      const request = {
        operation: object === undefined ? 'DELETE' : 'UPDATE',
        resource: volumes,
        subresource: '',
        name: 'v',
        user,
        old,
        ...(object === undefined ? {} : { object }),
      } as Partial<AdmissionRequest> as AdmissionRequest
      expect(verdict(() => nodeVolumes.validate?.(request))).toMatch(ok ? /^allowed$/ : /is forbidden/)
    })
  }
})
