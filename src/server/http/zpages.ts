/** What /statusz and /flagz of the API server tell (https://kubernetes.io/docs/reference/instrumentation/zpages/). */

import type { Clock } from '../../base/clock.ts'
import { type Flags, flagzPage, statuszPage, type Zpage, zpageForm, zpageObject } from '../../base/zpages.ts'
import { notAcceptable } from '../../meta/errors.ts'
import { toJson } from '../../wire/json/stringify.ts'
import { writeYaml } from '../../wire/yaml/write.ts'
import type { ApiServerOptions } from '../options.ts'
import { versionInfo } from '../version.ts'
import { defaultLimits } from './limits.ts'

const COMPONENT = 'apiserver'
const PATHS = ['/flagz', '/healthz', '/livez', '/metrics', '/readyz', '/statusz', '/version']

/** By path, made when somebody asks. */
export type Zpages = ReadonlyMap<string, () => Zpage>

/** The pages of a server that began when this is called. */
export function serverPages(options: ApiServerOptions, clock: Clock): Zpages {
  const began = clock.monotonic()
  const status = () => {
    const uptimeSeconds = (clock.monotonic() - began) / 1000
    const facts = { component: COMPONENT, version: versionInfo.gitVersion, paths: PATHS }
    return statuszPage({ ...facts, now: clock.now(), uptimeSeconds })
  }
  return new Map([
    ['/statusz', status],
    ['/flagz', () => flagzPage(COMPONENT, flagsOf(options))],
  ])
}

/** What the server was told, under the names of kube-apiserver's flags. */
function flagsOf(options: ApiServerOptions): Flags {
  const { advertise, serviceRange, nodePortRange, tokens, limits = defaultLimits } = options
  return {
    'advertise-address': advertise?.address ?? '',
    'allow-privileged': 'true',
    'anonymous-auth': 'true',
    'api-audiences': `[${tokens?.audiences.join(',') ?? ''}]`,
    'authorization-mode': '[Node,RBAC]',
    'event-ttl': '1h0m0s',
    'max-mutating-requests-inflight': String(limits.writes),
    'max-requests-inflight': String(limits.reads),
    'request-timeout': `${limits.requestMs / 1000}s`,
    'secure-port': String(advertise?.port ?? ''),
    'service-account-issuer': `[${tokens?.issuer ?? ''}]`,
    'service-cluster-ip-range': serviceRange,
    'service-node-port-range': `${nodePortRange.first}-${nodePortRange.last}`,
  }
}

/** A page in the form asked for. Throws `NotAcceptable`. */
export function encodeZpage(page: Zpage, accept: string | undefined): { contentType: string; body: string } {
  const form = zpageForm(accept ?? '', page.kind)
  if (form === undefined) {
    throw notAcceptable('only the following media types are accepted: application/json, application/yaml, text/plain')
  }
  if (form.type === 'text/plain') return { contentType: 'text/plain; charset=utf-8', body: page.text }
  const object = zpageObject(page, form.version)
  const contentType = `${form.type};g=config.k8s.io;v=${form.version};as=${page.kind}`
  return { contentType, body: form.type === 'application/yaml' ? writeYaml(object) : `${toJson(object)}\n` }
}
