/** IngressClass, networking.k8s.io/v1: who implements an Ingress (https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-class). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { dnsLabel, domainPrefixedPath } from '../../../../meta/names.ts'
import {
  forbiddenField,
  immutableField,
  invalidEach,
  invalidValue,
  notSupported,
  required,
  tooLong,
} from '../../../../meta/validation.ts'
import type { IngressClass, IngressClassSpec } from '../../../generated/networking-v1.ts'
import { defineResource } from '../../../resource.ts'
import { validateLocalReference } from '../reference.ts'
import { ageColumn, nameColumn } from '../../../workload/columns.ts'

const MAX_CONTROLLER = 250

export const ingressClasses = defineResource<IngressClass>('networking.k8s.io/v1/ingressclasses', {
  setDefaults: ({ spec }) => {
    if (spec?.parameters !== undefined) spec.parameters.scope ??= 'Cluster'
  },
  validate: ({ spec }, root) => validateSpec(spec, root.child('spec')),
  validateUpdate: ({ spec }, old, root) => [
    ...immutableField(spec?.controller ?? '', old.spec?.controller ?? '', root.child('spec', 'controller')),
    ...validateSpec(spec, root.child('spec')),
  ],
  columns: [
    nameColumn(),
    { name: 'Controller', type: 'string', cell: ({ spec }) => spec?.controller },
    { name: 'Parameters', type: 'string', cell: ({ spec }) => parametersCell(spec) },
    ageColumn(),
  ],
})

function parametersCell(spec: DeepReadonly<IngressClassSpec> | undefined): string {
  const parameters = spec?.parameters
  if (parameters === undefined) return '<none>'
  const group = parameters.apiGroup === undefined ? '' : `.${parameters.apiGroup}`
  return `${parameters.kind}${group}/${parameters.name}`
}

function validateSpec(spec: DeepReadonly<IngressClassSpec> | undefined, path: FieldPath): FieldError[] {
  const { controller = '', parameters } = spec ?? {}
  const faults = controller.length > MAX_CONTROLLER ? [tooLong(path.child('controller'), MAX_CONTROLLER)] : []
  if (controller === '') faults.push(required(path.child('controller')))
  else
    faults.push(
      ...domainPrefixedPath(controller).map(({ part, fault }) => invalidValue(path.child('controller'), part, fault)),
    )
  if (parameters === undefined) return faults
  const at = path.child('parameters')
  faults.push(...validateLocalReference(parameters, at))
  const { scope, namespace } = parameters
  if (scope === 'Namespace' && namespace === undefined)
    faults.push(required(at.child('namespace'), "`parameters.scope` is set to 'Namespace'"))
  if (scope === 'Namespace' && namespace !== undefined)
    faults.push(...invalidEach(at.child('namespace'), namespace, dnsLabel(namespace)))
  if (scope === 'Cluster' && namespace !== undefined)
    faults.push(forbiddenField(at.child('namespace'), "`parameters.scope` is set to 'Cluster'"))
  if (scope !== undefined && scope !== 'Cluster' && scope !== 'Namespace') {
    faults.push(notSupported(at.child('scope'), scope, ['Cluster', 'Namespace']))
  }
  return faults
}
