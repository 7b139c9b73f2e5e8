/**
 * What the services of the machine have said: out of its journal, or out of files that are named like them
 * (https://kubernetes.io/docs/concepts/cluster-administration/system-logs/#log-query).
 */

import type { Clock } from '../../base/clock.ts'
import type { SystemLogs } from '../host/host.ts'
import type { NodeLogQuery } from './node-log-query.ts'

const LIMIT_MS = 30_000

/** The answer, as far as it is known within half a minute. What fails is told in it. */
export async function* serviceLogs(
  logs: SystemLogs,
  query: NodeLogQuery,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): AsyncIterable<Buffer | string> {
  const limit = new AbortController()
  const cancel = clock.after(LIMIT_MS, () => limit.abort(new Error('context deadline exceeded')))
  const either = AbortSignal.any([signal, limit.signal])
  try {
    const known = await Promise.all(query.services.map((service) => logs.services.knows(service, either)))
    const told = query.services.filter((_, at) => known[at])
    const files = query.services.filter((_, at) => !known[at])
    if (told.length > 0) yield* journal(logs, { ...query, services: told }, either)
    if (files.length > 0 && query.isNarrowed) yield resolvedToFiles(files)
    else for (const service of files) yield* fileLog(logs, service, either)
  } catch (error) {
    signal.throwIfAborted()
    yield `\ncontext error: ${error instanceof Error ? error.message : String(error)}\n`
  } finally {
    cancel()
  }
}

const resolvedToFiles = (services: readonly string[]) =>
  `\noptions present and query resolved to log files for [${services.join(' ')}]\ntry without specifying options\n`

async function* journal(logs: SystemLogs, query: NodeLogQuery, signal: AbortSignal) {
  try {
    yield* logs.services.read(query, signal)
  } catch {
    signal.throwIfAborted()
    yield '\nerror: journal output not available\n'
  }
}

async function* fileLog(logs: SystemLogs, service: string, signal: AbortSignal) {
  for (const file of [service, `${service}.log`, `${service}/${service}.log`]) {
    signal.throwIfAborted()
    const found = await logs.open(`/${file}`)
    if (found?.kind !== 'file') continue
    yield* found.bytes()
    return
  }
  yield `\nlog not found for ${service}\n`
}
