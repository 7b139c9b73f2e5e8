/**
 * What scheduler and controllers tell of themselves on the ports that Kubernetes has for them, though they are parts of
 * the server's process (docs/decisions/component-ports.md).
 */

import type { Clock } from '../../base/clock.ts'
import type { HealthCheck } from '../../base/health.ts'
import { processFamilies } from '../../base/metrics/process.ts'
import type { Family } from '../../base/metrics/text.ts'
import { workQueueFamilies } from '../../base/metrics/work-queues.ts'
import { ClientMetrics } from '../../client/measured-transport.ts'
import type { Controller } from '../../controllers/controllers.ts'
import { namedQueues } from '../../controllers/queue-names.ts'
import { shownConfig } from '../../scheduler/config/shown.ts'
import type { SchedulerConfig } from '../../scheduler/config/types.ts'
import { SchedulerMetrics } from '../../scheduler/metrics.ts'
import { defaultConfig } from '../../scheduler/profiles.ts'
import type { Component } from '../../server/component-server.ts'
import { buildFamilies } from '../../server/build-metrics.ts'

export const SCHEDULER_PORT = 10_259
export const MANAGER_PORT = 10_257

/** What one program did so far. */
export class ProgramMetrics {
  readonly requests: ClientMetrics
  /** Whether it is the one of several that works. */
  isLeading = false

  /** `server`: where its clients would find the API server. */
  constructor(server: string) {
    this.requests = new ClientMetrics(server)
  }

  async families(lease: string, clock: Clock): Promise<readonly Family[]> {
    const leader: Family = {
      name: 'leader_election_master_status',
      help: "Gauge of if the reporting system is master of the relevant lease, 0 indicates backup, 1 indicates master. 'name' is the string used to identify the lease. Please make sure to group by name.",
      type: 'gauge',
      samples: [{ labels: { name: lease }, value: this.isLeading ? 1 : 0 }],
    }
    return [leader, ...this.requests.families, ...buildFamilies, ...(await processFamilies(clock.now()))]
  }
}

export class SchedulerProgram extends ProgramMetrics {
  readonly scheduling = new SchedulerMetrics()
}

export class ManagerProgram extends ProgramMetrics {
  /** Those that run. */
  controllers: readonly Controller[] = []
}

const well = (name: string): HealthCheck => ({ name, check: () => undefined })
/** Who does not lead waits, and is well. */
const ELECTION = well('leaderElection')

export function schedulerComponent(program: SchedulerProgram, clock: Clock, config?: SchedulerConfig): Component {
  const name = 'kube-scheduler'
  return {
    name,
    checks: () =>
      new Map([
        ['/healthz', [ELECTION]],
        ['/livez', [well('ping')]],
        ['/readyz', [ELECTION, well('shutdown'), well('sched-handler-sync')]],
      ]),
    metrics: async () => [...program.scheduling.families, ...(await program.families(name, clock))],
    configz: () => ({ componentconfig: shownConfig(config ?? defaultConfig()) }),
    flags: { ...SHARED_FLAGS, 'leader-elect-resource-name': name, 'secure-port': String(SCHEDULER_PORT) },
  }
}

export function managerComponent(program: ManagerProgram, clock: Clock): Component {
  const name = 'kube-controller-manager'
  return {
    name,
    checks: () => {
      const running = program.controllers.map((controller) => well(`${controller.name}-controller`))
      return new Map([['/healthz', [ELECTION, ...running]]])
    },
    metrics: async () => [
      ...workQueueFamilies(namedQueues(program.controllers)),
      ...(await program.families(name, clock)),
    ],
    configz: () => ({ 'kubecontrollermanager.config.k8s.io': managerConfig(name) }),
    flags: { ...SHARED_FLAGS, 'leader-elect-resource-name': name, 'secure-port': String(MANAGER_PORT) },
  }
}

/** What the controllers are told, in the words of their program. */
const managerConfig = (resourceName: string) => ({
  kind: 'KubeControllerManagerConfiguration',
  apiVersion: 'kubecontrollermanager.config.k8s.io/v1alpha1',
  Generic: {
    LeaderElection: {
      leaderElect: true,
      leaseDuration: '15s',
      renewDeadline: '10s',
      retryPeriod: '5s',
      resourceLock: 'leases',
      resourceName,
      resourceNamespace: 'kube-system',
    },
    Controllers: ['*'],
  },
  KubeCloudShared: { UseServiceAccountCredentials: true, AllocateNodeCIDRs: false },
})

const SHARED_FLAGS = {
  'authorization-always-allow-paths': '[/healthz,/readyz,/livez]',
  'leader-elect': 'true',
  'leader-elect-lease-duration': '15s',
  'leader-elect-renew-deadline': '10s',
  'leader-elect-resource-lock': 'leases',
  'leader-elect-resource-namespace': 'kube-system',
  'leader-elect-retry-period': '5s',
}
