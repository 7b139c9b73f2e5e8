/** The journal of this machine's services, as `journalctl` tells it (https://www.freedesktop.org/software/systemd/man/latest/journalctl.html). */

import { spawn } from 'node:child_process'
import { PassThrough } from 'node:stream'

import { findProgram, runProgram } from '../../../linux/program.ts'
import type { ServiceLogQuery, ServiceLogs } from '../host.ts'

const JOURNALCTL = 'journalctl'

export const linuxServiceLogs: ServiceLogs = {
  async knows(service, signal) {
    const units = await runProgram(JOURNALCTL, ['--field', '_SYSTEMD_UNIT'], { signal }).catch(() => '')
    signal.throwIfAborted()
    return units.includes(`${service}.service`)
  },
  async *read(query, signal) {
    const program = findProgram(JOURNALCTL)
    if (program === undefined) throw new Error(`${JOURNALCTL} is not installed`)
    const child = spawn(program, journalOptions(query), { stdio: ['ignore', 'pipe', 'pipe'], signal })
    const said = new PassThrough()
    let open = 2
    for (const stream of [child.stdout, child.stderr]) {
      stream.pipe(said, { end: false })
      stream.once('close', () => --open === 0 && said.end())
    }
    child.once('error', (error) => said.destroy(error))
    try {
      yield* said
    } finally {
      // Whoever asked may have gone: it would wait for ever to say the rest.
      child.kill()
    }
  },
}

/** The arguments that ask for it. */
export function journalOptions({ services, since, until, tail, boot, pattern }: ServiceLogQuery): readonly string[] {
  return [
    '--utc',
    '--no-pager',
    '--output=short-precise',
    ...(since === undefined ? [] : [`--since=${journalTime(since)}`]),
    ...(until === undefined ? [] : [`--until=${journalTime(until)}`]),
    ...(tail === undefined ? [] : ['--pager-end', `--lines=${tail}`]),
    ...services.map((service) => `--unit=${service}`),
    ...(pattern === undefined ? [] : [`--grep=${pattern}`]),
    ...(boot === undefined ? [] : ['--boot', String(boot)]),
  ]
}

/** To the second, e.g. `2026-11-23 06:10:00 UTC`. */
const journalTime = (ms: number) =>
  new Date(ms)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC')
