/** What devices add to the container that is given them. Pure. */

import type { Device, Mount } from '../cri/runtime.ts'

/** Variables, mounts, device files, annotations and devices of the Container Device Interface. */
export interface ContainerEdits {
  readonly envs: Readonly<Record<string, string>>
  readonly mounts: readonly Mount[]
  readonly devices: readonly Device[]
  readonly annotations: Readonly<Record<string, string>>
  /** Their names, e.g. `vendor.com/gpu=gpu0` (https://github.com/cncf-tags/container-device-interface). */
  readonly cdiDevices: readonly string[]
}

export const NO_EDITS: ContainerEdits = { envs: {}, mounts: [], devices: [], annotations: {}, cdiDevices: [] }

/** All of them; of what two want at the same place, the first one's counts. */
export function mergedEdits(all: readonly ContainerEdits[]): ContainerEdits {
  const backwards = all.toReversed()
  return {
    envs: Object.fromEntries(backwards.flatMap(({ envs }) => Object.entries(envs))),
    annotations: Object.fromEntries(backwards.flatMap(({ annotations }) => Object.entries(annotations))),
    mounts: byContainerPath(all.flatMap(({ mounts }) => mounts)),
    devices: byContainerPath(all.flatMap(({ devices }) => devices)),
    cdiDevices: [...new Set(all.flatMap(({ cdiDevices }) => cdiDevices))],
  }
}

const byContainerPath = <T extends { readonly containerPath: string }>(all: readonly T[]): readonly T[] =>
  all.filter((one, index) => all.findIndex(({ containerPath }) => containerPath === one.containerPath) === index)
