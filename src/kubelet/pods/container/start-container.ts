/** Starts one container of a Pod whose sandbox and volumes stand, and tells its events. */

import { qosClassOf } from '../../../api/core/v1/pod/facts.ts'
import path from 'node:path'

import type { Clock } from '../../../base/clock.ts'
import type { ContainerConfig, Image, PodSandboxConfig } from '../../cri/runtime.ts'
import { RuntimeError } from '../../cri/runtime.ts'
import { NO_EDITS } from '../../devices/container-edits.ts'
import { type EnvironmentSources, environmentOf } from '../../environment/environment.ts'
import { containerResources } from '../../resources/linux-resources.ts'
import type { MadeVolume } from '../../volumes/pod-volumes.ts'
import { containerConfig, containerDevices, containerMounts, type MountSources } from './container-config.ts'
import { type HookFault, runHook } from './handlers.ts'
import type { PodDeps } from '../pod-deps.ts'
import { mountsReadOnlyRecursively } from './isolation.ts'
import { gracePeriodOf, type KindedContainer, namesOf, podText, type PodView, specOf } from '../pod-view.ts'
import { rootRefusal } from './security-context.ts'
import { StartFailure } from './start-failure.ts'
import { stopContainer } from './stop-container.ts'

/** What a start that is under way gets when the Pod must stop. */
const START_GRACE_MS = 5_000

export interface StartRequest {
  readonly pod: PodView
  readonly container: KindedContainer
  readonly attempt: number
  readonly sandbox: { readonly id: string; readonly config: PodSandboxConfig }
  readonly image: Image
  readonly volumes: ReadonlyMap<string, MadeVolume>
  /** Makes an image volume, whose image may have to be pulled first. */
  readonly imageVolume: MountSources['image']
  readonly hostsFile: Promise<string>
  readonly podIp: string
  readonly environment: EnvironmentSources
  /** The container whose processes an ephemeral container asks to see. */
  readonly target: { readonly id: string } | undefined
}

/** The answer is the container's id. Throws `StartFailure`. */
export async function startContainer(request: StartRequest, deps: PodDeps, signal: AbortSignal): Promise<string> {
  const { pod, container } = request
  const tell = (type: 'Normal' | 'Warning', reason: string, message: string) =>
    deps.tell({ pod, container, type, reason, message })
  const config = await refuseAs('CreateContainerConfigError', signal, () => configOf(request, deps, signal))
  const id = await refuseAs('CreateContainerError', signal, () =>
    deps.runtime.createContainer(request.sandbox, config, signal),
  )
  tell('Normal', 'Created', 'Container created')
  await refuseAs('RunContainerError', signal, () =>
    inPeace(signal, deps.clock, (late) => deps.runtime.startContainer(id, late)),
  )
  tell('Normal', 'Started', 'Container started')
  await linkLog(request, { id, config }, deps)
  await postStart(request, { id, deps, tell }, signal)
  return id
}

/** A log that collectors do not find is no reason not to run. */
async function linkLog(
  { pod, container, sandbox }: StartRequest,
  { id, config }: { readonly id: string; readonly config: ContainerConfig },
  { host, log }: PodDeps,
): Promise<void> {
  const file = path.join(sandbox.config.logDirectory, config.logPath)
  try {
    await host.pods.linkLog({ pod: namesOf(pod), container: container.spec.name, id, file })
  } catch (error) {
    log.warn('a log cannot be linked', { pod: podText(pod), file, error })
  }
}

/**
 * A Pod that is deleted while its container starts would show a failure that is not its own, were the start broken off:
 * so it gets a moment to end first.
 */
export async function inPeace<T>(
  signal: AbortSignal,
  clock: Clock,
  run: (late: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted()
  const late = new AbortController()
  let cancel = () => {}
  const onAbort = () => {
    cancel = clock.after(START_GRACE_MS, () => late.abort(signal.reason))
  }
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await run(late.signal)
  } finally {
    signal.removeEventListener('abort', onAbort)
    cancel()
  }
}

async function refuseAs<T>(reason: string, signal: AbortSignal, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof StartFailure) throw error
    const message =
      error instanceof RuntimeError ? error.description : error instanceof Error ? error.message : String(error)
    throw new StartFailure(reason, message, { cause: error })
  }
}

async function configOf(request: StartRequest, deps: PodDeps, signal: AbortSignal) {
  const { pod, container, image, attempt } = request
  const { uid } = namesOf(pod)
  const edits = (await deps.devices?.forContainer(pod, container, signal)) ?? NO_EDITS
  const own = await environmentOf(pod, container.spec, request.environment)
  const variables = new Map([...Object.entries(edits.envs), ...own])
  const refusal = rootRefusal(pod, container, image)
  if (refusal !== undefined) throw new Error(refusal)
  const userNamespace = request.sandbox.config.linux.securityContext.namespaceOptions.usernsOptions?.uids[0]
  const messageFile = await deps.host.pods.makeTerminationLog(uid, container.spec.name, attempt)
  const mounts = await containerMounts(pod, container.spec, {
    volumes: request.volumes,
    image: request.imageVolume,
    environment: variables,
    hostsFile: await request.hostsFile,
    messageFile,
    subPath: (subPath) => deps.host.volumes.subPath(subPath),
    readsOnlyRecursively: async () => {
      const handler = await deps.runtimeHandler(specOf(pod).runtimeClassName, signal)
      return mountsReadOnlyRecursively(await deps.runtime.status(signal), handler)
    },
    userNamespace,
  })
  return containerConfig(pod, container, {
    attempt,
    image,
    environment: variables,
    mounts,
    devices: containerDevices(container.spec, request.volumes),
    edits,
    resources: containerResources(pod, container.spec, {
      qos: qosClassOf(pod),
      memoryCapacity: deps.node.memoryCapacity,
      memory: deps.node.memory,
      hugepageSizes: deps.node.hugepageSizes,
    }),
    seccompRoot: deps.node.seccompRoot,
    messageFile,
    target: request.target,
    userNamespace,
  })
}

interface Started {
  readonly id: string
  readonly deps: PodDeps
  readonly tell: (type: 'Normal' | 'Warning', reason: string, message: string) => void
}

/** A container whose postStart hook fails is killed. */
async function postStart(request: StartRequest, { id, deps, tell }: Started, signal: AbortSignal): Promise<void> {
  const { pod, container, podIp } = request
  const hook = container.spec.lifecycle?.postStart
  if (hook === undefined) return
  const handlerDeps = { runtime: deps.runtime, network: deps.host.network, clock: deps.clock }
  const target = { container: container.spec, containerId: id, podIp }
  const fault = await runHook(hook, target, handlerDeps, signal)
  if (fault === undefined) return
  tell('Warning', 'FailedPostStartHook', 'PostStartHook failed')
  const graceSeconds = gracePeriodOf(pod)
  const message = 'FailedPostStartHook'
  await stopContainer(
    { pod, container, observed: { id }, graceSeconds, podIp, begun: new Set(), message },
    deps,
    signal,
  )
  throw new StartFailure('PostStartHookError', hookText(pod, container, fault), { shown: 'PostStartHookError' })
}

/** What the status says of a hook that failed. */
function hookText(pod: PodView, { spec }: KindedContainer, { hook, error, output }: HookFault): string {
  const printed = output === undefined ? '' : `, message: ${JSON.stringify(output)}`
  return `${hook} for Container "${spec.name}" in Pod "${podText(pod)}" failed - error: ${error}${printed}`
}
