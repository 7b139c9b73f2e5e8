/** Creates what must be there when a server starts; what is there already stays as it is. */

import { hasReason } from '../../meta/errors.ts'
import type { KubeObject } from '../../meta/types.ts'
import type { Client } from '../../client/client.ts'
import type { ResourceRef } from '../../client/resources.ts'

/** Creates `object` unless an object of its name exists. */
export async function ensure<T extends KubeObject>(client: Client, ref: ResourceRef<T>, object: T): Promise<void> {
  try {
    const { name = '', namespace } = object.metadata
    await client.get(ref, namespace === undefined ? { name } : { namespace, name })
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error
    await createMissing(client, ref, object)
  }
}

/** Creates an object that was not there a moment ago. */
export async function createMissing<T extends KubeObject>(
  client: Client,
  ref: ResourceRef<T>,
  object: T,
): Promise<void> {
  try {
    await client.create(ref, object)
  } catch (error) {
    // Another server was faster.
    if (!hasReason(error, 'AlreadyExists')) throw error
  }
}
