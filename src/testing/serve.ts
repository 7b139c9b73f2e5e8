/** Lets programs outside of the test reach its cluster: HTTPS on loopback, with certificates made for the occasion. */

import { type KeyPair, createAuthority, issueCertificate } from '../base/tls/certificates.ts'
import { systemClock } from '../base/clock.ts'
import { type KubeAccess, kubeconfigText } from '../client/kubeconfig.ts'
import { MASTERS_GROUP } from '../client/user.ts'
import type { ApiServer } from '../server/api-server.ts'

/** A way in from outside. */
export interface ServedCluster {
  readonly access: KubeAccess
  /** The text of a kubeconfig that may do everything. */
  readonly kubeconfig: string
  /** Ends all connections. Stopping the cluster does so too. */
  close(): Promise<void>
}

const HOST = '127.0.0.1'
const DAY_MS = 86_400_000

/** Certificates hold for a day of real time, whatever time the cluster is on. */
const validity = () => ({ notBefore: systemClock.now() - DAY_MS, notAfter: systemClock.now() + DAY_MS })

/** The authority's certificate holds at any time that a cluster may be set to. */
const CENTURY_MS = 100 * 365.25 * DAY_MS

/** The authority of one cluster, which its Pods are told of, and which signs what is asked of it. */
export const testingAuthority = (): KeyPair =>
  createAuthority({ commonName: 'gorae-testing', notBefore: 0, notAfter: systemClock.now() + CENTURY_MS })

/** Serves on a free port, or `port`. */
export async function serveCluster(
  server: ApiServer,
  { port, authority }: { readonly port: number; readonly authority: KeyPair },
): Promise<ServedCluster> {
  const issue = (request: Omit<Parameters<typeof issueCertificate>[1], 'notBefore' | 'notAfter'>): KeyPair =>
    issueCertificate(authority, { ...request, ...validity() })
  const own = issue({ commonName: 'kube-apiserver', dnsNames: ['localhost'], ipAddresses: [HOST], usages: ['server'] })
  const admin = issue({ commonName: 'kubernetes-admin', organizations: [MASTERS_GROUP], usages: ['client'] })
  const listening = await server.listen({ host: HOST, port, ...own, clientCa: authority.certificate })
  const access: KubeAccess = {
    name: 'gorae-testing',
    server: `https://${HOST}:${listening.port}`,
    ca: authority.certificate,
    certificate: admin.certificate,
    key: admin.key,
  }
  return { access, kubeconfig: kubeconfigText(access), close: () => listening.close() }
}
