/** A machine in memory: nothing is written anywhere, and probes ask the simulated runtime. */

import type { Clock } from '../../base/clock.ts'
import type { Random } from '../../base/random.ts'
import type { SimulatedFiles } from '../cri/simulated/files.ts'
import type { LogFiles, NodeHost, ProbeAnswer } from './host.ts'

export interface SimulatedHostOptions {
  readonly clock: Clock
  readonly random: Random
  readonly files: SimulatedFiles
  /** Whether something answers at a Pod's address. */
  readonly answers: (ip: string) => boolean
  readonly cpus?: number
  readonly memoryBytes?: number
}

const GIBIBYTE = 1024 ** 3

export function simulatedHost(options: SimulatedHostOptions): NodeHost {
  const { random, files, answers, cpus = 32, memoryBytes = 256 * GIBIBYTE } = options
  const id = random.uuid().replaceAll('-', '')
  const uids = new Set<string>()
  const probe = async (host: string): Promise<ProbeAnswer> =>
    answers(host)
      ? { outcome: 'success', output: '' }
      : { outcome: 'failure', output: `dial tcp ${host}: connect: connection refused` }
  return {
    machine: async () => ({
      cpus,
      memoryBytes,
      ephemeralStorageBytes: 1024 * GIBIBYTE,
      hugepages: {},
      machineId: id,
      systemUuid: id,
      bootId: id,
      kernelVersion: 'simulated',
      osImage: 'simulated',
      architecture: 'amd64',
    }),
    resolver: async () => ({ servers: [], searches: [], options: [] }),
    hostsFile: async () => '127.0.0.1\tlocalhost\n',
    pods: {
      list: async () => [...uids],
      logDirectory: ({ namespace, name, uid }) => `/sim/logs/${namespace}_${name}_${uid}`,
      async prepare({ uid }) {
        uids.add(uid)
      },
      writeHosts: async (uid) => `/sim/pods/${uid}/etc-hosts`,
      makeTerminationLog: async (uid, container, attempt) => `/sim/pods/${uid}/containers/${container}/${attempt}`,
      readTerminationLog: async () => '',
      tailLog: async () => '',
      async remove(uid) {
        uids.delete(uid)
      },
      async removeLogs({ namespace, name, uid }) {
        files.deleteUnder(`/sim/logs/${namespace}_${name}_${uid}`)
      },
    },
    volumes: {
      emptyDir: async (uid, volume) => `/sim/pods/${uid}/empty-dir/${volume}`,
      writeFiles: async ({ uid, plugin, volume }) => `/sim/pods/${uid}/${plugin}/${volume}`,
      hostPath: async (path) => path,
      setGroup: async () => {},
      subPath: async ({ volumePath, subPath }) => `${volumePath}/${subPath}`,
    },
    cgroups: {
      version: 2,
      parentOf: ({ uid }) => `/kubepods/pod${uid}`,
      ensure: async () => {},
      remove: async () => {},
    },
    logs: simulatedLogs(files),
    network: { http: ({ host }) => probe(host), tcp: probe, grpc: probe },
  }
}

function simulatedLogs(files: SimulatedFiles): LogFiles {
  return {
    async *read(path, from = 0) {
      const whole = files.read(path)
      if (whole !== undefined) yield whole.subarray(from)
    },
    changed: (path, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason)
        const settle = (done: () => void) => {
          stop()
          signal.removeEventListener('abort', onAbort)
          done()
        }
        const stop = files.on(path, () => settle(resolve))
        const onAbort = () => settle(() => reject(signal.reason))
        signal.addEventListener('abort', onAbort, { once: true })
      }),
    async facts(path) {
      const whole = files.read(path)
      return whole === undefined ? undefined : { size: whole.length, id: path }
    },
    rotate: async () => {},
    rotated: async () => [],
    async delete(path) {
      files.delete(path)
    },
  }
}
