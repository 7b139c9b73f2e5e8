/** Why a volume does not stand, as the events of its Pod tell it. */

/** A volume that could not be made. The text is what an event with the reason says. */
export class MountFailure extends Error {
  override readonly name = 'MountFailure'
  readonly reason: 'FailedMount' | 'FailedMapVolume'

  constructor(message: string, cause: unknown, reason: MountFailure['reason'] = 'FailedMount') {
    super(message, { cause })
    this.reason = reason
  }
}

const textOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause))

/** What making a volume takes, in the words of events. Devices are mapped, all others mounted. */
export type MountStep =
  | `MountVolume.${'WaitForAttach' | 'MountDevice' | 'SetUp'}`
  | `MapVolume.${'WaitForAttach' | 'SetUpDevice' | 'MapPodDevice'}`

/** A step failed. A claimed volume goes by the name of its PersistentVolume. */
export function stepFailure(step: MountStep, volume: string, cause: unknown): MountFailure {
  if (cause instanceof MountFailure) return cause
  const reason = step.startsWith('MapVolume') ? 'FailedMapVolume' : 'FailedMount'
  return new MountFailure(`${step} failed for volume "${volume}" : ${textOf(cause)}`, cause, reason)
}

/** Making the volume failed. */
export const setUpFailure = (volume: string, cause: unknown, isDevice = false): MountFailure =>
  stepFailure(isDevice ? 'MapVolume.SetUpDevice' : 'MountVolume.SetUp', volume, cause)

/** What the volume is to be made of is not as it has to be. */
export const newMounterFailure = (volume: string, cause: unknown): MountFailure =>
  new MountFailure(`MountVolume.NewMounter initialization failed for volume "${volume}" : ${textOf(cause)}`, cause)

/** It is not even known what the Pod's volume of that name is to be made of. */
export function unprocessedVolume(volume: string, why: string): MountFailure {
  const which = `unmounted volumes=[${volume}], unattached volumes=[], failed to process volumes=[${volume}]`
  return new MountFailure(`Unable to attach or mount volumes: ${which}: ${why}`, undefined)
}

/** Nobody has attached the Pod's volume of that name to the node. */
export function unattachedVolume(volume: string): MountFailure {
  const which = `unmounted volumes=[${volume}], unattached volumes=[${volume}], failed to process volumes=[]`
  return new MountFailure(`Unable to attach or mount volumes: ${which}: context deadline exceeded`, undefined)
}

/** For `catch`: such a failure is an answer, others are thrown on. */
export function mountFailure(error: unknown): MountFailure {
  if (error instanceof MountFailure) return error
  throw error
}
