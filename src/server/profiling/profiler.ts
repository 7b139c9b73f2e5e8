/** Takes profiles of this process, with the profilers that Node has (https://nodejs.org/api/inspector.html). */

import type { Clock } from '../../base/clock.ts'
import type { Profile } from './pprof.ts'
import { cpuProfile, heapProfile } from './v8-profiles.ts'

export type ProfileKind = 'profile' | 'heap' | 'allocs'

/** Takes one profile; ends early when `signal` aborts, whose reason it then throws. */
export type TakeProfile = (kind: ProfileKind, ms: number, signal: AbortSignal) => Promise<Profile>

/** A hundred samples a second, as Go takes them. */
const CPU_PERIOD_MS = 10
/** About so many bytes lie between two samples of the heap. */
const HEAP_PERIOD = 32 * 1_024

export function profiler(clock: Clock): TakeProfile {
  return async (kind, ms, signal) => {
    // Few ever ask: it is not loaded before.
    const { Session } = process.getBuiltinModule('node:inspector/promises')
    const session = new Session()
    session.connect()
    try {
      const beganAt = clock.now()
      if (kind === 'profile') {
        await session.post('Profiler.enable')
        await session.post('Profiler.setSamplingInterval', { interval: CPU_PERIOD_MS * 1_000 })
        await session.post('Profiler.start')
        await clock.sleep(ms, signal)
        const { profile } = await session.post('Profiler.stop')
        return cpuProfile(profile, CPU_PERIOD_MS, { beganAt, ms })
      }
      const keepsAll = kind === 'allocs'
      await session.post('HeapProfiler.startSampling', {
        samplingInterval: HEAP_PERIOD,
        includeObjectsCollectedByMajorGC: keepsAll,
        includeObjectsCollectedByMinorGC: keepsAll,
      })
      await clock.sleep(ms, signal)
      const { profile } = await session.post('HeapProfiler.stopSampling')
      return heapProfile(profile, { type: keepsAll ? 'alloc_space' : 'inuse_space', period: HEAP_PERIOD, beganAt, ms })
    } finally {
      session.disconnect()
    }
  }
}
