/**
 * Carries out what probes and hooks ask for: a command in the container, an HTTP request, a connection, a gRPC call, a
 * rest (https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/).
 */

import type { ContainerPort, HTTPGetAction, LifecycleHandler, Probe } from '../../../api/generated/core-v1.ts'
import type { Clock } from '../../../base/clock.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import type { IntOrString } from '../../../meta/types.ts'
import { RuntimeError, type RuntimeService } from '../../cri/runtime.ts'
import { expand } from '../../environment/expand.ts'
import { formatMilliseconds } from '../../../wire/decode/duration.ts'
import type { HttpRequest, ProbeAnswer, ProbeNetwork } from '../../host/host.ts'
import type { ContainerView } from '../pod-view.ts'

/** As much of a command's output as events quote. */
const MAX_OUTPUT = 10 * 1024

export interface HandlerDeps {
  readonly runtime: Pick<RuntimeService, 'execSync'>
  readonly network: ProbeNetwork
  readonly clock: Clock
}

export interface HandlerTarget {
  readonly container: ContainerView
  readonly containerId: string
  readonly podIp: string
}

export type HandlerAnswer =
  | ProbeAnswer
  /** It could not be tried. */
  | { readonly outcome: 'unknown'; readonly output: string }

/** The command of a probe, with the variables that the spec gives a value; unlike that of a hook. */
function probeCommand(command: readonly string[], { env = [] }: ContainerView): readonly string[] {
  const values = new Map(env.map(({ name, value = '' }) => [name, value]))
  return command.map((word) => expand(word, (name) => values.get(name)))
}

/** A port by number or by name, or why it is none. */
export function portOf(
  port: IntOrString,
  ports: readonly DeepReadonly<ContainerPort>[] = [],
): number | { readonly fault: string } {
  const named = ports.find(({ name }) => name === port)?.containerPort
  const number = named ?? (/^[+-]?\d{1,9}$/.test(String(port)) ? Number(port) : undefined)
  if (number === undefined) return { fault: `strconv.Atoi: parsing ${JSON.stringify(port)}: invalid syntax` }
  return number > 0 && number < 65_536 ? number : { fault: `invalid port number: ${number}` }
}

const unknown = (output: string): HandlerAnswer => ({ outcome: 'unknown', output })

/** Runs a probe once. */
export function runProbe(
  probe: DeepReadonly<Probe>,
  target: HandlerTarget,
  deps: HandlerDeps,
  signal: AbortSignal,
): Promise<HandlerAnswer> {
  const timeoutSeconds = probe.timeoutSeconds ?? 1
  const { podIp } = target
  if (probe.exec !== undefined) {
    const command = probeCommand(probe.exec.command ?? [], target.container)
    return runCommand(command, { target, deps, timeoutSeconds }, signal)
  }
  if (probe.httpGet !== undefined) return runHttp(probe.httpGet, { target, deps, timeoutSeconds }, signal)
  if (probe.tcpSocket !== undefined) {
    const port = portOf(probe.tcpSocket.port, target.container.ports)
    if (typeof port !== 'number') return Promise.resolve(unknown(port.fault))
    return deps.network.tcp(probe.tcpSocket.host ?? podIp, port, timeoutSeconds * 1000, signal)
  }
  if (probe.grpc !== undefined) {
    return deps.network.grpc(podIp, probe.grpc.port, probe.grpc.service ?? '', timeoutSeconds * 1000, signal)
  }
  return Promise.resolve(unknown('missing probe handler'))
}

/** What went wrong with a hook: the text of its status, but for the container's name. */
export interface HookFault {
  /** E.g. `Exec lifecycle hook ([false])`. */
  readonly hook: string
  readonly error: string
  /** What a command printed. */
  readonly output?: string
}

/** Runs a hook to its end; the answer is what went wrong, if anything did. */
export async function runHook(
  hook: DeepReadonly<LifecycleHandler>,
  target: HandlerTarget,
  deps: HandlerDeps,
  signal: AbortSignal,
): Promise<HookFault | undefined> {
  if (hook.exec !== undefined) return commandFault(hook.exec.command ?? [], { target, deps }, signal)
  if (hook.httpGet !== undefined) {
    const answer = await runHttp(hook.httpGet, { target, deps, timeoutSeconds: 60, anyStatus: true }, signal)
    if (answer.outcome === 'success') return undefined
    return { hook: `HTTP lifecycle hook (${hook.httpGet.path ?? ''})`, error: answer.output }
  }
  if (hook.sleep !== undefined) await deps.clock.sleep(hook.sleep.seconds * 1000, signal)
  return undefined
}

async function commandFault(
  command: readonly string[],
  { target, deps }: Pick<RunFacts, 'target' | 'deps'>,
  signal: AbortSignal,
): Promise<HookFault | undefined> {
  const hook = `Exec lifecycle hook ([${command.join(' ')}])`
  try {
    // A hook has no limit of its own: the grace period, or the Pod's end, aborts it.
    const { stdout, stderr, exitCode } = await deps.runtime.execSync(target.containerId, command, 0, signal)
    if (exitCode === 0) return undefined
    const error = `command '${command.join(' ')}' exited with ${exitCode}: ${Buffer.from(stderr).toString('utf8')}`
    return { hook, error, output: outputOf(stdout, stderr) }
  } catch (error) {
    signal.throwIfAborted()
    return { hook, error: error instanceof Error ? error.message : String(error), output: '' }
  }
}

const outputOf = (stdout: Uint8Array, stderr: Uint8Array) =>
  Buffer.concat([stdout, stderr]).subarray(0, MAX_OUTPUT).toString('utf8')

interface RunFacts {
  readonly target: HandlerTarget
  readonly deps: HandlerDeps
  readonly timeoutSeconds: number
  /** Any answer of the server will do. */
  readonly anyStatus?: boolean
}

async function runCommand(
  command: readonly string[],
  { target, deps, timeoutSeconds }: RunFacts,
  signal: AbortSignal,
): Promise<HandlerAnswer> {
  try {
    const { stdout, stderr, exitCode } = await deps.runtime.execSync(
      target.containerId,
      command,
      timeoutSeconds,
      signal,
    )
    return { outcome: exitCode === 0 ? 'success' : 'failure', output: outputOf(stdout, stderr) }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof RuntimeError && error.code === 'DeadlineExceeded') {
      const text = command.join(' ')
      return {
        outcome: 'failure',
        output: `command timed out: "${text}" timed out after ${formatMilliseconds(timeoutSeconds * 1000)}`,
      }
    }
    return unknown(error instanceof Error ? error.message : String(error))
  }
}

function runHttp(
  action: DeepReadonly<HTTPGetAction>,
  { target, deps, timeoutSeconds, anyStatus = false }: RunFacts,
  signal: AbortSignal,
): Promise<HandlerAnswer> {
  const port = portOf(action.port, target.container.ports)
  if (typeof port !== 'number') return Promise.resolve(unknown(port.fault))
  const request: HttpRequest = {
    scheme: action.scheme ?? 'HTTP',
    host: action.host === undefined || action.host === '' ? target.podIp : action.host,
    port,
    path: action.path ?? '/',
    headers: action.httpHeaders ?? [],
    timeoutMs: timeoutSeconds * 1000,
    anyStatus,
  }
  return deps.network.http(request, signal)
}
