/**
 * A container's environment variables, in the order and with the precedence Kubernetes gives them
 * (https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/).
 */

import type { ConfigMap, EnvFromSource, EnvVarSource, Secret, Service } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { type ContainerView, namesOf, type PodView, specOf } from '../pods/pod-view.ts'
import { MissingReference, type ObjectAt } from '../volumes/referenced-objects.ts'
import { expand } from './expand.ts'
import { fieldValue, type NodeFacts, resourceValue } from './field-ref.ts'
import { serviceVariables, visibleServices } from './service-variables.ts'

export interface EnvironmentSources {
  readonly configMap: (at: ObjectAt) => Promise<DeepReadonly<ConfigMap> | undefined>
  readonly secret: (at: ObjectAt) => Promise<DeepReadonly<Secret> | undefined>
  readonly services: readonly DeepReadonly<Service>[]
  readonly node: NodeFacts
}

export interface Environment {
  readonly variables: ReadonlyMap<string, string>
  /** Keys of `envFrom` sources that can be no variable's name. */
  readonly skipped: readonly { readonly source: string; readonly keys: readonly string[] }[]
}

/** Any printable ASCII but `=`: what Kubernetes takes for a variable's name. */
const isVariableName = (name: string) => /^[\x20-\x3c\x3e-\x7e]+$/.test(name)

/** Throws `MissingReference` when a source that is not optional is missing. */
export async function environmentOf(
  pod: PodView,
  container: ContainerView,
  sources: EnvironmentSources,
): Promise<Environment> {
  const { namespace } = namesOf(pod)
  const services = visibleServices(sources.services, namespace, specOf(pod).enableServiceLinks !== false)
  const fromServices = serviceVariables(services)
  const variables = new Map<string, string>()
  const skipped: { source: string; keys: string[] }[] = []

  for (const from of container.envFrom ?? []) {
    const { source, data } = await envFromData(namespace, from, sources)
    const bad: string[] = []
    for (const [key, value] of data) {
      const name = `${from.prefix ?? ''}${key}`
      if (isVariableName(name)) variables.set(name, value)
      else bad.push(name)
    }
    if (bad.length > 0) skipped.push({ source, keys: bad.toSorted() })
  }
  const lookUp = (name: string) => variables.get(name) ?? fromServices.get(name)
  for (const { name, value, valueFrom } of container.env ?? []) {
    const found =
      valueFrom === undefined ? expand(value ?? '', lookUp) : await valueOf(valueFrom, { pod, container, sources })
    if (found !== undefined) variables.set(name, found)
  }
  for (const [name, value] of fromServices) if (!variables.has(name)) variables.set(name, value)
  return { variables, skipped }
}

const decode = (base64: string) => Buffer.from(base64, 'base64').toString('utf8')

async function envFromData(namespace: string, from: DeepReadonly<EnvFromSource>, sources: EnvironmentSources) {
  if (from.configMapRef !== undefined) {
    const { name = '', optional } = from.configMapRef
    const found = await sources.configMap({ namespace, name })
    if (found === undefined && optional !== true) throw new MissingReference(`configmap "${name}" not found`)
    return { source: `ConfigMap ${namespace}/${name}`, data: Object.entries(found?.data ?? {}) }
  }
  if (from.secretRef !== undefined) {
    const { name = '', optional } = from.secretRef
    const found = await sources.secret({ namespace, name })
    if (found === undefined && optional !== true) throw new MissingReference(`secret "${name}" not found`)
    const data = Object.entries(found?.data ?? {}).map(([key, value]) => [key, decode(value)] as const)
    return { source: `Secret ${namespace}/${name}`, data }
  }
  return { source: '', data: [] }
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
  if (from.fileKeyRef !== undefined)
    throw new Error('variables from files (fileKeyRef) are not supported by this kubelet')
  return undefined
}
