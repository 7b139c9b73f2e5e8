/** The scale of any object that has one, built-in or custom (https://kubernetes.io/docs/reference/kubernetes-api/autoscaling/scale-v1/). */

import type { Scale } from '../../api/generated/autoscaling-v1.ts'
import type { CustomResourceDefinition } from '../../api/generated/apiextensions-v1.ts'
import { resourceFacts } from '../../api/generated/resources.ts'
import type { Client } from '../../client/client.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { GroupVersionResource } from '../../meta/types.ts'
import { type AnyResource, builtInResources, customResource, groupOf } from './all-resources.ts'

const BUILT_IN = builtInResources()

export type Definitions = readonly DeepReadonly<CustomResourceDefinition>[]

export interface ScaleAt {
  readonly resource: GroupVersionResource
  readonly namespace: string
  readonly name: string
}

/** The resource that serves the kind; undefined when there is none. */
export function resourceOf(
  { apiVersion = 'v1', kind }: { readonly apiVersion?: string; readonly kind: string },
  definitions: Definitions,
): AnyResource | undefined {
  const group = groupOf(apiVersion)
  const isIt = (each: AnyResource) => each.kind === kind && each.group === group
  return BUILT_IN.find(isIt) ?? definitions.flatMap((each) => customResource(each) ?? []).find(isIt)
}

/** Whether objects of the resource have a scale. */
export function hasScale({ group, version, resource }: AnyResource, definitions: Definitions): boolean {
  const facts = resourceFacts[`${group === '' ? '' : `${group}/`}${version}/${resource}`]
  if (facts !== undefined) return facts.subresources.some(({ name }) => name === 'scale')
  const definition = definitions.find(({ spec }) => spec.group === group && spec.names.plural === resource)
  return definition?.spec.versions.find(({ name }) => name === version)?.subresources?.scale !== undefined
}

export async function getScale(client: Client, at: ScaleAt, signal: AbortSignal): Promise<DeepReadonly<Scale>> {
  return (await client.transport.call(
    { ...at, resource: bare(at.resource), subresource: 'scale', verb: 'get' },
    signal,
  )) as DeepReadonly<Scale>
}

/** Keeps the scale's version: somebody who changed it meanwhile wins. */
export async function setReplicas(
  client: Client,
  at: ScaleAt,
  { scale, replicas }: { readonly scale: DeepReadonly<Scale>; readonly replicas: number },
  signal: AbortSignal,
): Promise<void> {
  const body = { ...scale, spec: { ...scale.spec, replicas } }
  const resource = bare(at.resource)
  await client.transport.call({ ...at, resource, subresource: 'scale', verb: 'update', body }, signal)
}

const bare = ({ group, version, resource }: GroupVersionResource): GroupVersionResource => ({
  group,
  version,
  resource,
})
