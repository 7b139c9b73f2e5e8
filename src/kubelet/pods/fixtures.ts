/** Pods and containers for this room's tests. */

import type { Container, PodSpec } from '../../api/generated/core-v1.ts'
import type { ContainerState, PodSandboxStatus } from '../cri/runtime.ts'
import { containerHash } from './container/identity.ts'
import type { ObservedContainer, ObservedPod } from './observed.ts'
import type { PodView } from './pod-view.ts'

export const aContainer = (name: string, more: Partial<Container> = {}): Container => ({
  name,
  image: 'busybox',
  ...more,
})

export const aPod = (spec: Partial<PodSpec> = {}): PodView => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default', uid: 'u1', generation: 1 },
  spec: { restartPolicy: 'Always', containers: [aContainer('app')], ...spec },
})

export const aSandbox = (more: Partial<PodSandboxStatus> = {}): PodSandboxStatus => ({
  id: 'sandbox-0',
  metadata: { name: 'web', namespace: 'default', uid: 'u1', attempt: 0 },
  state: 'SANDBOX_READY',
  createdAt: 1_000,
  labels: {},
  annotations: {},
  ips: ['10.244.0.5'],
  ...more,
})

export interface SeenContainer {
  readonly state?: ContainerState
  readonly exitCode?: number
  readonly restarts?: number
  readonly sandbox?: string
  readonly image?: string
  readonly createdAt?: number
}

const STATES = {
  running: 'CONTAINER_RUNNING',
  exited: 'CONTAINER_EXITED',
  created: 'CONTAINER_CREATED',
  unknown: 'CONTAINER_UNKNOWN',
} as const

/** A container as the runtime would show it. */
export function seen(name: string, state: keyof typeof STATES, more: SeenContainer = {}): ObservedContainer {
  const { exitCode = 0, restarts = 0, sandbox = 'sandbox-0', image = 'busybox', createdAt = 2_000 + restarts } = more
  return {
    id: `${name}-${restarts}`,
    name,
    sandboxId: sandbox,
    metadata: { name, attempt: restarts },
    image: { image },
    imageRef: 'sha256:1',
    state: STATES[state],
    createdAt,
    startedAt: state === 'created' ? 0 : createdAt,
    finishedAt: state === 'exited' ? createdAt + 10 : 0,
    exitCode,
    reason: state === 'exited' ? (exitCode === 0 ? 'Completed' : 'Error') : '',
    message: '',
    mounts: [],
    logPath: `/logs/${name}/${restarts}.log`,
    labels: {},
    annotations: {},
    identity: {
      hash: containerHash({ name, image }),
      restartCount: restarts,
      messagePolicy: 'File',
      messageFile: '',
      graceSeconds: 30,
    },
  }
}

export const observedPod = (containers: readonly ObservedContainer[], sandboxes = [aSandbox()]): ObservedPod => ({
  sandboxes,
  containers: containers.toSorted((a, b) => b.createdAt - a.createdAt),
})
