/** What a Service must be (https://kubernetes.io/docs/concepts/services-networking/service/). */

import { isIP } from 'node:net'
import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { dnsSubdomain, portNumber, qualifiedName } from '../../../../meta/names.ts'
import { validateLabels } from '../../../../meta/object-meta.ts'
import {
  forbiddenField,
  IMMUTABLE,
  invalidEach,
  invalidValue,
  judgeAll,
  notSupported,
  required,
} from '../../../../meta/validation.ts'
import type { Service, ServiceSpec, SessionAffinityConfig } from '../../../generated/core-v1.ts'
import { validateCidr } from '../../../../meta/addresses.ts'
import { validateIp } from '../../../../meta/addresses.ts'
import {
  isExternallyAccessible,
  isHeadless,
  needsHealthCheck,
  OLD_TOPOLOGY_MODE,
  TOPOLOGY_MODE,
  typeOf,
} from './facts.ts'
import { validateNonSpecialIp } from './validate-addresses.ts'
import { validateClusterIps, validateClusterIpUpdate } from './validate-cluster-ips.ts'
import { validateServicePorts } from './validate-ports.ts'

type Shared = DeepReadonly<Service>
type Spec = DeepReadonly<ServiceSpec>

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const TRAFFIC_POLICIES = ['Cluster', 'Local']
const DISTRIBUTIONS = ['PreferClose', 'PreferSameZone', 'PreferSameNode']
const IP_MODES = ['Proxy', 'VIP']
const KUBELET_PORT = 10250
const MAX_AFFINITY_SECONDS = 86400

/** Both names of the topology mode must say the same. */
function validateTopologyMode({ metadata: { annotations = {} } }: Shared, root: FieldPath): FieldError[] {
  const { [TOPOLOGY_MODE]: mode, [OLD_TOPOLOGY_MODE]: old } = annotations
  if (mode === undefined || old === undefined || mode === old) return []
  const detail = `must match annotations[${OLD_TOPOLOGY_MODE}] when both are specified`
  return [invalidValue(root.child('metadata', 'annotations').key(TOPOLOGY_MODE), mode, detail)]
}

/** Every fault of a Service, in the order Kubernetes tells them. */
export function validateService(service: Shared, root: FieldPath, old?: Shared): FieldError[] {
  const spec = service.spec ?? {}
  const path = root.child('spec')
  const faults = [...validateTopologyMode(service, root)]
  if ((spec.ports?.length ?? 0) === 0 && !isHeadless(service) && spec.type !== 'ExternalName') {
    faults.push(required(path.child('ports')))
  }
  faults.push(
    ...validateByType(service, spec, path),
    ...validateServicePorts(service, path.child('ports')),
    ...validateLabels(spec.selector, path.child('selector')),
    ...validateAffinity(spec, path),
  )
  if (spec.type !== 'ExternalName') faults.push(...validateClusterIps(spec, path))
  faults.push(
    ...validateExternalIps(spec, path),
    ...oneOf(spec.type, TYPES, path.child('type')),
    ...validateNodePortUse(spec, path.child('ports')),
    ...validateSourceRanges(service, root, old),
    ...validateBalancer(spec, path),
    ...validateTraffic(service, path),
  )
  return faults
}

/** Every fault of a changed Service. */
export function validateServiceUpdate(service: Shared, old: Shared, root: FieldPath): FieldError[] {
  const faults = validateClusterIpUpdate(service, old, root.child('spec'))
  const spec = service.spec ?? {}
  const path = root.child('spec', 'loadBalancerClass')
  const stays = typeOf(service) === 'LoadBalancer' && typeOf(old) === 'LoadBalancer'
  if (stays && old.spec?.loadBalancerClass !== spec.loadBalancerClass) {
    faults.push(invalidValue(path, spec.loadBalancerClass, 'may not change once set'))
  }
  // Kubernetes looks at the class once for the update and once for the Service.
  faults.push(...validateBalancerClass(spec, path))
  const port = root.child('spec', 'healthCheckNodePort')
  const isChecked = needsHealthCheck(service) && needsHealthCheck(old)
  if (isChecked && spec.healthCheckNodePort !== old.spec?.healthCheckNodePort)
    faults.push(forbiddenField(port, IMMUTABLE))
  return [...faults, ...validateService(service, root, old)]
}

