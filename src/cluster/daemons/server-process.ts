/** The server process: API server, scheduler and controllers over one storage, in the machine's own network. */

import { existsSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'

import { catalog } from '../../api/catalog.ts'
import { type TaskGroup, aborted, withGroup } from '../../base/async/group.ts'
import { systemClock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { systemRandom } from '../../base/random.ts'
import { UserError } from '../../base/user-error.ts'
import { SERVICE_ACCOUNTS as ACCOUNTS } from '../../client/resources.ts'
import { type ApiServer, createApiServer } from '../../server/api-server.ts'
import { USUAL, setNice } from '../../linux/priority.ts'
import { DEFAULT_ISSUER } from '../../server/options.ts'
import { StorageError } from '../../storage/errors.ts'
import { hasStore } from '../../storage/lmdb/data-folder.ts'
import { openLmdbStorage } from '../../storage/lmdb/lmdb-storage.ts'
import type { Storage } from '../../storage/storage.ts'
import { yamlBeside } from '../../wire/yaml/beside.ts'
import { openAudit } from './audit.ts'
import { careForOthers, reviver } from './care.ts'
import { listenForPrograms } from './component-ports.ts'
import { ManagerProgram, SchedulerProgram } from './components.ts'
import { partClient, startControllers, startScheduler } from './control-plane.ts'
import { daemonLog, report, reportFailure, yamlProgram } from './daemon.ts'
import { serveEgress } from '../machine/egress.ts'
import { explain } from '../machine/explain.ts'
import type { ClusterPaths } from '../paths.ts'
import { CA, KUBELET_CLIENT, SERVER, SERVICE_ACCOUNTS, readPair } from '../pki.ts'
import { rangesOf } from '../machine/ranges.ts'
import type { ClusterRecord } from '../record.ts'
import { keptSchedulerConfig } from '../scheduler-config.ts'

/** How long the first Pod may have to wait for its namespace's service account before the server counts as ready anyway. */
const ACCOUNT_MS = 5_000

/** How long those are answered whose writes failed with the storage. */
const ANSWERS_MS = 100

export interface ServerProcess {
  readonly paths: ClusterPaths
  readonly record: ClusterRecord
  /** Called once, when it serves. */
  readonly onStarted?: () => void
}

/** Runs the server until `signal` aborts. */
export async function runServer(options: ServerProcess, signal: AbortSignal): Promise<void> {
  const log = daemonLog(() => systemClock.now())
  try {
    const ended = new AbortController()
    const storage = await openData(options, log, (failure) => ended.abort(failure))
    try {
      await serve({ ...options, storageEnded: ended.signal }, storage, log, signal)
    } finally {
      await storage.close()
    }
  } catch (error) {
    if (signal.aborted) return
    log.error('the server cannot go on', { error })
    const shown = error instanceof StorageError ? new UserError(error.message) : explain(error, 'starting the server')
    reportFailure(shown)
    throw shown
  }
}

/** Opens the cluster's storage. One that is gone is not made anew: nodes would end the Pods that it does not know. */
async function openData({ paths }: ServerProcess, log: Log, onEnd: (failure: StorageError) => void): Promise<Storage> {
  if (existsSync(paths.hadData) && !hasStore(paths.data))
    throw new UserError(
      `the data of the cluster "${paths.name}" is gone: there is none in ${paths.data}`,
      `put that folder back as it was, or make the cluster anew: gorae down --name ${paths.name}`,
    )
  const storage = await openLmdbStorage(paths.data, { log, onEnd })
  if (!existsSync(paths.hadData)) writeFileSync(paths.hadData, '')
  return storage
}

interface Serving extends ServerProcess {
  /** Aborts when the storage can keep nothing any more. */
  readonly storageEnded: AbortSignal
}

async function serve(options: Serving, storage: Storage, log: Log, signal: AbortSignal): Promise<void> {
  const { paths, record } = options
  const parts = { clock: systemClock, random: systemRandom, log, hostname: hostname() }
  const ranges = rangesOf(record.index)
  const isReal = record.runtime === 'containerd'
  // One process at a time opens the storage: after a crash the next one is the same leader, and need not wait.
  const identity = `${hostname()}_${record.name}`
  const authority = readPair(paths.pki, CA)
  const yaml = yamlBeside({ program: yamlProgram(), clock: systemClock })
  const schedulerConfig = keptSchedulerConfig(paths)
  const scheduling = schedulerConfig === undefined ? {} : { schedulerConfig }
  const auditing = await openAudit(paths, parts)
  const server = await createApiServer({
    ...parts,
    storage,
    catalog,
    options: {
      serviceRange: ranges.services,
      // Pods that only pretend reach no address, and loopback may not stand in an Endpoints.
      ...(isReal ? { advertise: { address: ranges.host, port: record.port } } : {}),
      tokens: {
        signingKey: readPair(paths.pki, SERVICE_ACCOUNTS).key,
        issuer: DEFAULT_ISSUER,
        audiences: [DEFAULT_ISSUER],
      },
      kubelets: { ...readPair(paths.pki, KUBELET_CLIENT), ca: authority.certificate },
      readYaml: yaml.read,
      ...auditing.options,
    },
  })
  try {
    await withGroup(async (group) => {
      group.start((inner) => server.run(inner))
      auditing.run(group)
      const hosts = isReal ? ['127.0.0.1', ranges.host] : ['127.0.0.1']
      const pair = { ...readPair(paths.pki, SERVER), clientCa: authority.certificate }
      const listening = await Promise.all(hosts.map((host) => server.listen({ host, port: record.port, ...pair })))
      const egress = isReal ? await serveEgress(paths.egressSocket, parts) : undefined
      const address = `${ranges.host}:${record.port}`
      const programs = { scheduler: new SchedulerProgram(address), manager: new ManagerProgram(address) }
      startControllers({ server, ...parts, identity, programs, rootCa: authority.certificate, authority }, group)
      startScheduler({ server, ...parts, identity, programs, ...scheduling }, group)
      // Loopback is shared by all clusters of the machine; this address is the cluster's own.
      const beside = isReal
        ? await listenForPrograms(server, programs, { ...parts, ...scheduling }, { host: ranges.host, ...pair })
        : []
      await untilFirstPodCan(server, group)
      report({ ready: true })
      setNice(process.pid, USUAL)
      log.info('serving', { port: record.port, afterMs: Math.round(systemClock.monotonic()) })
      options.onStarted?.()
      const part = { kind: 'server' } as const
      const carer = { ...options, part, clock: systemClock, log, revive: reviver(options, part) }
      group.start((inner) => careForOthers(carer, inner))
      group.start((inner) => failWith(options.storageEnded, inner))
      await aborted(group.signal)
      await Promise.all([...[...listening, ...beside].map((each) => each.close()), egress?.close()])
    }, signal)
  } finally {
    server.close()
    await auditing.close()
    await yaml.close()
  }
}

/** Throws why `ended` aborts, a moment after, in which those who asked are answered. */
async function failWith(ended: AbortSignal, signal: AbortSignal): Promise<void> {
  await aborted(AbortSignal.any([ended, signal]))
  if (signal.aborted) return
  await systemClock.sleep(ANSWERS_MS, signal)
  throw ended.reason
}

/** Ready means that a first Pod can be created: its namespace has its service account. */
async function untilFirstPodCan(server: ApiServer, group: TaskGroup): Promise<void> {
  const client = partClient(server, 'kube-controller-manager')
  const stop = AbortSignal.any([group.signal, AbortSignal.timeout(ACCOUNT_MS)])
  try {
    const options = { namespace: 'default', fieldSelector: 'metadata.name=default', sendInitialEvents: true }
    for await (const { type } of client.watch(ACCOUNTS, options, stop)) if (type === 'ADDED') break
  } catch (error) {
    if (group.signal.aborted) throw error
  }
}
