/** A plugin that could not decide: the Pod is tried again later, and the reason is told. */

export class PluginFailure extends Error {
  override name = 'PluginFailure'
}