/** The addresses that a load balancer tells of. */
export function validateServiceStatus({ spec, status }: Shared, _: Shared, root: FieldPath): FieldError[] {
  const path = root.child('status', 'loadBalancer', 'ingress')
  const { ingress = [] } = status?.loadBalancer ?? {}
  if (spec?.type !== 'LoadBalancer' && ingress.length > 0) {
    return [forbiddenField(path, "may only be used when `spec.type` is 'LoadBalancer'")]
  }
  return judgeAll(ingress, ({ ip = '', ipMode, hostname = '' }, at) => {
    const here = path.index(at)
    const mode = here.child('ipMode')
    const faults = ip === '' ? [] : validateIp(ip, here.child('ip'))
    if (ipMode === undefined && ip !== '') faults.push(required(mode, 'must be specified when `ip` is set'))
    else if (ipMode !== undefined && ip === '')
      faults.push(forbiddenField(mode, 'may not be specified when `ip` is not set'))
    else if (ipMode !== undefined && !IP_MODES.includes(ipMode)) faults.push(notSupported(mode, ipMode, IP_MODES))
    if (hostname === '') return faults
    const name = here.child('hostname')
    faults.push(...invalidEach(name, hostname, dnsSubdomain(hostname)))
    if (isIP(hostname) !== 0) faults.push(invalidValue(name, hostname, 'must be a DNS name, not an IP address'))
    return faults
  })
}

function oneOf(value: string | undefined, supported: readonly string[], path: FieldPath): FieldError[] {
  if (value === undefined || value === '') return [required(path)]
  return supported.includes(value) ? [] : [notSupported(path, value, supported)]
}

function validateByType(service: Shared, spec: Spec, path: FieldPath): FieldError[] {
  const none = () => {
    const words = `may not be set to 'None' for ${spec.type} services`
    return isHeadless(service) ? [invalidValue(path.child('clusterIPs').index(0), 'None', words)] : []
  }
  switch (typeOf(service)) {
    case 'LoadBalancer': {
      const words = `may not expose port ${KUBELET_PORT} externally since it is used by kubelet`
      const exposed = judgeAll(spec.ports, ({ port }, at) =>
        port === KUBELET_PORT ? [invalidValue(path.child('ports').index(at), port, words)] : [],
      )
      return [...exposed, ...none()]
    }
    case 'NodePort':
      return none()
    case 'ExternalName':
      return validateExternalName(spec, path)
    default:
      return []
  }
}

function validateExternalName(spec: Spec, path: FieldPath): FieldError[] {
  const words = 'may not be set for ExternalName services'
  const faults: FieldError[] = []
  if ((spec.clusterIPs?.length ?? 0) > 0) faults.push(forbiddenField(path.child('clusterIPs'), words))
  if ((spec.ipFamilies?.length ?? 0) > 0) faults.push(forbiddenField(path.child('ipFamilies'), words))
  if (spec.ipFamilyPolicy !== undefined) faults.push(forbiddenField(path.child('ipFamilyPolicy'), words))
  const name = (spec.externalName ?? '').replace(/\.$/, '')
  if (name === '') return [...faults, required(path.child('externalName'))]
  return [...faults, ...invalidEach(path.child('externalName'), name, dnsSubdomain(name))]
}

function validateAffinity(spec: Spec, path: FieldPath): FieldError[] {
  const faults = oneOf(spec.sessionAffinity, ['ClientIP', 'None'], path.child('sessionAffinity'))
  const here = path.child('sessionAffinityConfig')
  if (spec.sessionAffinity === 'ClientIP') faults.push(...validateAffinityConfig(spec.sessionAffinityConfig, here))
  else if (spec.sessionAffinity === 'None' && spec.sessionAffinityConfig !== undefined) {
    faults.push(forbiddenField(here, 'must not be set when session affinity is None'))
  }
  return faults
}

function validateAffinityConfig(config: SessionAffinityConfig | undefined, path: FieldPath): FieldError[] {
  const words = 'when session affinity type is ClientIP'
  if (config === undefined) return [required(path, words)]
  if (config.clientIP === undefined) return [required(path.child('clientIP'), words)]
  const seconds = config.clientIP.timeoutSeconds
  const here = path.child('clientIP', 'timeoutSeconds')
  if (seconds === undefined) return [required(here, words)]
  if (seconds > 0 && seconds <= MAX_AFFINITY_SECONDS) return []
  return [invalidValue(here, seconds, `must be greater than 0 and less than ${MAX_AFFINITY_SECONDS}`)]
}

function validateExternalIps(spec: Spec, path: FieldPath): FieldError[] {
  return judgeAll(spec.externalIPs, (address, at) => {
    const here = path.child('externalIPs').index(at)
    const wrong = validateIp(address, here)
    return wrong.length > 0 ? wrong : validateNonSpecialIp(address, here)
  })
}

