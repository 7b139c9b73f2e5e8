/** Containers of every sort (https://kubernetes.io/docs/concepts/workloads/pods/#pods-and-containers). */

import type { DeepReadonly } from '../../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../../meta/field-path.ts'
import { dnsLabel, portName, portNumber } from '../../../../../meta/names.ts'
import {
  duplicate,
  ENOUGH,
  forbiddenField,
  invalidEach,
  invalidValue,
  judgeAll,
  notFoundValue,
  notSupported,
  required,
} from '../../../../../meta/validation.ts'
import { asGiven } from '../../../../../wire/json/nil.ts'
import type { Container, ContainerPort, EphemeralContainer, PodSpec } from '../../../../generated/core-v1.ts'
import { isSidecar } from '../requests.ts'
import { validateEnv, validateEnvFrom } from './env.ts'
import { validateVolumeDevices, validateVolumeMounts, type Volumes } from './mounts.ts'
import { type HookContext, validateLifecycle, validateProbes } from './probes.ts'
import { validateRequirements, validateResizePolicy } from './resources.ts'
import { validateInitRestartPolicy, validateRestartPolicy } from './restart-policy.ts'
import { validateSecurityContext } from './security.ts'

type Shared = DeepReadonly<Container>

/** What of the Pod matters to its containers. */
export interface ContainerContext extends HookContext {
  readonly volumes: Volumes
  readonly claims: ReadonlySet<string>
  readonly restartPolicy: string | undefined
  readonly usesHostUsers: boolean
}

const PROTOCOLS = ['SCTP', 'TCP', 'UDP']
const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never']
const MESSAGE_POLICIES = ['File', 'FallbackToLogsOnError']

/** The Pod's own containers. */
export function validateContainers(
  containers: readonly Shared[] | undefined,
  path: FieldPath,
  context: ContainerContext,
): FieldError[] {
  if (containers === undefined || containers.length === 0) return [required(path)]
  const faults: FieldError[] = []
  const names = new Set<string>()
  for (const [at, container] of containers.entries()) {
    if (faults.length > ENOUGH) break
    const here = path.index(at)
    faults.push(...validateContainer(container, here, context))
    if (names.has(container.name)) faults.push(duplicate(here.child('name'), container.name))
    names.add(container.name)
    if (container.lifecycle !== undefined) {
      faults.push(...validateLifecycle(container.lifecycle, here.child('lifecycle'), context))
    }
    faults.push(...validateProbes(container, here), ...validateRestartPolicy(container, here))
  }
  faults.push(...uniqueHostPorts(containers, path))
  return faults
}

/** Containers that run before the others, one by one, or start before them and stay. */
export function validateInitContainers(spec: DeepReadonly<PodSpec>, path: FieldPath, context: ContainerContext) {
  const faults: FieldError[] = []
  const names = new Set((spec.containers ?? []).map(({ name }) => name))
  for (const [at, container] of (spec.initContainers ?? []).entries()) {
    if (faults.length > ENOUGH) break
    const here = path.index(at)
    faults.push(...validateContainer(container, here, context))
    if (names.has(container.name)) faults.push(duplicate(here.child('name'), container.name))
    else if (container.name !== '') names.add(container.name)
    faults.push(...uniqueHostPorts([container], path), ...validateInitRestartPolicy(container, here))
    if (isSidecar(container)) {
      if (container.lifecycle !== undefined) {
        faults.push(...validateLifecycle(container.lifecycle, here.child('lifecycle'), context))
      }
      faults.push(...validateProbes(container, here))
    } else faults.push(...withoutHooks(container, here))
  }
  return faults
}

const HOOKS = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const

function withoutHooks(container: Shared, path: FieldPath): FieldError[] {
  const words = 'may not be set for init containers without restartPolicy=Always'
  return HOOKS.filter((hook) => container[hook] !== undefined).map((hook) => forbiddenField(path.child(hook), words))
}

/** What a container that is put into a running Pod may not have. */
const NOT_EPHEMERAL = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
] as const

