/** The keys by which queues and caches know objects: `namespace/name`, or `name` where there is no namespace. */

interface Named {
  readonly metadata: { readonly namespace?: string; readonly name?: string }
}

/** `default/web-0`, or `node-1` for what belongs to the cluster. */
export function keyOf(object: Named): string {
  return joinKey(object.metadata.namespace, object.metadata.name ?? '')
}

function joinKey(namespace: string | undefined, name: string): string {
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`
}

/** The reverse of `keyOf`. */
export function splitKey(key: string): { readonly namespace?: string; readonly name: string } {
  const slash = key.indexOf('/')
  return slash === -1 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}
