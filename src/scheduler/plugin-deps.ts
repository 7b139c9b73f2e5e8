/** What the plugins act through, tied to the cluster. */

import { DEVICE_CLASSES, POD_DISRUPTION_BUDGETS, RESOURCE_CLAIMS, RESOURCE_SLICES } from '../client/resources.ts'
import { reviewOutside } from './extenders/consult.ts'
import type { Extender } from './extenders/extender.ts'
import { classesByResource } from './framework/extended-resources.ts'
import type { WaitingPods } from './framework/waiting-pods.ts'
import { BY_NODE } from './plugins/node-volume-limits/plugin.ts'
import type { PluginDeps } from './plugins/index.ts'
import { ownerInformers } from './owners.ts'
import type { SchedulerDeps } from './scheduler.ts'
import { volumeInformers } from './volumes.ts'

export interface PluginDepsWish extends SchedulerDeps {
  readonly waiting: WaitingPods
  readonly extenders: readonly Extender[]
}

/** One set for each scheduler name; what has to be known to all of them, they share. */
export function pluginDeps(wish: PluginDepsWish): (schedulerName: string) => PluginDeps {
  const { client, clock, random, log, informers, events, waiting, extenders } = wish
  const listers = volumeInformers(informers)
  listers.attachments.addIndex(BY_NODE, ({ spec }) => [spec.nodeName])
  const classFor = classesByResource(informers.of(DEVICE_CLASSES))
  const budgets = informers.of(POD_DISRUPTION_BUDGETS)
  const owners = ownerInformers(informers)
  const volumes = { client, clock, listers, claims: listers.claims, promised: new Map<string, string>() }
  return (schedulerName) => ({
    client,
    volumes,
    owners,
    resources: {
      client,
      clock,
      random,
      claims: informers.of(RESOURCE_CLAIMS),
      classes: informers.of(DEVICE_CLASSES),
      slices: informers.of(RESOURCE_SLICES),
      classFor,
      tell: ({ pod }, note) =>
        events(schedulerName).event({
          regarding: pod,
          type: 'Normal',
          reason: 'BindingConditionsPending',
          action: 'Scheduling',
          note,
        }),
    },
    preemption: {
      client,
      clock,
      random,
      waiting,
      budgets: () => budgets.list(),
      tell: (happening) => events(schedulerName).event(happening),
      ...(extenders.length === 0
        ? {}
        : { review: (request, candidates, signal) => reviewOutside({ extenders, log }, request, candidates, signal) }),
    },
  })
}