function validateNodePortUse(spec: Spec, path: FieldPath): FieldError[] {
  if (spec.type !== 'ClusterIP') return []
  const words = "may not be used when `type` is 'ClusterIP'"
  return judgeAll(spec.ports, ({ nodePort = 0 }, at) =>
    nodePort === 0 ? [] : [forbiddenField(path.index(at).child('nodePort'), words)],
  )
}

const SOURCE_RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges'
const ONLY_BALANCERS = "may only be used when `type` is 'LoadBalancer'"

/** Where clients of a load balancer may be: the field, or the annotation from before there was one. */
function validateSourceRanges({ metadata, spec }: Shared, root: FieldPath, old?: Shared): FieldError[] {
  const ranges = spec?.loadBalancerSourceRanges ?? []
  const wrongType = (path: FieldPath) => (spec?.type === 'LoadBalancer' ? [] : [forbiddenField(path, ONLY_BALANCERS)])
  if (ranges.length > 0) {
    const path = root.child('spec', 'LoadBalancerSourceRanges')
    const before = new Set((old?.spec?.loadBalancerSourceRanges ?? []).map((range) => range.trim()))
    const judge = (range: string, at: number) => (before.has(range) ? [] : validateCidr(range, path.index(at)))
    return [...wrongType(path), ...judgeAll(ranges, (range, at) => judge(range.trim(), at))]
  }
  const text = metadata.annotations?.[SOURCE_RANGES]
  if (text === undefined) return []
  const path = root.child('metadata', 'annotations').key(SOURCE_RANGES)
  if (text === old?.metadata.annotations?.[SOURCE_RANGES] || text.trim() === '') return wrongType(path)
  return [...wrongType(path), ...judgeAll(text.split(','), (range) => validateCidr(range.trim(), path))]
}

/** What only load balancers have. */
function validateBalancer(spec: Spec, path: FieldPath): FieldError[] {
  const faults: FieldError[] = []
  const isBalancer = spec.type === 'LoadBalancer'
  const words = "may only be used when `type` is 'LoadBalancer'"
  const allocate = path.child('allocateLoadBalancerNodePorts')
  if (!isBalancer && spec.allocateLoadBalancerNodePorts !== undefined) faults.push(forbiddenField(allocate, words))
  if (isBalancer && spec.allocateLoadBalancerNodePorts === undefined) faults.push(required(allocate))
  return [...faults, ...validateBalancerClass(spec, path.child('loadBalancerClass'))]
}

function validateBalancerClass({ type, loadBalancerClass: name }: Spec, path: FieldPath): FieldError[] {
  if (name === undefined) return []
  if (type !== 'LoadBalancer') return [forbiddenField(path, "may only be used when `type` is 'LoadBalancer'")]
  return invalidEach(path, name, qualifiedName(name))
}

/** Where requests may go. */
function validateTraffic(service: Shared, path: FieldPath): FieldError[] {
  const spec = service.spec ?? {}
  const faults: FieldError[] = []
  const external = path.child('externalTrafficPolicy')
  if (isExternallyAccessible(service)) faults.push(...oneOf(spec.externalTrafficPolicy, TRAFFIC_POLICIES, external))
  else if ((spec.externalTrafficPolicy ?? '') !== '') {
    const words = 'may only be set for externally-accessible services'
    faults.push(invalidValue(external, spec.externalTrafficPolicy, words))
  }
  const { healthCheckNodePort: port = 0, internalTrafficPolicy, trafficDistribution } = spec
  const health = path.child('healthCheckNodePort')
  if (port !== 0 && !needsHealthCheck(service)) {
    const words = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
    faults.push(invalidValue(health, port, words))
  } else if (port !== 0) faults.push(...invalidEach(health, port, portNumber(port)))
  const internal = path.child('internalTrafficPolicy')
  if (internalTrafficPolicy === undefined) {
    if (['ClusterIP', 'LoadBalancer', 'NodePort'].includes(spec.type ?? '')) faults.push(required(internal))
  } else if (!TRAFFIC_POLICIES.includes(internalTrafficPolicy)) {
    faults.push(notSupported(internal, internalTrafficPolicy, TRAFFIC_POLICIES))
  }
  if (trafficDistribution !== undefined && !DISTRIBUTIONS.includes(trafficDistribution)) {
    faults.push(notSupported(path.child('trafficDistribution'), trafficDistribution, DISTRIBUTIONS))
  }
  return faults
}
