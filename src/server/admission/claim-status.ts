/**
 * Who may say what of a ResourceClaim's status: binding it takes a right of its own, and so does each driver's word on its
 * devices (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#granular-status-authorization).
 */

import type { ResourceClaim } from '../../api/generated/resource-v1.ts'
import { deviceId } from '../../api/resource/v1/resourceclaim/device-id.ts'
import type { UserInfo } from '../../client/user.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { invalid, isApiError } from '../../meta/errors.ts'
import { type FieldError, fieldPath } from '../../meta/field-path.ts'
import { deepEqual, forbiddenField } from '../../meta/validation.ts'
import { type Authorizer, demandAllowed, type ResourceAttributes } from '../authz/authorizer.ts'
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts'
import { isResource } from './refuse.ts'

type Claim = DeepReadonly<ResourceClaim>

const NODE_NAME = 'authentication.kubernetes.io/node-name'

/** What is written to a claim, as the claim it is. */
const claimOf = (object: AdmissionRequest['old']) => object as Claim

export function claimStatusAuthorization(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'ResourceClaimStatusAuthorization',
    validate(request) {
      const { operation, subresource, resource, name } = request
      if (operation !== 'UPDATE' || subresource !== 'status') return
      if (!isResource(request, 'resourceclaims.resource.k8s.io')) return
      const faults = [...bindingFaults(authorizer, request), ...driverFaults(authorizer, request)]
      if (faults.length > 0) throw invalid({ group: resource.group, kind: resource.kind, name }, faults)
    },
  }
}

function bindingFaults(authorizer: Authorizer, request: AdmissionRequest): FieldError[] {
  const now = claimOf(request.object).status
  const old = claimOf(request.old).status
  if (deepEqual(now?.allocation, old?.allocation) && deepEqual(now?.reservedFor, old?.reservedFor)) return []
  const asked = { ...attributesOf(request, 'binding'), namespace: '', name: '' }
  const why = refusalOf(authorizer, request.user, asked)
  if (why === undefined) return []
  const needs = `resource="resourceclaims/binding", verb="${asked.verb}" permission`
  const path = fieldPath('status', 'allocation')
  return [forbiddenField(path, `changing status.allocation or status.reservedFor requires ${needs}: ${why}`)]
}

/** Each driver whose devices are told anew, unless the claim is given back: then nothing is told any more. */
function driverFaults(authorizer: Authorizer, request: AdmissionRequest): FieldError[] {
  const now = claimOf(request.object)
  if (now.status?.allocation === undefined) return []
  const drivers = [...changedDrivers(now, claimOf(request.old))].toSorted()
  const asked = attributesOf(request, 'driver')
  const isNear = isOnNode(request.user, nodeOf(now))
  const verbs = [...(isNear ? ['associated-node'] : []), 'arbitrary-node'].map((where) => `${where}:${asked.verb}`)
  return drivers.flatMap((driver) => {
    const [why, ...others] = verbs.map((verb) => refusalOf(authorizer, request.user, { ...asked, verb, name: driver }))
    if (why === undefined || others.includes(undefined)) return []
    const needs = `resource="resourceclaims/driver", verb="[${verbs.join(' ')}]" permission`
    return [forbiddenField(fieldPath('status', 'devices'), `changing status.devices requires ${needs}: ${why}`)]
  })
}

/** Of devices that are told of for the first time, in other words, or no longer. */
function changedDrivers(now: Claim, old: Claim): ReadonlySet<string> {
  const before = new Map(old.status?.devices?.map((device) => [deviceId(device), device]))
  const drivers = new Set<string>()
  for (const device of now.status?.devices ?? []) {
    const id = deviceId(device)
    if (!deepEqual(device, before.get(id))) drivers.add(device.driver)
    before.delete(id)
  }
  for (const { driver } of before.values()) drivers.add(driver)
  return drivers
}

/** The one node that the devices are on. */
function nodeOf({ status }: Claim): string | undefined {
  const [term, ...terms] = status?.allocation?.nodeSelector?.nodeSelectorTerms ?? []
  if (term === undefined || terms.length > 0 || (term.matchExpressions ?? []).length > 0) return undefined
  const [field, ...fields] = term.matchFields ?? []
  if (fields.length > 0 || field?.key !== 'metadata.name' || field.operator !== 'In') return undefined
  return field.values?.length === 1 ? field.values[0] : undefined
}

/** Whether it is the service account of a Pod of that node that asks. */
function isOnNode({ name, extra }: UserInfo, node: string | undefined): boolean {
  if (node === undefined || !name.startsWith('system:serviceaccount:')) return false
  const nodes = extra?.[NODE_NAME] ?? []
  return nodes.length === 1 && nodes[0] === node
}

function attributesOf(request: AdmissionRequest, subresource: string): ResourceAttributes {
  const { resource, namespace, name, isPatch } = request
  const { group, version } = request.requested ?? resource
  const verb = isPatch === true ? 'patch' : 'update'
  return { verb, group, version, resource: resource.resource, subresource, namespace, name }
}

/** Why the user may not; `undefined`: may. */
function refusalOf(authorizer: Authorizer, user: UserInfo, attributes: ResourceAttributes): string | undefined {
  try {
    demandAllowed(authorizer, user, attributes)
    return undefined
  } catch (error) {
    if (isApiError(error)) return error.message
    throw error
  }
}
