/**
 * What happens in the runtime, as it happens. Runtimes that have CRI's own event stream are listened to there;
 * containerd before 1.7 lacks it, and 1.7 hands every event to one listener only, were it one that has gone: so the
 * general event service of both is used, which CRI's own state lags by a moment.
 */

import { channel as openQueue } from '../../../base/async/channel.ts'
import type { Clock } from '../../../base/clock.ts'
import { isRuntimeNotFound, RuntimeError, type RuntimeEvent, type RuntimeService } from '../runtime.ts'
import { message, text } from '../../grpc/read.ts'
import type { GrpcChannel } from '../../grpc/channel.ts'
import type { Plain } from '../../grpc/protocol.ts'
import { CRI } from './cri-messages.ts'

interface EventDeps {
  readonly channel: GrpcChannel
  readonly clock: Clock
  readonly runtime: Pick<RuntimeService, 'containerStatus' | 'podSandboxStatus' | 'version'>
}

/** The namespace in which containerd keeps what CRI made. */
const CRI_NAMESPACE = 'k8s.io'
/** How long CRI's own state may lag behind an exit before the event is handed on regardless. */
const SETTLE_MS = 1_000
const FIRST_LOOK_MS = 2
/** Events are few and small; a reader that lags by this many has stopped reading. */
const QUEUE = 4096

const CRI_EVENTS = {
  path: '/runtime.v1.RuntimeService/GetContainerEvents',
  request: 'Empty',
  response: 'ContainerEventResponse',
}
const CONTAINERD_EVENTS = {
  path: '/containerd.services.events.v1.Events/Subscribe',
  request: 'SubscribeRequest',
  response: 'Envelope',
}

const CRI_TYPES: Readonly<Record<string, RuntimeEvent['type']>> = {
  CONTAINER_CREATED_EVENT: 'created',
  CONTAINER_STARTED_EVENT: 'started',
  CONTAINER_STOPPED_EVENT: 'stopped',
  CONTAINER_DELETED_EVENT: 'deleted',
}

/** Events from now on; throws when the runtime goes away. */
export async function* runtimeEvents(deps: EventDeps, signal: AbortSignal): AsyncGenerator<RuntimeEvent> {
  const options = { signal, timeoutMs: 0 }
  const { runtimeName, runtimeVersion } = await deps.runtime.version(signal)
  if (runtimeName === 'containerd' && /^v?1\./.test(runtimeVersion)) {
    yield* containerdEvents(deps, signal)
    return
  }
  try {
    for await (const event of deps.channel.stream(CRI_EVENTS, {}, options)) {
      const type = CRI_TYPES[text(event['containerEventType'])]
      const podUid = text(message(message(event['podSandboxStatus'])?.['metadata'])?.['uid'])
      if (type !== undefined) yield { type, containerId: text(event['containerId']), ...(podUid !== '' && { podUid }) }
    }
  } catch (error) {
    if (!(error instanceof RuntimeError) || error.code !== 'Unimplemented') throw error
    yield* containerdEvents(deps, signal)
    return
  }
  throw new RuntimeError('Unavailable', 'the runtime ended its event stream')
}

async function* containerdEvents(deps: EventDeps, signal: AbortSignal): AsyncGenerator<RuntimeEvent> {
  const closing = new AbortController()
  const inner = AbortSignal.any([signal, closing.signal])
  const queue = openQueue<RuntimeEvent>(QUEUE, () => closing.abort(), signal)
  const reading = readContainerd(deps, inner, (event) => {
    if (!queue.push(event)) queue.close(new RuntimeError('ResourceExhausted', 'the reader of runtime events stalled'))
  }).then(
    () => queue.close(new RuntimeError('Unavailable', 'the runtime ended its event stream')),
    (error: unknown) => queue.close(error),
  )
  try {
    yield* queue
  } finally {
    closing.abort()
    await reading
  }
}

async function readContainerd(deps: EventDeps, signal: AbortSignal, emit: (event: RuntimeEvent) => void) {
  const filters = ['exit', 'delete', 'start'].map((kind) => `namespace==${CRI_NAMESPACE},topic=="/tasks/${kind}"`)
  for await (const envelope of deps.channel.stream(CONTAINERD_EVENTS, { filters }, { signal, timeoutMs: 0 })) {
    const event = eventOf(envelope)
    if (event === undefined) continue
    if (event.type === 'stopped')
      void settled(deps, event.containerId, signal).then(
        () => emit(event),
        () => {},
      )
    else emit(event)
  }
}

/** The kubelet's event in a containerd envelope; nothing for processes that were run inside a container. */
export function eventOf(envelope: Plain): RuntimeEvent | undefined {
  const payload = message(envelope['event'])?.['value']
  if (!(payload instanceof Uint8Array)) return undefined
  const topic = text(envelope['topic'])
  if (topic === '/tasks/start') {
    return { type: 'started', containerId: text(CRI.decode('TaskEvent', payload)['containerId']) }
  }
  const event = CRI.decode(topic === '/tasks/exit' ? 'TaskEvent' : 'TaskDeleteEvent', payload)
  const [containerId, process] = [text(event['containerId']), text(event['id'])]
  return process === '' || process === containerId ? { type: 'stopped', containerId } : undefined
}

/** Waits until CRI says that the container, or sandbox, has stopped: it hears of exits at the same moment as we do. */
async function settled({ runtime, clock }: EventDeps, id: string, signal: AbortSignal): Promise<void> {
  for (let wait = FIRST_LOOK_MS, spent = 0; spent < SETTLE_MS; spent += wait, wait *= 2) {
    if (await hasStopped(runtime, id, signal)) return
    await clock.sleep(wait, signal)
  }
}

async function hasStopped(runtime: EventDeps['runtime'], id: string, signal: AbortSignal): Promise<boolean> {
  try {
    const { state } = await runtime.containerStatus(id, signal)
    return state !== 'CONTAINER_RUNNING'
  } catch (error) {
    if (!isRuntimeNotFound(error)) throw error
  }
  try {
    const { state } = await runtime.podSandboxStatus(id, signal)
    return state !== 'SANDBOX_READY'
  } catch (error) {
    if (isRuntimeNotFound(error)) return true
    throw error
  }
}
