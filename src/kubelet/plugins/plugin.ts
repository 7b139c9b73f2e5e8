/** Plugins of the kubelet: programs on the node that say by a socket what they are (https://kubernetes.io/docs/concepts/extend-kubernetes/compute-storage-net/). */

/** A plugin that asked to be registered. */
export interface Plugin {
  readonly name: string
  /** The socket of its service, as this machine knows it. */
  readonly endpoint: string
  /** Versions of its service. */
  readonly supportedVersions: readonly string[]
}

/** What the kubelet does with plugins of one type. What these throw is told to the plugin, and tried again later. */
export interface PluginHandler {
  validate(plugin: Plugin): void
  /** Called after `validate`, and again for a plugin whose socket was made anew, after `deregister`. */
  register(plugin: Plugin, signal: AbortSignal): Promise<void>
  /** The plugin's socket has gone, or it could not be told of its registration. */
  deregister(plugin: Plugin): void
}

/** By the types that plugins give. */
export type PluginHandlers = Readonly<Partial<Record<'CSIPlugin' | 'DRAPlugin' | 'DevicePlugin', PluginHandler>>>
