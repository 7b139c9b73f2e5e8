import { expect, test } from 'vitest'

import { aContainer, aPod } from '../fixtures.ts'
import { containerMounts, type MountSources } from './container-config.ts'

const sources = (name: string, value: string): MountSources => ({
  volumes: new Map([['v', { kind: 'path', path: '/pods/v', readOnly: false, isManaged: true }]]),
  image: () => Promise.reject(new Error('no image')),
  environment: new Map([[name, value]]),
  hostsFile: '/hosts',
  messageFile: '/message',
  subPath: async ({ volumePath, subPath }) => `${volumePath}/${subPath}`,
  readsOnlyRecursively: async () => false,
  userNamespace: undefined,
})

const container = aContainer('app', { volumeMounts: [{ name: 'v', mountPath: '/v', subPathExpr: '$(WHERE)' }] })
const mountsAt = (value: string, name = 'WHERE') => containerMounts(aPod(), container, sources(name, value))

test('SELinux labels what is the Pod’s own for it, and not what others write to', async () => {
  const claims = [
    { name: 'v', persistentVolumeClaim: { claimName: 'data' } },
    { name: 'shared', persistentVolumeClaim: { claimName: 'shared', readOnly: true } },
  ]
  const volume = { kind: 'path', path: '/v', readOnly: false, isManaged: true } as const
  const made = new Map(['v', 'shared', 'host'].map((name) => [name, { ...volume, isManaged: name !== 'host' }]))
  const mounts = [...made.keys()].map((name) => ({ name, mountPath: `/${name}` }))
  const all = await containerMounts(aPod({ volumes: claims }), aContainer('app', { volumeMounts: mounts }), {
    ...sources('', ''),
    volumes: made,
  })
  expect(all.filter(({ selinuxRelabel }) => selinuxRelabel).map(({ containerPath }) => containerPath)).toEqual([
    '/v',
    '/etc/hosts',
    '/dev/termination-log',
  ])
})

test('a sub-path is what its expression comes to', async () => {
  expect((await mountsAt('a/b'))[0]).toMatchObject({ containerPath: '/v', hostPath: '/pods/v/a/b' })
})

test.each([
  { value: '/etc', says: 'error SubPath `/etc` must not be an absolute path' },
  { value: '../x', says: "unable to provision SubPath `../x`: must not contain '..'" },
  { value: 'a/../../x', says: "unable to provision SubPath `a/../../x`: must not contain '..'" },
])('a sub-path that comes to $value is refused in Kubernetes’s words', async ({ value, says }) => {
  await expect(mountsAt(value)).rejects.toThrow(says)
})

test('a sub-path with a variable that nobody set names no place', async () => {
  await expect(mountsAt('x', 'OTHER')).rejects.toThrow('missing value for WHERE')
})
