/**
 * A node may only let go of the PersistentVolumes whose folders it keeps: it may take its own finalizer off them, and
 * change nothing else (in the spirit of https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction).
 */

import { isLocalPathOf, LOCAL_PATH_FINALIZER } from '../../api/core/v1/persistentvolume/local-path.ts'
import type { PersistentVolume } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { KubeObject } from '../../meta/types.ts'
import { deepEqual } from '../../meta/validation.ts'
import { nodeOf, NODES_GROUP } from '../authz/node-identity.ts'
import type { AdmissionPlugin } from './admission.ts'
import { isResource, refusal } from './refuse.ts'

export const nodeVolumes: AdmissionPlugin = {
  name: 'NodeVolumes',
  validate(request) {
    const { user, object, old } = request
    if (!user.groups.includes(NODES_GROUP) || !isResource(request, 'persistentvolumes')) return
    if (object === undefined || old === undefined) throw refusal(request, 'nodes may not make or delete volumes')
    const node = nodeOf(user) ?? ''
    if (!isLocalPathOf(old as DeepReadonly<PersistentVolume>, node)) {
      throw refusal(request, `node ${JSON.stringify(node)} may only change volumes of its own`)
    }
    if (!deepEqual(essence(object), essence(old))) {
      throw refusal(request, `a node may only take its finalizer ${LOCAL_PATH_FINALIZER} off a volume`)
    }
  },
}

/** All of the volume but for our finalizer and what the server keeps itself. */
function essence({ metadata, ...rest }: DeepReadonly<KubeObject>) {
  const { finalizers = [], managedFields: _fields, resourceVersion: _version, generation: _count, ...others } = metadata
  return { ...rest, metadata: others, finalizers: finalizers.filter((name) => name !== LOCAL_PATH_FINALIZER) }
}
