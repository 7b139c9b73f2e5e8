/** Ingress, networking.k8s.io/v1: HTTP routes into the cluster (https://kubernetes.io/docs/concepts/services-networking/ingress/). */

import { balancerWarnings } from '../../../core/v1/service/warnings.ts'
import { isIP } from 'node:net'
import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { dnsLabel, dnsSubdomain, portName, portNumber, wildcardSubdomain } from '../../../../meta/names.ts'
import { invalidEach, invalidValue, notSupported, required } from '../../../../meta/validation.ts'
import type {
  HTTPIngressPath,
  Ingress,
  IngressBackend,
  IngressRule,
  IngressSpec,
  IngressStatus,
} from '../../../generated/networking-v1.ts'
import { defineResource } from '../../../resource.ts'
import { validateLocalReference } from '../reference.ts'
import { readAddress, validateIp } from '../../../../meta/addresses.ts'
import { ageColumn, nameColumn } from '../../../workload/columns.ts'

/** The way to name a class before there was a field for it. */
export const CLASS_ANNOTATION = 'kubernetes.io/ingress.class'
const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix']

const NOT_AN_IP = 'must be a DNS name, not an IP address'

export const ingresses = defineResource<Ingress>('networking.k8s.io/v1/ingresses', {
  prepareForCreate: (draft) => {
    draft.status = { loadBalancer: {} }
  },
  prepareForUpdate: (draft, old) => {
    draft.status = structuredClone(old.status ?? { loadBalancer: {} }) as IngressStatus
  },
  validate: (object, root) => [
    ...validateClassNamedOnce(object, root),
    ...validateIngress(object.spec, root.child('spec')),
  ],
  validateUpdate: (object, _old, root) => validateIngress(object.spec, root.child('spec')),
  validateStatusUpdate: ({ status }, _old, root) =>
    (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }, position) => {
      const path = root.child('status', 'loadBalancer', 'ingress').index(position)
      return [
        ...(ip ? validateIp(ip, path.child('ip')) : []),
        ...(hostname ? validateHostname(hostname, path.child('hostname')) : []),
      ]
    }),
  statusWarnings: ({ status }) => balancerWarnings(status?.loadBalancer?.ingress),
  warnings: ({ metadata }) =>
    metadata.annotations?.[CLASS_ANNOTATION] === undefined
      ? []
      : [`annotation "${CLASS_ANNOTATION}" is deprecated, please use 'spec.ingressClassName' instead`],
  columns: [
    nameColumn(),
    {
      name: 'Class',
      type: 'string',
      cell: ({ spec }) => spec?.ingressClassName ?? '<none>',
    },
    { name: 'Hosts', type: 'string', cell: ({ spec }) => hostsCell(spec?.rules) },
    {
      name: 'Address',
      type: 'string',
      cell: ({ status }) =>
        (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '').join(),
    },
    { name: 'Ports', type: 'string', cell: ({ spec }) => ((spec?.tls ?? []).length > 0 ? '80, 443' : '80') },
    ageColumn(),
  ],
})

function hostsCell(rules: DeepReadonly<IngressRule[]> | undefined): string {
  const hosts = (rules ?? []).flatMap(({ host }) => (host ? [host] : []))
  if (hosts.length === 0) return '*'
  return hosts.length > 3 ? `${hosts.slice(0, 3).join()} + ${hosts.length - 3} more...` : hosts.join()
}

function validateClassNamedOnce({ metadata, spec }: DeepReadonly<Ingress>, root: FieldPath): FieldError[] {
  const annotated = metadata.annotations?.[CLASS_ANNOTATION]
  if (annotated === undefined || spec?.ingressClassName === undefined || annotated === spec.ingressClassName) return []
  const path = root.child('metadata', 'annotations').child(CLASS_ANNOTATION)
  return [invalidValue(path, annotated, 'must match `ingressClassName` when both are specified')]
}

