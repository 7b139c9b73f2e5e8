/** What is wrong with a complete KubeSchedulerConfiguration, in Kubernetes's words. */

import { type FieldError, type FieldPath, fieldPath } from '../../meta/field-path.ts'
import { qualifiedName } from '../../meta/names.ts'
import { duplicate, invalidEach, invalidValue, required } from '../../meta/validation.ts'
import { parseDuration } from '../../wire/decode/duration.ts'
import type { CompleteConfig, CompleteProfile } from './defaults.ts'
import { completeArgs } from './defaults.ts'
import type { ExtenderConfig, PluginSet } from './types.ts'
import { POINTS } from './types.ts'
import { argsFaults } from './validate-args.ts'

const VERSION = 'kubescheduler.config.k8s.io/v1'
/** Plugins of earlier versions. */
const GONE = ['AzureDiskLimits', 'CinderLimits', 'EBSLimits', 'GCEPDLimits']
const GONE_WORDS = `was invalid in version "v1" (KubeSchedulerConfiguration is version "${VERSION}")`

/** All faults as `field: message`; empty when there is none. */
export function validateConfig(config: CompleteConfig): readonly string[] {
  const faults = [
    ...validateSettings(config),
    ...validateProfiles(config.profiles),
    ...validatePercentage(config.percentageOfNodesToScore, fieldPath('percentageOfNodesToScore')),
    ...validateBackoff(config),
    ...validateExtenders(config.extenders, fieldPath('extenders')),
  ]
  return faults.map(({ field, message }) => `${field}: ${message}`)
}

function validateSettings({ leaderElection, clientConnection, parallelism }: CompleteConfig): FieldError[] {
  const faults: FieldError[] = []
  const { burst = 0 } = clientConnection
  if (burst < 0) faults.push(invalidValue(fieldPath('clientConnection', 'burst'), burst, 'must be non-negative'))
  if (leaderElection.leaderElect !== false) faults.push(...validateLease(leaderElection))
  if (parallelism <= 0)
    faults.push(invalidValue(fieldPath('parallelism'), parallelism, 'should be an integer value greater than zero'))
  return faults
}

function validateLease(election: CompleteConfig['leaderElection']): FieldError[] {
  const path = fieldPath('leaderElection')
  const faults: FieldError[] = []
  // Zero means that none was given, which has a default.
  const given = (text: string | undefined, otherwise: string) =>
    text === undefined || parseDuration(text) === 0n ? otherwise : text
  const times = {
    leaseDuration: given(election.leaseDuration, '15s'),
    renewDeadline: given(election.renewDeadline, '10s'),
    retryPeriod: given(election.retryPeriod, '2s'),
  }
  for (const [name, text] of Object.entries(times))
    if (parseDuration(text) <= 0n) faults.push(invalidValue(path.child(name), text, 'must be greater than zero'))
  if (parseDuration(times.leaseDuration) <= parseDuration(times.renewDeadline))
    faults.push(invalidValue(path.child('leaseDuration'), times.renewDeadline, 'must be greater than `RenewDeadline`'))
  const lock = election.resourceLock || 'leases'
  if (lock !== 'leases')
    faults.push(invalidValue(path.child('resourceLock'), lock, 'resourceLock value must be "leases"'))
  return faults
}

function validateProfiles(profiles: readonly CompleteProfile[]): FieldError[] {
  const path = fieldPath('profiles')
  const places = new Map<string, number>()
  const faults = profiles.flatMap((profile, at) => {
    const here = path.index(at)
    const found = validateProfile(profile, here)
    const earlier = places.get(profile.schedulerName)
    if (earlier !== undefined) found.push(duplicate(here.child('schedulerName'), {}))
    places.set(profile.schedulerName, at)
    return found
  })
  return [...faults, ...validateOrder(profiles, path)]
}

