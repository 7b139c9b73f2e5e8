/** Admission of requests that end in another program: plug-ins see them as CONNECT, with what the query asks for (https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-rules). */

import type { KubeObject } from '../../meta/types.ts'
import type { AdmissionRequest } from '../admission/admission.ts'
import type { ApiCore, RequestContext } from '../core.ts'
import type { ConnectTail } from './target.ts'

const STREAM_KINDS: Readonly<Record<string, string>> = {
  exec: 'PodExecOptions',
  attach: 'PodAttachOptions',
  portforward: 'PodPortForwardOptions',
}
const PROXY_KINDS: Readonly<Record<string, string>> = {
  pods: 'PodProxyOptions',
  services: 'ServiceProxyOptions',
  nodes: 'NodeProxyOptions',
}
/** Which streams are on unless the query says otherwise. */
const STREAMS = { stdin: false, stdout: true, stderr: true, tty: false }

/** Asks admission about a connection. Throws what it is refused with. */
export async function admitConnect(core: ApiCore, context: RequestContext, tail: ConnectTail): Promise<void> {
  const { resource, subresource, namespace, name, user, warn, annotate } = context
  const kind = STREAM_KINDS[subresource] ?? PROXY_KINDS[resource.resource]
  if (kind === undefined) return
  const object = { apiVersion: 'v1', kind, ...optionsOf(subresource, tail) } as unknown as KubeObject // without metadata
  const about = { operation: 'CONNECT', resource, subresource, namespace, name, user } as const
  const request: AdmissionRequest = { ...about, object, isDryRun: false, warn, annotate }
  await core.admission.mutate(request)
  await core.admission.validate(request)
}

function optionsOf(subresource: string, { tail, query }: ConnectTail): object {
  switch (subresource) {
    case 'proxy':
      return tail === '' ? {} : { path: tail }
    case 'portforward': {
      const ports = query.getAll('ports').flatMap((list) => list.split(',').map(Number))
      return ports.length === 0 ? {} : { ports }
    }
    default:
      return {
        ...Object.fromEntries(Object.entries(STREAMS).flatMap(([name, byDefault]) => streamOf(query, name, byDefault))),
        ...(query.get('container') === null ? {} : { container: query.get('container') }),
        ...(query.has('command') ? { command: query.getAll('command') } : {}),
      }
  }
}

/** A stream that is off is not told of. */
function streamOf(query: URLSearchParams, name: string, byDefault: boolean): readonly (readonly [string, true])[] {
  return isOn(query.get(name), byDefault) ? [[name, true]] : []
}

/** Whether a parameter of a connection is on. */
export const isOn = (value: string | null, byDefault: boolean): boolean =>
  value === null || value === '' ? byDefault : value !== 'false' && value !== '0'
