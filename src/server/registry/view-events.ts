/** Events of events.k8s.io as views of core events (https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/). */

import { validateNewEvent, validateNewEventUpdate } from '../../api/core/v1/event/validate.ts'
import type { Event } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { KubeObject } from '../../meta/types.ts'
import type { StoredView } from './stored-views.ts'

/** How fields are called: in events.k8s.io, in core. What is not here has one name. */
const names: readonly (readonly [string, string])[] = [
  ['regarding', 'involvedObject'],
  ['note', 'message'],
  ['reportingController', 'reportingComponent'],
  ['deprecatedSource', 'source'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
]
const toCore = new Map(names)
const fromCore = new Map(names.map(([ours, core]) => [core, ours] as const))

/** What core events always carry, and events.k8s.io ones need not. */
const coreAlways = {
  source: {},
  firstTimestamp: null,
  lastTimestamp: null,
  reportingComponent: '',
  reportingInstance: '',
}
const eventsAlways = { deprecatedSource: {}, deprecatedFirstTimestamp: null, deprecatedLastTimestamp: null }

export const eventsView: StoredView = {
  group: '',
  version: 'v1',
  resource: 'events',
  toStored: (object) => renamed({ ...eventsAlways, ...object }, toCore, 'v1', coreAlways),
  fromStored: (object) => renamed(withoutBlanks(object), fromCore, 'events.k8s.io/v1', { eventTime: null }),
  rules: {
    validate: (object, root) => validateNewEvent(object as DeepReadonly<Event>, root),
    validateUpdate: (object, old, root) =>
      validateNewEventUpdate(object as DeepReadonly<Event>, old as DeepReadonly<Event>, root),
  },
}

/** Who reported is left out where nobody is named; core events name nobody. */
function withoutBlanks(object: object): object {
  const isBlank = (name: string, value: unknown) => value === '' && name.startsWith('reporting')
  return Object.fromEntries(Object.entries(object).filter(([name, value]) => !isBlank(name, value)))
}

function renamed(
  object: object,
  to: ReadonlyMap<string, string>,
  apiVersion: string,
  always: Readonly<Record<string, unknown>>,
): KubeObject {
  const made: Record<string, unknown> = { ...always }
  for (const [name, value] of Object.entries(object)) made[to.get(name) ?? name] = value
  made['apiVersion'] = apiVersion
  return made as unknown as KubeObject
}
