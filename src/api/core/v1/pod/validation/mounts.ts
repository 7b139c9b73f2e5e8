/** Where containers have their volumes (https://kubernetes.io/docs/concepts/storage/volumes/). */

import type { DeepReadonly } from '../../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../../meta/field-path.ts'
import {
  ENOUGH,
  forbiddenField,
  invalidValue,
  notFoundValue,
  notSupported,
  required,
} from '../../../../../meta/validation.ts'
import type { Container, Volume, VolumeDevice, VolumeMount } from '../../../../generated/core-v1.ts'
import { validateDescendingPath } from './paths.ts'

/** The good volumes of a Pod by name. */
export type Volumes = ReadonlyMap<string, DeepReadonly<Volume>>

const PROPAGATIONS = ['Bidirectional', 'HostToContainer', 'None']
const RECURSIVE = ['Disabled', 'Enabled', 'IfPossible']

/** The mounts of a container, against its devices and the Pod's volumes. */
export function validateVolumeMounts(
  container: DeepReadonly<Container>,
  volumes: Volumes,
  path: FieldPath,
): FieldError[] {
  const faults: FieldError[] = []
  const mounted = new Set<string>()
  const devices = container.volumeDevices ?? []
  const deviceNames = new Set(devices.map(({ name }) => name))
  const devicePaths = new Set(devices.map(({ devicePath }) => devicePath))
  for (const [at, mount] of (container.volumeMounts ?? []).entries()) {
    if (faults.length > ENOUGH) break
    const here = path.index(at)
    const { name, mountPath } = mount
    if (name === '') faults.push(required(here.child('name')))
    if (!volumes.has(name)) faults.push(notFoundValue(here.child('name'), name))
    if (mountPath === '') faults.push(required(here.child('mountPath')))
    if (mounted.has(mountPath)) faults.push(invalidValue(here.child('mountPath'), mountPath, 'must be unique'))
    mounted.add(mountPath)
    if (deviceNames.has(name)) {
      faults.push(invalidValue(here.child('name'), name, 'must not already exist in volumeDevices'))
    }
    if (devicePaths.has(mountPath)) {
      const words = 'must not already exist as a path in volumeDevices'
      faults.push(invalidValue(here.child('mountPath'), mountPath, words))
    }
    faults.push(...validateSubPaths(mount, path, here), ...validateMountModes(mount, container, path))
  }
  return faults
}

/** `list` is the place Kubernetes names for faults inside a sub-path: the list, not the item. */
function validateSubPaths(mount: VolumeMount, list: FieldPath, item: FieldPath): FieldError[] {
  const { subPath = '', subPathExpr = '' } = mount
  const faults: FieldError[] = []
  if (subPath !== '') faults.push(...validateDescendingPath(subPath, list.child('subPath')))
  if (subPathExpr === '') return faults
  if (subPath !== '') {
    const words = 'subPathExpr and subPath are mutually exclusive'
    faults.push(invalidValue(item.child('subPathExpr'), subPathExpr, words))
  }
  faults.push(...validateDescendingPath(subPathExpr, list.child('subPathExpr')))
  return faults
}

function validateMountModes(mount: VolumeMount, container: DeepReadonly<Container>, list: FieldPath): FieldError[] {
  const { mountPropagation: propagation, recursiveReadOnly: recursive } = mount
  const faults: FieldError[] = []
  if (propagation !== undefined) {
    const here = list.child('mountPropagation')
    if (!PROPAGATIONS.includes(propagation)) faults.push(notSupported(here, propagation, PROPAGATIONS))
    if (propagation === 'Bidirectional' && container.securityContext?.privileged !== true) {
      faults.push(forbiddenField(here, 'Bidirectional mount propagation is available only to privileged containers'))
    }
  }
  if (recursive === undefined || recursive === 'Disabled') return faults
  const here = list.child('recursiveReadOnly')
  if (!RECURSIVE.includes(recursive)) return [...faults, notSupported(here, recursive, RECURSIVE)]
  if (mount.readOnly !== true) faults.push(forbiddenField(here, 'may only be specified when readOnly is true'))
  if (propagation !== undefined && propagation !== 'None') {
    faults.push(forbiddenField(here, 'may only be specified when mountPropagation is None or not specified'))
  }
  return faults
}

/** The raw devices of a container, against its mounts and the Pod's volumes. */
export function validateVolumeDevices(
  container: DeepReadonly<Container>,
  volumes: Volumes,
  path: FieldPath,
): FieldError[] {
  const faults: FieldError[] = []
  const names = new Set<string>()
  const paths = new Set<string>()
  const mounts = container.volumeMounts ?? []
  const mounted: Mounted = {
    names: new Set(mounts.map(({ name }) => name)),
    paths: new Set(mounts.map(({ mountPath }) => mountPath)),
  }
  for (const [at, device] of (container.volumeDevices ?? []).entries()) {
    if (faults.length > ENOUGH) break
    const here = path.index(at)
    faults.push(
      ...validateDeviceName(device, volumes, names, here.child('name')),
      ...validateDevicePath(device, paths, here.child('devicePath')),
      ...apartFromMounts(device, mounted, here),
    )
    names.add(device.name)
    paths.add(device.devicePath)
  }
  return faults
}

function validateDeviceName(
  { name }: VolumeDevice,
  volumes: Volumes,
  seen: ReadonlySet<string>,
  path: FieldPath,
): FieldError[] {
  const faults: FieldError[] = []
  const volume = volumes.get(name)
  if (name === '') faults.push(required(path))
  if (seen.has(name)) faults.push(invalidValue(path, name, 'must be unique'))
  if (volume === undefined) faults.push(notFoundValue(path, name))
  else if (volume.persistentVolumeClaim === undefined && volume.ephemeral === undefined) {
    const words = 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'
    faults.push(invalidValue(path, name, words))
  }
  return faults
}

function validateDevicePath({ devicePath }: VolumeDevice, seen: ReadonlySet<string>, path: FieldPath): FieldError[] {
  const faults: FieldError[] = []
  if (devicePath === '') faults.push(required(path))
  if (seen.has(devicePath)) faults.push(invalidValue(path, devicePath, 'must be unique'))
  if (devicePath.split('/').includes('..')) {
    faults.push(invalidValue(path, devicePath, "can not contain backsteps ('..')"))
  }
  return faults
}

/** The names and paths of a container's mounts. */
interface Mounted {
  readonly names: ReadonlySet<string>
  readonly paths: ReadonlySet<string>
}

function apartFromMounts(device: VolumeDevice, mounted: Mounted, path: FieldPath): FieldError[] {
  const faults: FieldError[] = []
  if (mounted.names.has(device.name)) {
    faults.push(invalidValue(path.child('name'), device.name, 'must not already exist in volumeMounts'))
  }
  if (mounted.paths.has(device.devicePath)) {
    const words = 'must not already exist as a path in volumeMounts'
    faults.push(invalidValue(path.child('devicePath'), device.devicePath, words))
  }
  return faults
}
