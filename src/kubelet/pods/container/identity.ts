/**
 * What the kubelet writes on sandboxes and containers, so that it knows them again after a restart. The keys are
 * Kubernetes's own; other tools read them.
 */

import { createHash } from 'node:crypto'

import { type ContainerView, type KindedContainer, namesOf, type PodView, specOf } from '../pod-view.ts'

export const POD_NAME = 'io.kubernetes.pod.name'
export const POD_NAMESPACE = 'io.kubernetes.pod.namespace'
export const POD_UID = 'io.kubernetes.pod.uid'
const CONTAINER_NAME = 'io.kubernetes.container.name'
export const CONTAINER_KIND = 'gorae.dev/container-kind'
/** On a sandbox: where on the node the ids of its user namespace begin. */
export const USER_NAMESPACE = 'gorae.dev/user-namespace'
const CONTAINER_HASH = 'io.kubernetes.container.hash'
const RESTART_COUNT = 'io.kubernetes.container.restartCount'
const MESSAGE_PATH = 'io.kubernetes.container.terminationMessagePath'
const MESSAGE_POLICY = 'io.kubernetes.container.terminationMessagePolicy'
const MESSAGE_FILE = 'gorae.dev/termination-message-file'
const GRACE_PERIOD = 'io.kubernetes.pod.terminationGracePeriod'

type Texts = Readonly<Record<string, string>>

/** Labels that every sandbox and container of a Pod carries. */
const podLabels = (pod: PodView): Texts => {
  const { name, namespace, uid } = namesOf(pod)
  return { [POD_NAME]: name, [POD_NAMESPACE]: namespace, [POD_UID]: uid }
}

/** A sandbox's labels: the Pod's own, and its identity. */
export const sandboxLabels = (pod: PodView): Texts => ({ ...pod.metadata.labels, ...podLabels(pod) })

export const containerLabels = (pod: PodView, container: KindedContainer): Texts => ({
  ...podLabels(pod),
  [CONTAINER_NAME]: container.spec.name,
})

/** What a change of which means a new container: its name and image. */
export function containerHash({ name, image }: Pick<ContainerView, 'name' | 'image'>): string {
  return createHash('sha256').update(JSON.stringify({ name, image })).digest('hex').slice(0, 8)
}

export function containerAnnotations(
  pod: PodView,
  container: KindedContainer,
  facts: { readonly restartCount: number; readonly messageFile: string },
): Texts {
  const { spec } = container
  return {
    [CONTAINER_KIND]: container.kind,
    [CONTAINER_HASH]: containerHash(spec),
    [RESTART_COUNT]: String(facts.restartCount),
    [MESSAGE_PATH]: spec.terminationMessagePath ?? '/dev/termination-log',
    [MESSAGE_POLICY]: spec.terminationMessagePolicy ?? 'File',
    [MESSAGE_FILE]: facts.messageFile,
    [GRACE_PERIOD]: String(specOf(pod).terminationGracePeriodSeconds ?? 30),
  }
}

/** What the annotations of a container tell about it. */
export interface ContainerIdentity {
  readonly hash: string
  readonly restartCount: number
  readonly messagePolicy: string
  /** The host's file behind the termination message; empty when unknown. */
  readonly messageFile: string
  readonly graceSeconds: number
}

const count = (text: string | undefined, otherwise: number): number => {
  const value = Number.parseInt(text ?? '', 10)
  return Number.isNaN(value) ? otherwise : value
}

export const identityOf = (annotations: Texts): ContainerIdentity => ({
  hash: annotations[CONTAINER_HASH] ?? '',
  restartCount: count(annotations[RESTART_COUNT], 0),
  messagePolicy: annotations[MESSAGE_POLICY] ?? 'File',
  messageFile: annotations[MESSAGE_FILE] ?? '',
  graceSeconds: count(annotations[GRACE_PERIOD], 30),
})
