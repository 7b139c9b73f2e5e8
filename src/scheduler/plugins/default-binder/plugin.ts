/** Binds a Pod to its node through the API (https://kubernetes.io/docs/concepts/scheduling-eviction/scheduling-framework/#bind). */

import type { Binding } from '../../../api/generated/core-v1.ts'
import type { Client } from '../../../client/client.ts'
import { PODS } from '../../../client/resources.ts'
import type { SchedulerPlugin } from '../../framework/plugin.ts'

export function defaultBinder(client: Client): SchedulerPlugin {
  return {
    name: 'DefaultBinder',

    async bind(_cycle, { pod }, nodeName, signal) {
      const { name = '', namespace = '', uid = '' } = pod.metadata
      const binding: Binding = {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name, namespace, uid },
        target: { kind: 'Node', name: nodeName },
      }
      await client.create({ ...PODS, type: binding }, binding, { subresource: 'binding', name }, signal)
    },
  }
}
