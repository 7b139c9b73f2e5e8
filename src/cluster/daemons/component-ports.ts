/** The ports of scheduler and controllers (docs/decisions/component-ports.md). */

import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { SchedulerConfig } from '../../scheduler/config/types.ts'
import type { ApiServer } from '../../server/api-server.ts'
import type { Component } from '../../server/component-server.ts'
import type { Listening, ListenOptions } from '../../server/http/server.ts'
import { MANAGER_PORT, managerComponent, SCHEDULER_PORT, schedulerComponent } from './components.ts'
import type { Programs } from './control-plane.ts'

export interface PortDeps {
  readonly clock: Clock
  readonly log: Log
  /** Absent: the default one. */
  readonly schedulerConfig?: SchedulerConfig
}

/** Listens for both. A machine on which a port is taken does without. */
export async function listenForPrograms(
  server: ApiServer,
  { scheduler, manager }: Programs,
  { clock, log, schedulerConfig }: PortDeps,
  at: Omit<ListenOptions, 'port'>,
): Promise<readonly Listening[]> {
  const ports: readonly (readonly [number, Component])[] = [
    [SCHEDULER_PORT, schedulerComponent(scheduler, clock, schedulerConfig)],
    [MANAGER_PORT, managerComponent(manager, clock)],
  ]
  const listening = ports.map(([port, component]) =>
    server.listenFor(component, { ...at, port }).catch((error: unknown) => {
      log.warn('a port is taken', { port, program: component.name, error })
      return undefined
    }),
  )
  return (await Promise.all(listening)).filter((each) => each !== undefined)
}
