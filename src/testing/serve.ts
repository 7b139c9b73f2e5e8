/** Lets programs outside of the test reach its cluster: HTTPS on loopback, with certificates made for the occasion. */

import type { KeyPair } from '../base/tls/certificates.ts'
import { type KubeAccess, kubeconfigText } from '../client/kubeconfig.ts'
import type { ApiServer } from '../server/api-server.ts'
import { LOOPBACK, loopbackCertificates, loopbackListener } from '../server/loopback.ts'

/** A way in from outside. */
export interface ServedCluster {
  readonly access: KubeAccess
  /** The text of a kubeconfig that may do everything. */
  readonly kubeconfig: string
  /** Ends all connections. Stopping the cluster does so too. */
  close(): Promise<void>
}

/** Serves on a free port, or `port`. */
export async function serveCluster(
  server: ApiServer,
  { port, authority }: { readonly port: number; readonly authority: KeyPair },
): Promise<ServedCluster> {
  const certificates = loopbackCertificates(authority)
  const listening = await server.listen(loopbackListener(certificates, port))
  const access: KubeAccess = {
    name: 'gorae-testing',
    server: `https://${LOOPBACK}:${listening.port}`,
    ca: authority.certificate,
    certificate: certificates.admin.certificate,
    key: certificates.admin.key,
  }
  return { access, kubeconfig: kubeconfigText(access), close: () => listening.close() }
}
