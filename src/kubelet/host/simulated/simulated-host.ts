/** A machine that is not there: facts as told, files in memory, and a network that asks the simulated containers. */

import type { LinuxContainerResources } from '../../cri/runtime.ts'
import type { CgroupOwner, MachineFacts, NodeHost, ProbeAnswer } from '../host.ts'
import type { SimulatedUsage } from './usage.ts'
import type { SimulatedRequest } from '../../cri/simulated/behaviour.ts'
import type { MemoryFiles } from './memory-files.ts'
import { simulatedLogFiles } from './log-files.ts'
import { simulatedPodFiles, simulatedVolumeFiles } from './pod-files.ts'

export interface SimulatedHostOptions {
  readonly machine: MachineFacts
  readonly files: MemoryFiles
  readonly usage: SimulatedUsage
  /** What answers at an address; `undefined`: nothing does. */
  readonly answer: (address: string, request: SimulatedRequest) => ProbeAnswer | undefined
}

export function simulatedHost({ machine, files, usage, answer }: SimulatedHostOptions): NodeHost {
  const ask = async (address: string, request: SimulatedRequest, dialled: string): Promise<ProbeAnswer> => {
    const output = `${dialled}dial tcp ${address}:${request.port}: connect: connection refused`
    return answer(address, request) ?? { outcome: 'failure', output }
  }
  const given = new Map<string, LinuxContainerResources>()
  return {
    machine: async () => machine,
    usage: async () => usage.node(),
    filesystem: async (path) => usage.filesystem(path),
    resolver: async () => ({ servers: [], searches: [], options: [] }),
    hostsFile: async () => '127.0.0.1\tlocalhost\n',
    pods: simulatedPodFiles(files),
    volumes: simulatedVolumeFiles(files),
    cgroups: {
      version: 2,
      parentOf: ({ uid, qosClass }: CgroupOwner) => `/kubepods/${qosClass.toLowerCase()}/pod${uid}`,
      ensure: async ({ uid, resources }) => void given.set(uid, { ...given.get(uid), ...resources }),
      limits: async ({ uid }) => given.get(uid) ?? {},
      setFiles: async () => {},
      remove: async (uid) => void given.delete(uid),
      settleClasses: async () => {},
      boundsSwap: async () => false,
      limitAll: async ({ memoryBytes }) => usage.limitPods(memoryBytes),
      usage: async ({ uid }) => usage.pod(uid),
      containerUsage: async () => undefined,
    },
    logs: simulatedLogFiles(files),
    network: {
      http: ({ scheme, host, port, path }) =>
        ask(host, { kind: 'http', port, path }, `Get "${scheme.toLowerCase()}://${host}:${port}${path}": `),
      tcp: (host, port) => ask(host, { kind: 'tcp', port }, ''),
      grpc: (host, port, service) => ask(host, { kind: 'grpc', port, service }, 'error: '),
    },
  }
}
