/** Reading a Pod: names, its containers by kind, and the texts that name them. */

import { isSidecar } from '../../api/core/v1/pod/facts.ts'
import type { Container, EphemeralContainer, Pod, PodSpec } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { PodNames } from '../host/host.ts'

/** A Pod as everybody shares it. */
export type PodView = DeepReadonly<Pod>
export type ContainerView = DeepReadonly<Container>
/** Which of the Pod's lists a container stands in. A sidecar is an init container that never ends. */
export type ContainerKind = 'init' | 'sidecar' | 'app' | 'ephemeral'

export interface KindedContainer {
  readonly kind: ContainerKind
  readonly spec: DeepReadonly<EphemeralContainer>
}

const EMPTY_SPEC: DeepReadonly<PodSpec> = { containers: [] }

export const specOf = (pod: PodView): DeepReadonly<PodSpec> => pod.spec ?? EMPTY_SPEC

export const namesOf = ({ metadata }: PodView): PodNames => ({
  namespace: metadata.namespace ?? 'default',
  name: metadata.name ?? '',
  uid: metadata.uid ?? '',
})

/** `name_namespace(uid)`, as messages name a Pod. */
export function podText(pod: PodView): string {
  const { name, namespace, uid } = namesOf(pod)
  return `${name}_${namespace}(${uid})`
}

/** Init containers and sidecars, in order. */
export const initContainersOf = (pod: PodView): readonly KindedContainer[] =>
  (specOf(pod).initContainers ?? []).map((spec) => ({ kind: isSidecar(spec) ? 'sidecar' : 'init', spec }))

export const appContainersOf = (pod: PodView): readonly KindedContainer[] =>
  specOf(pod).containers.map((spec) => ({ kind: 'app', spec }))

export const ephemeralContainersOf = (pod: PodView): readonly KindedContainer[] =>
  (specOf(pod).ephemeralContainers ?? []).map((spec) => ({ kind: 'ephemeral', spec }))

/** Every container: init, app, ephemeral. */
export const containersOf = (pod: PodView): readonly KindedContainer[] => [
  ...initContainersOf(pod),
  ...appContainersOf(pod),
  ...ephemeralContainersOf(pod),
]

const FIELD: Readonly<Record<ContainerKind, string>> = {
  init: 'initContainers',
  sidecar: 'initContainers',
  app: 'containers',
  ephemeral: 'ephemeralContainers',
}

/** Where an event about the container points, e.g. `spec.containers{web}`. */
export const fieldPathOf = ({ kind, spec }: KindedContainer): string => `spec.${FIELD[kind]}{${spec.name}}`

/** The container's own restart policy, or the Pod's. */
export const policyOf = (pod: PodView, container: ContainerView): string =>
  container.restartPolicy ?? specOf(pod).restartPolicy ?? 'Always'

export const isHostNetwork = (pod: PodView): boolean => specOf(pod).hostNetwork === true

/** How long the Pod may take to stop: what its deletion says, else what it asks for itself. */
export const gracePeriodOf = (pod: PodView): number =>
  pod.metadata.deletionGracePeriodSeconds ?? specOf(pod).terminationGracePeriodSeconds ?? 30