function validateIngress(spec: DeepReadonly<IngressSpec> | undefined, path: FieldPath): FieldError[] {
  const { rules = [], tls = [], defaultBackend, ingressClassName } = spec ?? {}
  const faults: FieldError[] = []
  if (rules.length === 0 && defaultBackend === undefined) {
    faults.push(invalidValue(path, null, 'either `defaultBackend` or `rules` must be specified'))
  }
  if (defaultBackend !== undefined) faults.push(...validateBackend(defaultBackend, path.child('defaultBackend')))
  for (const [position, rule] of rules.entries())
    faults.push(...validateRule(rule, path.child('rules').index(position)))
  for (const [position, { hosts = [], secretName = '' }] of tls.entries()) {
    const at = path.child('tls').index(position)
    hosts.forEach((host, index) => faults.push(...invalidEach(at.child('hosts').index(index), host, hostFaults(host))))
    if (secretName !== '') faults.push(...invalidEach(at.child('secretName'), secretName, dnsSubdomain(secretName)))
  }
  if (ingressClassName !== undefined) {
    faults.push(...invalidEach(path.child('ingressClassName'), ingressClassName, dnsSubdomain(ingressClassName)))
  }
  return faults
}

const hostFaults = (host: string) => (host.includes('*') ? wildcardSubdomain(host) : dnsSubdomain(host))

function validateHostname(hostname: string, path: FieldPath): FieldError[] {
  const faults = invalidEach(path, hostname, dnsSubdomain(hostname))
  return isIP(hostname) === 0 ? faults : [...faults, invalidValue(path, hostname, NOT_AN_IP)]
}

function validateRule({ host = '', http }: DeepReadonly<IngressRule>, path: FieldPath): FieldError[] {
  const faults: FieldError[] = []
  if (host !== '') {
    if (readAddress(host) !== undefined) faults.push(invalidValue(path.child('host'), host, NOT_AN_IP))
    faults.push(...invalidEach(path.child('host'), host, hostFaults(host)))
  }
  if (http === undefined) return faults
  const paths = path.child('http', 'paths')
  if ((http.paths ?? []).length === 0) return [...faults, required(paths)]
  http.paths.forEach((entry, position) => faults.push(...validatePath(entry, paths.index(position))))
  return faults
}

const DOUBLED = ['//', '/./', '/../', '%2f', '%2F']
const ENDINGS = ['/..', '/.']

function validatePath(
  { path: text = '', pathType, backend }: DeepReadonly<HTTPIngressPath>,
  path: FieldPath,
): FieldError[] {
  const at = path.child('path')
  const faults: FieldError[] = []
  if (pathType === undefined) return [required(path.child('pathType'), 'pathType must be specified')]
  if (pathType === 'Exact' || pathType === 'Prefix') {
    if (!text.startsWith('/')) faults.push(invalidValue(at, text, 'must be an absolute path'))
    for (const part of DOUBLED)
      if (text.includes(part)) faults.push(invalidValue(at, text, `must not contain '${part}'`))
    for (const end of ENDINGS) if (text.endsWith(end)) faults.push(invalidValue(at, text, `cannot end with '${end}'`))
  } else if (pathType === 'ImplementationSpecific') {
    if (text !== '' && !text.startsWith('/')) faults.push(invalidValue(at, text, 'must be an absolute path'))
  } else {
    faults.push(notSupported(path.child('pathType'), pathType, PATH_TYPES))
  }
  return [...faults, ...validateBackend(backend, path.child('backend'))]
}

function validateBackend(backend: DeepReadonly<IngressBackend> | undefined, path: FieldPath): FieldError[] {
  const { service, resource } = backend ?? {}
  if (service !== undefined && resource !== undefined)
    return [invalidValue(path, '', 'cannot set both resource and service backends')]
  if (resource !== undefined) {
    return validateLocalReference(resource, path.child('resource'))
  }
  if (service === undefined) return [invalidValue(path, '', 'resource or service backend is required')]
  const { name = '', port } = service
  const at = path.child('service')
  const faults = name === '' ? [required(at.child('name'))] : invalidEach(at.child('name'), name, dnsLabel(name))
  const hasName = (port?.name ?? '') !== ''
  const hasNumber = (port?.number ?? 0) !== 0
  if (hasName && hasNumber) faults.push(invalidValue(path, '', 'cannot set both port name & port number'))
  else if (hasName) faults.push(...invalidEach(at.child('port', 'name'), port?.name, portName(port?.name ?? '')))
  else if (hasNumber)
    faults.push(...invalidEach(at.child('port', 'number'), port?.number, portNumber(port?.number ?? 0)))
  else faults.push(required(path, 'port name or number is required'))
  return faults
}
