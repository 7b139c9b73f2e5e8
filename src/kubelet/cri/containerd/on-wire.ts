/** What the kubelet asks for, in the form that CRI has for it on the wire. */

import type {
  ContainerConfig,
  LinuxContainerSecurityContext,
  LinuxSandboxSecurityContext,
  PodSandboxConfig,
} from '../runtime.ts'

const wrappedId = (value: number | undefined) => (value === undefined ? undefined : { value })

const securityOnWire = <T extends LinuxSandboxSecurityContext | LinuxContainerSecurityContext>(context: T) => ({
  ...context,
  runAsUser: wrappedId(context.runAsUser),
  runAsGroup: wrappedId(context.runAsGroup),
})

export const sandboxConfigOnWire = (config: PodSandboxConfig) => ({
  ...config,
  linux: { ...config.linux, securityContext: securityOnWire(config.linux.securityContext) },
})

export const containerConfigOnWire = (config: ContainerConfig) => ({
  ...config,
  linux: { ...config.linux, securityContext: securityOnWire(config.linux.securityContext) },
})

export const filterOnWire = (filter: {
  readonly state?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly [more: string]: unknown
}) => ({
  ...filter,
  state: filter.state === undefined ? undefined : { state: filter.state },
  labelSelector: filter.labels,
})
