/** The restricted level: what is good practice (https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted). */

import { procMount } from './baseline.ts'
import type { Check } from './evaluate.ts'
import { named, namesWhere, quoted, setters, sorted, type Spec } from './text.ts'

const ALLOWED_VOLUMES = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
] as const

/** Volumes that are told by their type; the rest is `unknown`. */
const OTHER_VOLUMES = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'gitRepo',
  'nfs',
  'iscsi',
  'glusterfs',
  'rbd',
  'flexVolume',
  'cinder',
  'cephfs',
  'flocker',
  'fc',
  'azureFile',
  'vsphereVolume',
  'quobyte',
  'azureDisk',
  'portworxVolume',
  'scaleIO',
  'storageos',
] as const

const isWindows = (spec: Spec, minor: number) => minor >= 25 && spec.os?.name === 'windows'
/** Root in a user namespace of the Pod's own is nobody on the node. */
const hasOwnUsers = (spec: Spec, minor: number) => minor >= 35 && spec.hostUsers === false

/** Ordered as Kubernetes tells them. */
export const restrictedChecks: readonly Check[] = [
  {
    since: 8,
    find(_, spec, minor) {
      if (isWindows(spec, minor)) return undefined
      const names = namesWhere(spec, ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false)
      if (names.length === 0) return undefined
      return [
        'allowPrivilegeEscalation != false',
        `${named('container', names)} must set securityContext.allowPrivilegeEscalation=false`,
      ]
    },
  },
  { since: 22, find: (_, spec, minor) => (isWindows(spec, minor) ? undefined : capabilities(spec)) },
  { find: (_, spec) => volumes(spec) },
  { find: (_, spec, minor) => (hasOwnUsers(spec, minor) ? undefined : nonRoot(spec)) },
  {
    since: 23,
    find(_, spec, minor) {
      if (hasOwnUsers(spec, minor)) return undefined
      const names = namesWhere(spec, ({ securityContext }) => securityContext?.runAsUser === 0)
      const who = setters(spec.securityContext?.runAsUser === 0, names)
      return who === '' ? undefined : ['runAsUser=0', `${who} must not set runAsUser=0`]
    },
  },
  { since: 19, find: (_, spec, minor) => (isWindows(spec, minor) ? undefined : seccomp(spec)) },
  { since: 35, find: (_, spec) => procMount(spec) },
]

function capabilities(spec: Spec): readonly [string, string] | undefined {
  const added: string[] = []
  const keeping = namesWhere(spec, ({ securityContext }) => !securityContext?.capabilities?.drop?.includes('ALL'))
  const adding = namesWhere(spec, ({ securityContext }) => {
    const bad = (securityContext?.capabilities?.add ?? []).filter((each) => each !== 'NET_BIND_SERVICE')
    added.push(...bad)
    return bad.length > 0
  })
  const details = [
    ...(keeping.length === 0
      ? []
      : [`${named('container', keeping)} must set securityContext.capabilities.drop=["ALL"]`]),
    ...(adding.length === 0
      ? []
      : [
          `${named('container', adding)} must not include ${quoted(sorted(added))} in securityContext.capabilities.add`,
        ]),
  ]
  return details.length === 0 ? undefined : ['unrestricted capabilities', details.join('; ')]
}

function volumes(spec: Spec): readonly [string, string] | undefined {
  const names: string[] = []
  const types: string[] = []
  for (const volume of spec.volumes ?? []) {
    if (ALLOWED_VOLUMES.some((type) => volume[type] !== undefined)) continue
    names.push(volume.name)
    types.push(OTHER_VOLUMES.find((type) => volume[type] !== undefined) ?? 'unknown')
  }
  if (names.length === 0) return undefined
  const uses = names.length === 1 ? 'uses' : 'use'
  return [
    'restricted volume types',
    `${named('volume', names)} ${uses} ${named('restricted volume type', sorted(types))}`,
  ]
}

function nonRoot(spec: Spec): readonly [string, string] | undefined {
  const own = spec.securityContext?.runAsNonRoot
  const explicit = namesWhere(spec, ({ securityContext }) => securityContext?.runAsNonRoot === false)
  const who = setters(own === false, explicit)
  if (who !== '') return ['runAsNonRoot != true', `${who} must not set securityContext.runAsNonRoot=false`]
  if (own === true) return undefined
  const silent = namesWhere(spec, ({ securityContext }) => securityContext?.runAsNonRoot === undefined)
  if (silent.length === 0) return undefined
  return ['runAsNonRoot != true', `pod or ${named('container', silent)} must set securityContext.runAsNonRoot=true`]
}

function seccomp(spec: Spec): readonly [string, string] | undefined {
  const own = spec.securityContext?.seccompProfile
  const values: string[] = []
  const isBad = (profile: { readonly type?: string } | undefined) => {
    if (profile === undefined || profile.type === 'RuntimeDefault' || profile.type === 'Localhost') return false
    values.push(profile.type ?? '')
    return true
  }
  const isBadPod = isBad(own)
  const explicit = namesWhere(spec, ({ securityContext }) => isBad(securityContext?.seccompProfile))
  const who = setters(isBadPod, explicit)
  if (who !== '') {
    return ['seccompProfile', `${who} must not set securityContext.seccompProfile.type to ${quoted(sorted(values))}`]
  }
  if (own !== undefined) return undefined
  const silent = namesWhere(spec, ({ securityContext }) => securityContext?.seccompProfile === undefined)
  if (silent.length === 0) return undefined
  const what = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
  return ['seccompProfile', `pod or ${named('container', silent)} ${what}`]
}
