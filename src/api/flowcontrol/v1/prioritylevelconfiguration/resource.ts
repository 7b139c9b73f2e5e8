/** PriorityLevelConfiguration, flowcontrol.apiserver.k8s.io/v1: how much of the server a kind of request may have (https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#prioritylevelconfiguration). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { forbiddenField, invalidValue, notSupported, required } from '../../../../meta/validation.ts'
import { validateConditionTypes } from '../../../../meta/validate-conditions.ts'
import { ageColumn, nameColumn, textColumn } from '../../../columns.ts'
import type {
  LimitedPriorityLevelConfiguration,
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
  QueuingConfiguration,
} from '../../../generated/flowcontrol-v1.ts'
import { defineResource } from '../../../resource.ts'
import { dropStatus, keepStatus } from '../../../strategy.ts'

const MAX_QUEUES = 10_000_000
/** Hands are dealt by a flow's hash, which has so many bits to give. */
const HASH_BITS = 60
/** The catch-all and the exempt level are the server's own; their kind cannot change. */
const EXEMPT = 'exempt'

export const priorityLevelConfigurations = defineResource<PriorityLevelConfiguration>(
  'flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations',
  {
    setDefaults: ({ spec }) => {
      if (spec?.limited !== undefined) defaultLimited(spec.limited)
      if (spec?.exempt !== undefined) {
        spec.exempt.nominalConcurrencyShares ??= 0
        spec.exempt.lendablePercent ??= 0
      }
    },
    prepareForCreate: dropStatus,
    prepareForUpdate: keepStatus,
    keptByStatus: 'metadata',
    validate: ({ metadata, spec }, root) => validateSpec(spec, metadata.name ?? '', root.child('spec')),
    validateStatusUpdate: ({ status }, _old, root) =>
      validateConditionTypes(status?.conditions, root.child('status', 'conditions')),
    columns: [
      nameColumn(),
      textColumn('Type', ({ spec }) => spec?.type ?? ''),
      textColumn('NominalConcurrencyShares', ({ spec }) => spec?.limited?.nominalConcurrencyShares ?? '<none>'),
      textColumn('Queues', ({ spec }) => queuing(spec)?.queues ?? '<none>'),
      textColumn('HandSize', ({ spec }) => queuing(spec)?.handSize ?? '<none>'),
      textColumn('QueueLengthLimit', ({ spec }) => queuing(spec)?.queueLengthLimit ?? '<none>'),
      ageColumn(),
    ],
  },
)

const queuing = (spec: DeepReadonly<PriorityLevelConfigurationSpec> | undefined) =>
  spec?.limited?.limitResponse?.queuing

function defaultLimited(limited: LimitedPriorityLevelConfiguration): void {
  limited.nominalConcurrencyShares ??= 30
  limited.lendablePercent ??= 0
  const { queuing: queues } = limited.limitResponse ?? {}
  if (queues === undefined) return
  if ((queues.handSize ?? 0) === 0) queues.handSize = 8
  if ((queues.queues ?? 0) === 0) queues.queues = 64
  if ((queues.queueLengthLimit ?? 0) === 0) queues.queueLengthLimit = 50
}

function validateSpec(
  spec: DeepReadonly<PriorityLevelConfigurationSpec> | undefined,
  name: string,
  path: FieldPath,
): FieldError[] {
  const { type = '', limited, exempt } = spec ?? {}
  const faults: FieldError[] = []
  if ((name === EXEMPT) !== (type === 'Exempt') && (type === 'Exempt' || name === EXEMPT)) {
    faults.push(invalidValue(path.child('type'), type, "must be 'Exempt' if and only if `name` is 'exempt'"))
  }
  if (type === 'Exempt') {
    if (limited !== undefined) {
      faults.push(forbiddenField(path.child('limited'), 'must be nil if the type is not Limited'))
    }
    const at = path.child('exempt')
    return [
      ...faults,
      ...notBelow(exempt?.nominalConcurrencyShares, at.child('nominalConcurrencyShares')),
      ...percent(exempt?.lendablePercent, at.child('lendablePercent')),
    ]
  }
  if (type === '') return [...faults, required(path.child('type'))]
  if (type !== 'Limited') return [...faults, notSupported(path.child('type'), type, ['Exempt', 'Limited'])]
  if (exempt !== undefined) faults.push(forbiddenField(path.child('exempt'), 'must be nil if the type is Limited'))
  if (limited === undefined)
    return [...faults, required(path.child('limited'), 'must not be empty when type is Limited')]
  return [...faults, ...validateLimited(limited, path.child('limited'))]
}

