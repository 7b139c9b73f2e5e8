/** What an autoscaler scales: any resource with a scale (https://kubernetes.io/docs/reference/kubernetes-api/autoscaling/scale-v1/). */

import type { CrossVersionObjectReference } from '../../api/generated/autoscaling-v2.ts'
import type { Scale } from '../../api/generated/autoscaling-v1.ts'
import type { CustomResourceDefinition } from '../../api/generated/apiextensions-v1.ts'
import type { Client } from '../../client/client.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { GroupVersionResource } from '../../meta/types.ts'
import { builtInResources, customResource, groupOf } from '../kit/all-resources.ts'

const BUILT_IN = builtInResources()

export interface ScaleAt {
  readonly resource: GroupVersionResource
  readonly namespace: string
  readonly name: string
}

/** The resource that serves the kind; throws when there is none. */
export function resourceOf(
  { apiVersion = 'v1', kind }: DeepReadonly<CrossVersionObjectReference>,
  definitions: readonly DeepReadonly<CustomResourceDefinition>[],
): GroupVersionResource {
  const group = groupOf(apiVersion)
  const custom = definitions.flatMap((definition) => customResource(definition) ?? [])
  const found = [...BUILT_IN, ...custom].find((each) => each.kind === kind && each.group === group)
  if (found === undefined) {
    const named = group === '' ? kind : `${kind}.${group}`
    throw new Error(`no matches for kind ${JSON.stringify(kind)} in group ${JSON.stringify(group)} (${named})`)
  }
  return { group: found.group, version: found.version, resource: found.resource }
}

export async function getScale(client: Client, at: ScaleAt, signal: AbortSignal): Promise<DeepReadonly<Scale>> {
  return (await client.transport.call({ ...at, subresource: 'scale', verb: 'get' }, signal)) as DeepReadonly<Scale>
}

/** Keeps the scale's version: somebody who changed it meanwhile wins. */
export async function setReplicas(
  client: Client,
  at: ScaleAt,
  { scale, replicas }: { readonly scale: DeepReadonly<Scale>; readonly replicas: number },
  signal: AbortSignal,
): Promise<void> {
  const body = { ...scale, spec: { ...scale.spec, replicas } }
  await client.transport.call({ ...at, subresource: 'scale', verb: 'update', body }, signal)
}
