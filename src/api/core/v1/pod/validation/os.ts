/** What a Pod of a stated operating system may not say (https://kubernetes.io/docs/concepts/workloads/pods/#pod-os). */

import type { DeepReadonly } from '../../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../../meta/field-path.ts'
import { forbiddenField, judgeAll, notSupported, required } from '../../../../../meta/validation.ts'
import type { Container, PodSpec } from '../../../../generated/core-v1.ts'

type Spec = DeepReadonly<PodSpec>

export function validateOs(spec: Spec, path: FieldPath): FieldError[] {
  if (spec.os === undefined) return []
  const here = path.child('os', 'name')
  switch (spec.os.name) {
    case '':
      return [required(here)]
    case 'linux':
      return forbid(
        spec,
        path,
        { pod: ['windowsOptions'], container: ['windowsOptions'] },
        'windows options cannot be set for a linux pod',
      )
    case 'windows':
      return [
        ...forbiddenOnWindows(spec, path),
        ...forbid(spec, path, { pod: POD_LINUX_ONLY, container: CONTAINER_LINUX_ONLY }, WINDOWS),
      ]
    default:
      return [notSupported(path.child('os'), spec.os.name, ['linux', 'windows'])]
  }
}

const WINDOWS = 'cannot be set for a windows pod'
const SPEC_LINUX_ONLY = ['hostIPC', 'hostPID', 'hostNetwork', 'hostUsers', 'shareProcessNamespace'] as const
const POD_LINUX_ONLY = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
  'seLinuxChangePolicy',
]
const CONTAINER_LINUX_ONLY = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
]

function forbiddenOnWindows(spec: Spec, path: FieldPath): FieldError[] {
  return SPEC_LINUX_ONLY.filter((field) => spec[field] !== undefined).map((field) =>
    forbiddenField(path.child(field), WINDOWS),
  )
}

interface Fields {
  readonly pod: readonly string[]
  readonly container: readonly string[]
}

function forbid(spec: Spec, path: FieldPath, fields: Fields, words: string): FieldError[] {
  const ofContainers = (containers: readonly DeepReadonly<Container>[] | undefined, list: FieldPath) =>
    judgeAll(containers, ({ securityContext }, at) =>
      present(securityContext, fields.container).map((field) =>
        forbiddenField(list.index(at).child('securityContext', field), words),
      ),
    )
  return [
    ...present(spec.securityContext, fields.pod).map((field) =>
      forbiddenField(path.child('securityContext', field), words),
    ),
    ...ofContainers(spec.initContainers, path.child('initContainers')),
    ...ofContainers(spec.containers, path.child('containers')),
    ...ofContainers(spec.ephemeralContainers, path.child('ephemeralContainers')),
  ]
}

function present(object: object | undefined, fields: readonly string[]): readonly string[] {
  return object === undefined ? [] : fields.filter((field) => Object.hasOwn(object, field))
}
