/**
 * Probes and lifecycle hooks
 * (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-probes,
 * https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/).
 */

import type { DeepReadonly } from '../../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../../meta/field-path.ts'
import { httpHeaderName, portName, portNumber } from '../../../../../meta/names.ts'
import type { IntOrString } from '../../../../../meta/types.ts'
import {
  forbiddenField,
  invalidEach,
  invalidValue,
  nonNegative,
  notSupported,
  required,
} from '../../../../../meta/validation.ts'
import type {
  Container,
  HTTPGetAction,
  Lifecycle,
  LifecycleHandler,
  Probe,
  ProbeHandler,
  SleepAction,
} from '../../../../generated/core-v1.ts'
import { SIGNALS } from '../signals.ts'

/** What of the Pod matters to its hooks. */
export interface HookContext {
  readonly gracePeriod: number | undefined
  readonly os: string | undefined
}

type Handler = DeepReadonly<ProbeHandler & LifecycleHandler>

/** The three probes of a container that may have them. */
export function validateProbes(container: DeepReadonly<Container>, path: FieldPath): FieldError[] {
  const { livenessProbe, readinessProbe, startupProbe } = container
  const faults: FieldError[] = []
  if (livenessProbe !== undefined) faults.push(...validateSureProbe(livenessProbe, path.child('livenessProbe')))
  if (readinessProbe !== undefined) {
    const here = path.child('readinessProbe')
    faults.push(...validateProbe(readinessProbe, here))
    const grace = readinessProbe.terminationGracePeriodSeconds
    if (grace !== undefined) {
      faults.push(
        invalidValue(here.child('terminationGracePeriodSeconds'), grace, 'must not be set for readinessProbes'),
      )
    }
  }
  if (startupProbe !== undefined) faults.push(...validateSureProbe(startupProbe, path.child('startupProbe')))
  return faults
}

/** Liveness and startup: one success is enough. */
function validateSureProbe(probe: DeepReadonly<Probe>, path: FieldPath): FieldError[] {
  const faults = validateProbe(probe, path)
  const { successThreshold = 0 } = probe
  if (successThreshold !== 1) faults.push(invalidValue(path.child('successThreshold'), successThreshold, 'must be 1'))
  return faults
}

function validateProbe(probe: DeepReadonly<Probe>, path: FieldPath): FieldError[] {
  const faults = validateHandler(probe, path)
  faults.push(
    ...nonNegative(probe.initialDelaySeconds, path.child('initialDelaySeconds')),
    ...nonNegative(probe.timeoutSeconds, path.child('timeoutSeconds')),
    ...nonNegative(probe.periodSeconds, path.child('periodSeconds')),
    ...nonNegative(probe.successThreshold, path.child('successThreshold')),
    ...nonNegative(probe.failureThreshold, path.child('failureThreshold')),
  )
  const grace = probe.terminationGracePeriodSeconds
  if (grace !== undefined && grace <= 0) {
    faults.push(invalidValue(path.child('terminationGracePeriodSeconds'), grace, 'must be greater than 0'))
  }
  return faults
}

/** What runs when a container has started and before it stops. */
export function validateLifecycle(
  lifecycle: DeepReadonly<Lifecycle>,
  path: FieldPath,
  context: HookContext,
): FieldError[] {
  const { postStart, preStop, stopSignal } = lifecycle
  const faults: FieldError[] = []
  if (postStart !== undefined) faults.push(...validateHandler(postStart, path.child('postStart'), context))
  if (preStop !== undefined) faults.push(...validateHandler(preStop, path.child('preStop'), context))
  if (stopSignal !== undefined) faults.push(...validateStopSignal(stopSignal, path.child('stopSignal'), context.os))
  return faults
}

function validateStopSignal(signal: string, path: FieldPath, os: string | undefined): FieldError[] {
  if (os === undefined) return [forbiddenField(path, 'may not be set for containers with empty `spec.os.name`')]
  const supported = os === 'windows' ? ['SIGKILL', 'SIGTERM'] : SIGNALS
  return supported.includes(signal) ? [] : [notSupported(path, signal, supported)]
}

function validateHandler(handler: Handler, path: FieldPath, context?: HookContext): FieldError[] {
  const faults: FieldError[] = []
  let count = 0
  const one = (name: string, validate: (here: FieldPath) => readonly FieldError[]) => {
    const here = path.child(name)
    if (count++ > 0) faults.push(forbiddenField(here, 'may not specify more than 1 handler type'))
    else faults.push(...validate(here))
  }
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler
  if (exec !== undefined) {
    one('exec', (here) => ((exec.command?.length ?? 0) === 0 ? [required(here.child('command'))] : []))
  }
  if (httpGet !== undefined) one('httpGet', (here) => validateHttpGet(httpGet, here))
  if (tcpSocket !== undefined) one('tcpSocket', (here) => validatePort(tcpSocket.port, here.child('port')))
  if (grpc !== undefined) one('grpc', (here) => validatePort(grpc.port, here.child('port')))
  if (sleep !== undefined) one('sleep', (here) => validateSleep(sleep, here, context?.gracePeriod))
  if (count === 0) faults.push(required(path, 'must specify a handler type'))
  return faults
}

function validateHttpGet(action: DeepReadonly<HTTPGetAction>, path: FieldPath): FieldError[] {
  const faults: FieldError[] = []
  const { path: urlPath = '', scheme = '', httpHeaders } = action
  if (urlPath === '') faults.push(required(path.child('path')))
  faults.push(...validatePort(action.port, path.child('port')))
  if (scheme !== 'HTTP' && scheme !== 'HTTPS')
    faults.push(notSupported(path.child('scheme'), scheme, ['HTTP', 'HTTPS']))
  for (const { name } of httpHeaders ?? []) {
    faults.push(...invalidEach(path.child('httpHeaders'), name, httpHeaderName(name)))
  }
  return faults
}

/** A port by number or by name. */
export function validatePort(port: IntOrString | undefined, path: FieldPath): FieldError[] {
  return invalidEach(path, port ?? 0, typeof port === 'string' ? portName(port) : portNumber(port ?? 0))
}

function validateSleep({ seconds }: SleepAction, path: FieldPath, gracePeriod: number | undefined): FieldError[] {
  if (gracePeriod === undefined || (seconds >= 0 && seconds <= gracePeriod)) return []
  const words = `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriod})`
  return [invalidValue(path, seconds, words)]
}
