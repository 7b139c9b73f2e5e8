/**
 * Scripts: a few requests one after the other, in a namespace of their own, asked of both servers. `$NS` in any text is
 * that namespace; a step may keep a part of its answer under another such name.
 */

import type { Answer } from '../client.ts'

/** One request. Without `type`, a body is JSON and a patch is a merge patch. */
export interface Step {
  readonly method: string
  readonly path: string
  readonly body?: unknown
  /** The body as it stands, instead of `body`. */
  readonly raw?: string
  readonly type?: string
  /** The body, which names its kind, is sent in protobuf. */
  readonly isProtobuf?: boolean
  readonly accept?: string
  readonly headers?: Readonly<Record<string, string>>
  /** By the name that later steps use: where in the answer the value stands. */
  readonly save?: Readonly<Record<string, string>>
  /** Asked without any credentials. */
  readonly anonymous?: boolean
  /** Only the status and the headers are compared. */
  readonly unread?: boolean
  /** How long to wait first: some things are noticed after a while. */
  readonly waitMs?: number
}

export interface Script {
  readonly name: string
  readonly steps: readonly Step[]
}

type More = Omit<Partial<Step>, 'method' | 'path'>

/** A script, by what it is about. */
export const script = (name: string, ...steps: readonly Step[]): Script => ({ name, steps })

export const get = (path: string, more: More = {}): Step => ({ method: 'GET', path, ...more })
export const post = (path: string, body: unknown, more: More = {}): Step => ({ method: 'POST', path, body, ...more })
export const put = (path: string, body: unknown, more: More = {}): Step => ({ method: 'PUT', path, body, ...more })
export const remove = (path: string, more: More = {}): Step => ({ method: 'DELETE', path, ...more })
export const patch = (path: string, body: unknown, more: More = {}): Step => ({ method: 'PATCH', path, body, ...more })
/** A JSON patch. */
export const jsonPatch = (path: string, body: unknown, more: More = {}): Step =>
  patch(path, body, { type: 'application/json-patch+json', ...more })
/** A strategic merge patch. */
export const strategic = (path: string, body: unknown, more: More = {}): Step =>
  patch(path, body, { type: 'application/strategic-merge-patch+json', ...more })
/** A server-side apply. */
export const apply = (path: string, body: unknown, more: More = {}): Step =>
  patch(path, body, { type: 'application/apply-patch+yaml', ...more })
/** A watch that is read until the server ends it, after a second. */
export const watch = (path: string, more: More = {}): Step =>
  get(`${path}${path.includes('?') ? '&' : '?'}watch=1&timeoutSeconds=1`, more)

export const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io'
export const METADATA = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io'

/** Where objects of a kind stand: `at('pods')`, `at('deployments', 'd')` in `apps/v1`. */
export function at(resource: string, name?: string): string {
  const group = groups[resource]
  const root = group === undefined ? '/api/v1' : `/apis/${group}`
  return `${root}/namespaces/$NS/${resource}${name === undefined ? '' : `/${name}`}`
}

const groups: Readonly<Record<string, string>> = {
  deployments: 'apps/v1',
  replicasets: 'apps/v1',
  statefulsets: 'apps/v1',
  daemonsets: 'apps/v1',
  jobs: 'batch/v1',
  cronjobs: 'batch/v1',
  leases: 'coordination.k8s.io/v1',
  poddisruptionbudgets: 'policy/v1',
  ingresses: 'networking.k8s.io/v1',
  networkpolicies: 'networking.k8s.io/v1',
  horizontalpodautoscalers: 'autoscaling/v2',
  roles: 'rbac.authorization.k8s.io/v1',
  rolebindings: 'rbac.authorization.k8s.io/v1',
  endpointslices: 'discovery.k8s.io/v1',
}

/** A value somewhere in an answer: `metadata.uid`. */
export function valueAt(answer: Answer, path: string): string {
  let value: unknown = JSON.parse(answer.body)
  for (const step of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[step]
  return String(value)
}
