import { describe, expect, test } from 'vitest'

import type { PodSecurityContext } from '../../../api/generated/core-v1.ts'
import { aContainer, aPod } from '../fixtures.ts'
import { containerSecurity, sandboxSecurity } from './security-context.ts'

const securityOf = (securityContext: PodSecurityContext, image: { uid?: number; username?: string }) =>
  containerSecurity(
    aPod({ securityContext, containers: [aContainer('a')] }),
    { kind: 'app', spec: aContainer('a') },
    { image, seccompRoot: '/seccomp' },
  )

describe('a container runs as the user', () => {
  const cases = [
    { of: 'that the Pod names', context: { runAsUser: 7 }, image: { uid: 5 }, is: { runAsUser: 7 } },
    { of: 'that its image names', context: {}, image: { uid: 5 }, is: { runAsUser: 5 } },
    { of: 'whose name its image says', context: {}, image: { username: 'web' }, is: { runAsUsername: 'web' } },
    { of: 'root where nobody is named', context: {}, image: {}, is: { runAsUser: 0 } },
  ]
  for (const { of, context, image, is } of cases) {
    test(`${of}`, () => {
      const { runAsUser, runAsUsername } = securityOf(context, image)
      expect({ runAsUser, runAsUsername }).toEqual({ runAsUser: undefined, runAsUsername: undefined, ...is })
    })
  }
})

test('the group of volumes is the first of the groups', () => {
  const context = { supplementalGroups: [5, 6], fsGroup: 9 }
  expect(securityOf(context, {}).supplementalGroups).toEqual([9, 5, 6])
  expect(sandboxSecurity(aPod({ securityContext: context, containers: [] })).supplementalGroups).toEqual([9, 5, 6])
})

test('a group without a user is left to the runtime to refuse, for the sandbox has no image to take a user from', () => {
  const pod = aPod({ securityContext: { runAsGroup: 3000 }, containers: [aContainer('a')] })
  expect(sandboxSecurity(pod)).toMatchObject({ runAsGroup: 3000 })
  expect(sandboxSecurity(pod).runAsUser).toBeUndefined()
  expect(securityOf({ runAsGroup: 3000 }, {})).toMatchObject({ runAsUser: 0, runAsGroup: 3000 })
})
