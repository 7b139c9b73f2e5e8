/** The parameters that requests on resources take (https://kubernetes.io/docs/reference/kubernetes-api/common-parameters/common-parameters/). */

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query'
  readonly type: 'string' | 'boolean' | 'integer'
  readonly description: string
}

const query = (name: string, type: Parameter['type'], description: string): Parameter => ({
  name,
  in: 'query',
  type,
  description,
})

export const name: Parameter = { name: 'name', in: 'path', type: 'string', description: 'The name of the object.' }
export const namespace: Parameter = { ...name, name: 'namespace', description: 'The namespace of the object.' }
export const proxiedPath: Parameter = { ...name, name: 'path', description: 'Where the request is passed on to.' }

export const pretty = query('pretty', 'string', 'If true, the answer is indented.')
export const force = query('force', 'boolean', 'With apply: take over fields that others manage.')
const dryRun = query('dryRun', 'string', 'All: do everything but keep the result.')

export const writing: readonly Parameter[] = [
  dryRun,
  query('fieldManager', 'string', 'The name under which the changed fields are managed.'),
  query(
    'fieldValidation',
    'string',
    'What to do about unknown and repeated fields: Ignore, Warn (the default) or Strict.',
  ),
]
export const deletion: readonly Parameter[] = [
  dryRun,
  query('gracePeriodSeconds', 'integer', 'Seconds until the object is gone; zero: at once.'),
  query('ignoreStoreReadErrorWithClusterBreakingPotential', 'boolean', 'Delete even what cannot be read. Not in use.'),
  query('orphanDependents', 'boolean', 'The old form of propagationPolicy.'),
  query('propagationPolicy', 'string', 'What becomes of dependents: Orphan, Background or Foreground.'),
]
export const listing: readonly Parameter[] = [
  query('allowWatchBookmarks', 'boolean', 'A watch may send BOOKMARK events.'),
  query('continue', 'string', 'Where a list in pieces goes on.'),
  query('fieldSelector', 'string', 'Only objects whose fields are so.'),
  query('labelSelector', 'string', 'Only objects whose labels are so.'),
  query('limit', 'integer', 'At most so many objects in one answer.'),
  query('resourceVersion', 'string', 'The revision to read at or to start from.'),
  query('resourceVersionMatch', 'string', 'How resourceVersion is meant: Exact or NotOlderThan.'),
  query('sendInitialEvents', 'boolean', 'A watch begins with what is there.'),
  query('shardSelector', 'string', 'A part of the objects, by the hash of a field. Not in use.'),
  query('timeoutSeconds', 'integer', 'How long a list or watch may last.'),
  query('watch', 'boolean', 'Follow changes instead of listing.'),
]
