/** Reads what Pods name: claims, volumes, Secrets and RuntimeClasses. */

import type { Client, ObjectKey } from '../../client/client.ts'
import {
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
  type ResourceRef,
  RUNTIME_CLASSES,
  SECRETS,
} from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { hasReason } from '../../meta/errors.ts'
import type { KubeObject } from '../../meta/types.ts'
import type { PodDeps } from './pod-deps.ts'

export type ObjectReads = Pick<PodDeps, 'claim' | 'persistentVolume' | 'secret' | 'runtimeHandler'>

/** Asks the server each time; what is not there is undefined. */
export function objectReads(client: Client): ObjectReads {
  return {
    claim: (at, signal) => read(client, PERSISTENT_VOLUME_CLAIMS, at, signal),
    persistentVolume: (name, signal) => read(client, PERSISTENT_VOLUMES, { name }, signal),
    secret: (at, signal) => read(client, SECRETS, at, signal),
    async runtimeHandler(name, signal) {
      if (name === undefined || name === '') return ''
      const found = await read(client, RUNTIME_CLASSES, { name }, signal)
      if (found === undefined) throw new Error(`RuntimeClass "${name}" not found`)
      return found.handler
    },
  }
}

async function read<T extends KubeObject>(
  client: Client,
  ref: ResourceRef<T>,
  at: ObjectKey,
  signal: AbortSignal,
): Promise<DeepReadonly<T> | undefined> {
  try {
    return await client.get(ref, at, signal)
  } catch (error) {
    if (hasReason(error, 'NotFound')) return undefined
    throw error
  }
}
