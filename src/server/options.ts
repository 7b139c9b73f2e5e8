/** What an API server is told when it is made. */

import type { AuditOptions } from './audit/audit.ts'
import type { TokenOptions } from './authn/tokens.ts'
import type { RequestLimits } from './http/limits.ts'
import type { ReadYaml } from '../wire/yaml/beside.ts'
import type { StatsSource } from './metrics/node-usage.ts'

export interface KubeletAccess {
  /** PEM: who the server is to kubelets. */
  readonly certificate: string
  readonly key: string
  /** PEM: the authority that signed the kubelets' own certificates. */
  readonly ca: string
}

export interface ApiServerOptions {
  /** Addresses of Services are taken from here, e.g. `10.96.0.0/16`. */
  readonly serviceRange: string
  readonly nodePortRange: { readonly first: number; readonly last: number }
  /** Where the Service `kubernetes` leads; absent: there is no such Service. */
  readonly advertise?: { readonly address: string; readonly port: number }
  /** Service account tokens; absent: a key of this process, good until it ends. */
  readonly tokens?: TokenOptions
  /** How kubelets are reached for logs, exec and the like; absent: not at all. */
  readonly kubelets?: KubeletAccess
  /** How much is asked at once, and how long an answer may take; absent: as Kubernetes has it. */
  readonly limits?: RequestLimits
  /** How large YAML is read without anybody else waiting for it; absent: large YAML is refused. */
  readonly readYaml?: ReadYaml
  /** What is recorded of requests, and where; absent: nothing is. */
  readonly audit?: AuditOptions
  /** What a node's /stats/summary answers; absent: its kubelet is asked. */
  readonly nodeStats?: StatsSource
}

export const DEFAULT_ISSUER = 'https://kubernetes.default.svc.cluster.local'

export const defaultOptions: ApiServerOptions = {
  serviceRange: '10.96.0.0/16',
  nodePortRange: { first: 30_000, last: 32_767 },
}
