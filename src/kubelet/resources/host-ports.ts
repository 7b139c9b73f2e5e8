/** Ports of the node that Pods ask for (https://kubernetes.io/docs/concepts/configuration/overview/#services). Pure. */

import { appContainersOf, initContainersOf, type PodView } from '../pods/pod-view.ts'

interface HostPort {
  readonly port: number
  readonly protocol: string
  readonly address: string
}

const EVERY_ADDRESS = '0.0.0.0'

function hostPortsOf(pod: PodView): readonly HostPort[] {
  const lasting = [...appContainersOf(pod), ...initContainersOf(pod).filter(({ kind }) => kind === 'sidecar')]
  return lasting.flatMap(({ spec }) =>
    (spec.ports ?? []).flatMap(({ hostPort = 0, protocol = 'TCP', hostIP = '' }) =>
      hostPort > 0 ? [{ port: hostPort, protocol, address: hostIP === '' ? EVERY_ADDRESS : hostIP }] : [],
    ),
  )
}

const clash = (a: HostPort, b: HostPort) =>
  a.port === b.port &&
  a.protocol === b.protocol &&
  (a.address === b.address || a.address === EVERY_ADDRESS || b.address === EVERY_ADDRESS)

/** Whether one of the others has a port that the Pod asks for. */
export function portsClash(pod: PodView, others: readonly PodView[]): boolean {
  const wanted = hostPortsOf(pod)
  if (wanted.length === 0) return false
  return others.some((other) => hostPortsOf(other).some((taken) => wanted.some((port) => clash(port, taken))))
}