function validateLimited(limited: DeepReadonly<LimitedPriorityLevelConfiguration>, path: FieldPath): FieldError[] {
  const { nominalConcurrencyShares, lendablePercent, borrowingLimitPercent: borrowing, limitResponse } = limited
  const faults = [
    ...notBelow(nominalConcurrencyShares, path.child('nominalConcurrencyShares')),
    ...percent(lendablePercent, path.child('lendablePercent')),
  ]
  if (borrowing !== undefined && borrowing < 0) {
    faults.push(
      invalidValue(path.child('borrowingLimitPercent'), borrowing, 'if specified, must be a non-negative integer'),
    )
  }
  const at = path.child('limitResponse')
  switch (limitResponse?.type) {
    case 'Reject':
      if (limitResponse.queuing === undefined) return faults
      return [
        ...faults,
        forbiddenField(at.child('queuing'), 'must be nil if limited.limitResponse.type is not Limited'),
      ]
    case 'Queue':
      if (limitResponse.queuing === undefined) {
        return [...faults, required(at.child('queuing'), 'must not be empty if limited.limitResponse.type is Limited')]
      }
      return [...faults, ...validateQueuing(limitResponse.queuing, at.child('queuing'))]
    case undefined:
      return [...faults, required(at.child('type'))]
    default: {
      const stated: string = limitResponse?.type ?? ''
      const path = at.child('type')
      return [...faults, stated === '' ? required(path) : notSupported(path, stated, ['Queue', 'Reject'])]
    }
  }
}

function validateQueuing(config: DeepReadonly<QueuingConfiguration>, path: FieldPath): FieldError[] {
  const { queues = 0, handSize = 0, queueLengthLimit = 0 } = config
  const faults: FieldError[] = []
  if (queueLengthLimit <= 0)
    faults.push(invalidValue(path.child('queueLengthLimit'), queueLengthLimit, 'must be positive'))
  if (queues <= 0) faults.push(invalidValue(path.child('queues'), queues, 'must be positive'))
  else if (queues > MAX_QUEUES)
    faults.push(invalidValue(path.child('queues'), queues, `must not be greater than ${MAX_QUEUES}`))
  const hand = path.child('handSize')
  if (handSize <= 0) faults.push(invalidValue(hand, handSize, 'must be positive'))
  else if (handSize > queues) {
    faults.push(invalidValue(hand, handSize, `should not be greater than queues (${queues})`))
  } else if (Math.ceil(Math.log2(queues) * handSize) > HASH_BITS) {
    const needed = `required entropy bits of deckSize ${queues} and handSize ${handSize}`
    faults.push(invalidValue(hand, handSize, `${needed} should not be greater than ${HASH_BITS}`))
  }
  return faults
}

function notBelow(shares: number | undefined, path: FieldPath): FieldError[] {
  return shares !== undefined && shares < 0 ? [invalidValue(path, shares, 'must be a non-negative integer')] : []
}

function percent(value: number | undefined, path: FieldPath): FieldError[] {
  const isFine = value === undefined || (value >= 0 && value <= 100)
  return isFine ? [] : [invalidValue(path, value, 'must be between 0 and 100, inclusive')]
}