function validateProfile(profile: CompleteProfile, path: FieldPath): FieldError[] {
  const faults: FieldError[] = []
  if (profile.schedulerName === '') faults.push(required(path.child('schedulerName')))
  faults.push(...validatePercentage(profile.percentageOfNodesToScore ?? 0, path.child('percentageOfNodesToScore')))
  for (const point of POINTS) {
    const enabled = path.child('plugins', point, 'enabled')
    profile.plugins[point].enabled.forEach(({ name }, at) => {
      if (GONE.includes(name)) faults.push(invalidValue(enabled.index(at), name, GONE_WORDS))
    })
  }
  const seen = new Set<string>()
  for (const [at, { name, args }] of profile.pluginConfig.entries()) {
    const here = path.child('pluginConfig').index(at)
    if (seen.has(name)) faults.push(duplicate(here, name))
    seen.add(name)
    if (GONE.includes(name)) faults.push(invalidValue(here, name, GONE_WORDS))
    else
      faults.push(
        ...argsFaults(
          name,
          completeArgs((of) => (of === name ? args : {})),
          here.child('args'),
        ),
      )
  }
  return faults
}

/** All Pods wait in one queue: it has one order. */
function validateOrder(profiles: readonly CompleteProfile[], path: FieldPath): FieldError[] {
  const sets = profiles.map(({ plugins }) => plugins.queueSort)
  const faults: FieldError[] = []
  const first = JSON.stringify(sets[0])
  const count = sets[0]?.enabled.length ?? 0
  if (count > 1)
    faults.push(
      invalidValue(
        path.index(0).child('plugins.queueSort.Enabled'),
        count,
        'only one queue sort plugin can be enabled',
      ),
    )
  sets.forEach((set, at) => {
    if (JSON.stringify(set) !== first)
      faults.push(
        invalidValue(path.index(at).child('plugins.queueSort'), asGo(set), 'must be the same for all profiles'),
      )
  })
  return faults
}

/** As Kubernetes prints a set: by the names of its Go fields. */
function asGo({ enabled, disabled }: PluginSet) {
  const plugin = (name: string, weight: number) => ({ Name: name, Weight: weight })
  return {
    Enabled: enabled.length === 0 ? null : enabled.map(({ name, weight }) => plugin(name, weight)),
    Disabled: disabled.length === 0 ? null : disabled.map((name) => plugin(name, 0)),
  }
}

const validatePercentage = (share: number, path: FieldPath): FieldError[] =>
  share < 0 || share > 100 ? [invalidValue(path, share, 'not in valid range [0-100]')] : []

function validateBackoff({ podInitialBackoffSeconds: first, podMaxBackoffSeconds: most }: CompleteConfig) {
  const faults: FieldError[] = []
  if (first <= 0) faults.push(invalidValue(fieldPath('podInitialBackoffSeconds'), first, 'must be greater than 0'))
  if (most < first)
    faults.push(
      invalidValue(
        fieldPath('podMaxBackoffSeconds'),
        most,
        'must be greater than or equal to PodInitialBackoffSeconds',
      ),
    )
  return faults
}

function validateExtenders(extenders: readonly ExtenderConfig[], path: FieldPath): FieldError[] {
  const seen = new Set<string>()
  const faults = extenders.flatMap((extender, at) => {
    const here = path.index(at)
    const found: FieldError[] = []
    if (extender.prioritizeVerb !== '' && extender.weight <= 0)
      found.push(invalidValue(here.child('weight'), extender.weight, 'must have a positive weight applied to it'))
    extender.managedResources.forEach(({ name }, place) => {
      const namePath = here.child('managedResources').index(place).child('name')
      found.push(...validateExtendedResource(name, namePath))
      if (seen.has(name)) found.push(invalidValue(namePath, name, 'duplicate extender managed resource name'))
      seen.add(name)
    })
    return found
  })
  const binders = extenders.filter(({ bindVerb }) => bindVerb !== '').length
  if (binders > 1)
    faults.push(
      invalidValue(path, `found ${binders} extenders implementing bind`, 'only one extender can implement bind'),
    )
  return faults
}

function validateExtendedResource(name: string, path: FieldPath): FieldError[] {
  const faults = invalidEach(path, name, qualifiedName(name))
  if (faults.length > 0) return faults
  const isNative = !name.includes('/') || name.includes('kubernetes.io/')
  const isExtended = !isNative && !name.startsWith('requests.') && qualifiedName(`requests.${name}`).length === 0
  return isExtended ? [] : [invalidValue(path, name, 'is an invalid extended resource name')]
}
