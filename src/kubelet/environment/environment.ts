/**
 * A container's environment variables, in the order and with the precedence Kubernetes gives them
 * (https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/).
 */

import type {
  ConfigMap,
  EnvFromSource,
  EnvVarSource,
  FileKeySelector,
  Secret,
  Service,
} from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { type ContainerView, namesOf, type PodView, specOf } from '../pods/pod-view.ts'
import { MissingReference, type ObjectAt } from '../volumes/referenced-objects.ts'
import { envFileValue } from './env-file.ts'
import { expand } from './expand.ts'
import { fieldValue, type NodeFacts, resourceValue } from './field-ref.ts'
import { serviceVariables, visibleServices } from './service-variables.ts'

export interface EnvironmentSources {
  readonly configMap: (at: ObjectAt) => Promise<DeepReadonly<ConfigMap> | undefined>
  readonly secret: (at: ObjectAt) => Promise<DeepReadonly<Secret> | undefined>
  readonly services: readonly DeepReadonly<Service>[]
  /** A file of one of the Pod's volumes; `undefined` when there is none. Throws when it cannot be read. */
  readonly file: (volume: string, path: string) => Promise<string | undefined>
  readonly node: NodeFacts
}

/** Throws `MissingReference` when a source that is not optional is missing. */
export async function environmentOf(
  pod: PodView,
  container: ContainerView,
  sources: EnvironmentSources,
): Promise<ReadonlyMap<string, string>> {
  const { namespace } = namesOf(pod)
  const services = visibleServices(sources.services, namespace, specOf(pod).enableServiceLinks !== false)
  const fromServices = serviceVariables(services)
  const variables = new Map<string, string>()

  for (const from of container.envFrom ?? []) {
    const data = await envFromData(namespace, from, sources)
    // Keys and prefixes that can be no variable's name have been refused before.
    for (const [key, value] of data) variables.set(`${from.prefix ?? ''}${key}`, value)
  }
  const lookUp = (name: string) => variables.get(name) ?? fromServices.get(name)
  for (const { name, value, valueFrom } of container.env ?? []) {
    const found =
      valueFrom === undefined ? expand(value ?? '', lookUp) : await valueOf(valueFrom, { pod, container, sources })
    if (found !== undefined) variables.set(name, found)
  }
  for (const [name, value] of fromServices) if (!variables.has(name)) variables.set(name, value)
  return variables
}

const decode = (base64: string) => Buffer.from(base64, 'base64').toString('utf8')

async function envFromData(namespace: string, from: DeepReadonly<EnvFromSource>, sources: EnvironmentSources) {
  if (from.configMapRef !== undefined) {
    const { name = '', optional } = from.configMapRef
    const found = await sources.configMap({ namespace, name })
    if (found === undefined && optional !== true) throw new MissingReference(`configmap "${name}" not found`)
    return Object.entries(found?.data ?? {})
  }
  if (from.secretRef !== undefined) {
    const { name = '', optional } = from.secretRef
    const found = await sources.secret({ namespace, name })
    if (found === undefined && optional !== true) throw new MissingReference(`secret "${name}" not found`)
    return Object.entries(found?.data ?? {}).map(([key, value]) => [key, decode(value)] as const)
  }
  return []
}

interface ValueFacts {
  readonly pod: PodView
  readonly container: ContainerView
  readonly sources: EnvironmentSources
}

/** `undefined`: optional and absent, so the variable is not set. */
async function valueOf(
  from: DeepReadonly<EnvVarSource>,
  { pod, container, sources }: ValueFacts,
): Promise<string | undefined> {
  const { namespace } = namesOf(pod)
  if (from.fieldRef !== undefined) return fieldValue(pod, from.fieldRef.fieldPath, sources.node)
  if (from.resourceFieldRef !== undefined) return resourceValue(pod, from.resourceFieldRef, container, sources.node)
  if (from.configMapKeyRef !== undefined) {
    const { name = '', key, optional } = from.configMapKeyRef
    const found = await sources.configMap({ namespace, name })
    const value = found?.data !== undefined && Object.hasOwn(found.data, key) ? found.data[key] : undefined
    if (value !== undefined || optional === true) return value
    if (found === undefined) throw new MissingReference(`configmap "${name}" not found`)
    throw new MissingReference(`couldn't find key ${key} in ConfigMap ${namespace}/${name}`)
  }
  if (from.secretKeyRef !== undefined) {
    const { name = '', key, optional } = from.secretKeyRef
    const found = await sources.secret({ namespace, name })
    const value = found?.data !== undefined && Object.hasOwn(found.data, key) ? found.data[key] : undefined
    if (value !== undefined) return decode(value)
    if (optional === true) return undefined
    if (found === undefined) throw new MissingReference(`secret "${name}" not found`)
    throw new MissingReference(`couldn't find key ${key} in Secret ${namespace}/${name}`)
  }
  return from.fileKeyRef === undefined ? undefined : fileValue(from.fileKeyRef, sources)
}

/**
 * A key may be absent where it is optional; the file may not, and an empty value is none, as with Kubernetes. What the
 * file says wrong is not told: whoever sees the Pod may not be one who may see the file.
 */
async function fileValue(
  { volumeName, path, key, optional }: DeepReadonly<FileKeySelector>,
  sources: EnvironmentSources,
): Promise<string | undefined> {
  const parse = async () => {
    const file = await sources.file(volumeName, path)
    if (file === undefined) throw new Error('there is no such file')
    return envFileValue(file, key) ?? ''
  }
  const value = await parse().catch((error: unknown) => {
    throw new Error("couldn't parse env file", { cause: error })
  })
  if (value !== '') return value
  if (optional === true) return undefined
  throw new MissingReference(`environment variable key "${key}" not found in file "${path}"`)
}
