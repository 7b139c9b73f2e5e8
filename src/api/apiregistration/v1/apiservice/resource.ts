/** APIService, apiregistration.k8s.io/v1: a part of the API that another server answers for (https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { dns1035Label, dnsSubdomain, pathSegmentName } from '../../../../meta/names.ts'
import { invalidEach, invalidValue, judgeAll, notSupported, required } from '../../../../meta/validation.ts'
import { ageColumn, nameColumn, textColumn } from '../../../columns.ts'
import type { APIService } from '../../../generated/apiregistration-v1.ts'
import { defineResource } from '../../../resource.ts'
import { dropStatus, keepStatus } from '../../../strategy.ts'

type Shared = DeepReadonly<APIService>

const MAX_GROUP_PRIORITY = 20_000
const MAX_VERSION_PRIORITY = 1_000
const STATUSES: readonly string[] = ['True', 'False', 'Unknown']

export const apiServices = defineResource<APIService>('apiregistration.k8s.io/v1/apiservices', {
  countsGeneration: false,
  validateName: pathSegmentName,
  setDefaults: ({ spec }) => {
    if (spec?.service !== undefined) spec.service.port ??= 443
  },
  prepareForCreate: dropStatus,
  prepareForUpdate: keepStatus,
  keptByStatus: 'metadata',
  validate: validateApiService,
  validateStatusUpdate: ({ status }, _old, root) =>
    judgeAll(status?.conditions, ({ status: told = '' }, at) => {
      const path = root.child('status', 'conditions').index(at).child('status')
      return STATUSES.includes(told) ? [] : [notSupported(path, told, STATUSES)]
    }),
  columns: [
    nameColumn(),
    textColumn('Service', ({ spec }) =>
      spec?.service === undefined ? 'Local' : `${spec.service.namespace ?? ''}/${spec.service.name ?? ''}`,
    ),
    textColumn<APIService>('Available', availability),
    ageColumn(),
  ],
})

function availability({ status }: Shared): string {
  const condition = (status?.conditions ?? []).find(({ type }) => type === 'Available')
  if (condition === undefined) return 'Unknown'
  return condition.status === 'True' ? 'True' : `${condition.status} (${condition.reason ?? ''})`
}

function validateApiService({ metadata, spec }: Shared, root: FieldPath): FieldError[] {
  const path = root.child('spec')
  const { group = '', version = '', groupPriorityMinimum = 0, versionPriority = 0, service } = spec ?? {}
  const faults: FieldError[] = []
  const expected = `${version}.${group}`
  const name = metadata.name ?? ''
  // A name that could not be in a path is told by the rules of names.
  if (name !== expected && pathSegmentName(name).length === 0) {
    const detail = `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(expected)}`
    faults.push(invalidValue(root.child('metadata', 'name'), name, detail))
  }
  if (group === '' && version !== 'v1') {
    faults.push(required(path.child('group'), 'only v1 may have an empty group and it better be legacy kube'))
  }
  if (group !== '') faults.push(...invalidEach(path.child('group'), group, dnsSubdomain(group)))
  faults.push(...invalidEach(path.child('version'), version, dns1035Label(version)))
  if (groupPriorityMinimum <= 0 || groupPriorityMinimum > MAX_GROUP_PRIORITY) {
    const detail = `must be positive and less than ${MAX_GROUP_PRIORITY}`
    faults.push(invalidValue(path.child('groupPriorityMinimum'), groupPriorityMinimum, detail))
  }
  if (versionPriority <= 0 || versionPriority > MAX_VERSION_PRIORITY) {
    const detail = `must be positive and less than ${MAX_VERSION_PRIORITY}`
    faults.push(invalidValue(path.child('versionPriority'), versionPriority, detail))
  }
  return [...faults, ...(service === undefined ? localFaults(spec, path) : remoteFaults(spec, path))]
}

/** What this server answers itself needs no certificates. */
function localFaults(spec: Shared['spec'], path: FieldPath): FieldError[] {
  const { caBundle = '', insecureSkipTLSVerify = false } = spec ?? {}
  const faults: FieldError[] = []
  if (caBundle !== '') {
    const detail = 'local APIServices may not have a caBundle'
    faults.push(invalidValue(path.child('caBundle'), `${Buffer.from(caBundle, 'base64').length} bytes`, detail))
  }
  if (insecureSkipTLSVerify) {
    const detail = 'local APIServices may not have insecureSkipTLSVerify'
    faults.push(invalidValue(path.child('insecureSkipTLSVerify'), true, detail))
  }
  return faults
}

function remoteFaults(spec: Shared['spec'], path: FieldPath): FieldError[] {
  const { service, caBundle = '', insecureSkipTLSVerify = false } = spec ?? {}
  const at = path.child('service')
  const faults: FieldError[] = []
  if ((service?.namespace ?? '') === '') faults.push(required(at.child('namespace')))
  if ((service?.name ?? '') === '') faults.push(required(at.child('name')))
  const port = service?.port ?? 443
  if (port < 1 || port > 65_535) {
    faults.push(invalidValue(at.child('port'), port, 'port is not valid: must be between 1 and 65535, inclusive'))
  }
  if (insecureSkipTLSVerify && caBundle !== '') {
    const detail = 'may not be true if caBundle is present'
    faults.push(invalidValue(path.child('insecureSkipTLSVerify'), true, detail))
  }
  return faults
}