/** Containers put into a running Pod for debugging. */
export function validateEphemeralContainers(spec: DeepReadonly<PodSpec>, path: FieldPath, context: ContainerContext) {
  const faults: FieldError[] = []
  const others = [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(({ name }) => name)
  const [names, targets] = [new Set(others), new Set(others)]
  for (const [at, container] of (spec.ephemeralContainers ?? []).entries()) {
    if (faults.length > ENOUGH) break
    const here = path.index(at)
    faults.push(...validateContainer(container, here, context), ...validateImagePadding(container, here))
    if (names.has(container.name)) faults.push(duplicate(here.child('name'), container.name))
    else names.add(container.name)
    faults.push(...validateEphemeralFields(container, here))
    const { targetContainerName: target = '' } = container
    if (target !== '' && !targets.has(target)) faults.push(notFoundValue(here.child('targetContainerName'), target))
  }
  return faults
}

function validateEphemeralFields(container: DeepReadonly<EphemeralContainer>, path: FieldPath): FieldError[] {
  const words = 'cannot be set for an Ephemeral Container'
  const faults = NOT_EPHEMERAL.filter((field) => isSet(container[field]) || isLeftOut(container, field)).map((field) =>
    forbiddenField(path.child(field), words),
  )
  if (container.lifecycle !== undefined) faults.push(forbiddenField(path.child('lifecycle'), words))
  for (const [at, { subPath = '', subPathExpr = '' }] of (container.volumeMounts ?? []).entries()) {
    if (faults.length > ENOUGH) break
    const here = path.child('volumeMounts').index(at)
    if (subPath !== '') faults.push(forbiddenField(here.child('subPath'), words))
    if (subPathExpr !== '') faults.push(forbiddenField(here.child('subPathExpr'), words))
  }
  return faults
}

const isLeftOut = (container: DeepReadonly<EphemeralContainer>, field: (typeof NOT_EPHEMERAL)[number]): boolean =>
  container[field] === undefined && asGiven(container, field) !== undefined

function isSet(value: unknown): boolean {
  return value !== undefined && (typeof value !== 'object' || value === null || Object.keys(value).length > 0)
}

/** What all sorts of containers have in common. */
function validateContainer(container: Shared, path: FieldPath, context: ContainerContext): FieldError[] {
  const faults: FieldError[] = []
  const { name, image = '', terminationMessagePolicy: messagePolicy, imagePullPolicy: pullPolicy } = container
  if (name === '') faults.push(required(path.child('name')))
  else faults.push(...invalidEach(path.child('name'), name, dnsLabel(name)))
  if (image === '') faults.push(required(path.child('image')))
  faults.push(
    ...oneOf(messagePolicy, MESSAGE_POLICIES, path.child('terminationMessagePolicy')),
    ...validatePorts(container.ports, path.child('ports')),
    ...validateEnv(container.env, path.child('env')),
    ...validateEnvFrom(container.envFrom, path.child('envFrom')),
    ...validateVolumeMounts(container, context.volumes, path.child('volumeMounts')),
    ...validateVolumeDevices(container, context.volumes, path.child('volumeDevices')),
    ...oneOf(pullPolicy, PULL_POLICIES, path.child('imagePullPolicy')),
  )
  if (container.resources !== undefined) {
    faults.push(...validateRequirements(container.resources, context.claims, path.child('resources')))
  }
  faults.push(
    ...validateResizePolicy(container.resizePolicy, path.child('resizePolicy'), context.restartPolicy),
    ...validateSecurityContext(container.securityContext, path.child('securityContext'), context.usesHostUsers),
  )
  return faults
}

function oneOf(value: string | undefined, supported: readonly string[], path: FieldPath): FieldError[] {
  if (value === undefined || value === '') return [required(path)]
  return supported.includes(value) ? [] : [notSupported(path, value, supported)]
}

/** Spaces around an image are refused in Pods, and, for old objects' sake, not in templates. */
export function validateImagePadding({ image = '' }: Shared, path: FieldPath): FieldError[] {
  if (image === image.trim()) return []
  return [invalidValue(path.child('image'), image, 'must not have leading or trailing whitespace')]
}

function validatePorts(ports: readonly ContainerPort[] | undefined, path: FieldPath): FieldError[] {
  const faults: FieldError[] = []
  const names = new Set<string>()
  for (const [at, port] of (ports ?? []).entries()) {
    if (faults.length > ENOUGH) break
    const here = path.index(at)
    const { name = '', containerPort, hostPort = 0, protocol = '' } = port
    if (name !== '') {
      const wrong = invalidEach(here.child('name'), name, portName(name))
      faults.push(...wrong)
      if (wrong.length === 0 && names.has(name)) faults.push(duplicate(here.child('name'), name))
      names.add(name)
    }
    if (containerPort === 0) faults.push(required(here.child('containerPort')))
    else faults.push(...invalidEach(here.child('containerPort'), containerPort, portNumber(containerPort)))
    if (hostPort !== 0) faults.push(...invalidEach(here.child('hostPort'), hostPort, portNumber(hostPort)))
    faults.push(...oneOf(protocol, PROTOCOLS, here.child('protocol')))
  }
  return faults
}

/** A node has each port once. */
function uniqueHostPorts(containers: readonly Shared[], path: FieldPath): FieldError[] {
  const faults: FieldError[] = []
  const taken = new Set<string>()
  for (const [at, { ports }] of containers.entries()) {
    if (faults.length > ENOUGH) break
    for (const [portAt, { hostPort = 0, hostIP = '', protocol = '' }] of (ports ?? []).entries()) {
      if (faults.length > ENOUGH) break
      if (hostPort === 0) continue
      const place = `${protocol}/${hostIP}/${hostPort}`
      if (taken.has(place)) faults.push(duplicate(path.index(at).child('ports').index(portAt).child('hostPort'), place))
      taken.add(place)
    }
  }
  return faults
}

/** On the node's own network a container's port is the node's port. */
export function validateHostNetworkPorts(
  containers: readonly Shared[] | undefined,
  path: FieldPath,
  isPod: boolean,
): FieldError[] {
  return judgeAll(containers, ({ ports }, at) =>
    judgeAll(ports, ({ hostPort = 0, containerPort }, portAt) => {
      // A template may leave it out: the Pods made of it get it.
      if (hostPort === containerPort || (hostPort === 0 && !isPod)) return []
      const here = path.index(at).child('ports').index(portAt).child('hostPort')
      return [invalidValue(here, hostPort, 'must match `containerPort` when `hostNetwork` is true')]
    }),
  )
}
