/**
 * What Kubernetes fills into Pods and Pod templates
 * (https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/).
 */

import type {
  Container,
  ContainerPort,
  EnvVar,
  HTTPGetAction,
  LifecycleHandler,
  Pod,
  PodSpec,
  PodStatus,
  PodTemplateSpec,
  Probe,
  ResourceList,
} from '../../../generated/core-v1.ts'
import { roundRequirements, roundToMilli } from '../round-amounts.ts'
import { defaultVolume } from './defaults-volumes.ts'
import { pullPolicyFor } from './image.ts'
import { aggregateContainerLimits, aggregateContainerRequests, isPodLevelResource } from './requests.ts'

/** Fills in a whole Pod. */
export function defaultPod(pod: Pod): void {
  const spec = (pod.spec ??= { containers: [] })
  defaultPodSpec(spec)
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) spec.terminationGracePeriodSeconds = 1
  spec.enableServiceLinks ??= true
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) {
    requestWhatIsLimited(container)
    if (spec.hostNetwork === true) for (const port of container.ports ?? []) exposeOnHost(port)
  }
  defaultPodLevelResources(spec)
  if (pod.status === undefined) return
  alignAddresses(pod.status)
  roundStatus(pod.status)
}

function roundStatus(status: PodStatus): void {
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = status
  for (const part of [status, ...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses]) {
    roundToMilli(part.allocatedResources)
    roundRequirements(part.resources)
  }
}

/** The one address is the first of all, whichever of the fields is written; of two that differ the one counts. */
function alignAddresses(status: PodStatus): void {
  const { podIP = '', podIPs: [first] = [] } = status
  if (podIP !== '' && podIP !== first?.ip) status.podIPs = [{ ip: podIP }]
  else if (podIP === '' && first?.ip !== undefined) status.podIP = first.ip
}

/** Fills in the template of a workload. Some defaults are left to the Pods made of it. */
export function defaultPodTemplate(template: PodTemplateSpec): void {
  defaultPodSpec((template.spec ??= { containers: [] }))
}

/** Fills in what Pods and templates have in common. */
function defaultPodSpec(spec: PodSpec): void {
  spec.dnsPolicy ??= 'ClusterFirst'
  spec.restartPolicy ??= 'Always'
  spec.securityContext ??= {}
  spec.terminationGracePeriodSeconds ??= 30
  spec.schedulerName ??= 'default-scheduler'
  syncServiceAccount(spec)
  roundToMilli(spec.overhead)
  roundRequirements(spec.resources)
  for (const volume of spec.volumes ?? []) defaultVolume(volume)
  for (const container of spec.initContainers ?? []) defaultContainer(container)
  for (const container of spec.containers ?? []) defaultContainer(container)
  for (const container of spec.ephemeralContainers ?? []) defaultContainer(container)
}

/** Takes away fields of features that Kubernetes has, and does not serve unless it is told to. */
export function dropDisabledPodFields(spec: PodSpec | undefined): void {
  if (spec === undefined) return
  delete spec.schedulingGroup
  for (const volume of spec.volumes ?? []) {
    for (const source of volume.projected?.sources ?? []) {
      delete source.clusterTrustBundle
      delete source.podCertificate
    }
  }
}

/** The old name of the field is kept equal to the new one. */
function syncServiceAccount(spec: PodSpec): void {
  const name = spec.serviceAccountName ?? spec.serviceAccount
  if (name === undefined) return
  spec.serviceAccountName = name
  spec.serviceAccount = name
}

/** Fills in a container of any sort. */
function defaultContainer(container: Container): void {
  container.imagePullPolicy ??= pullPolicyFor(container.image)
  container.terminationMessagePath ??= '/dev/termination-log'
  container.terminationMessagePolicy ??= 'File'
  for (const port of container.ports ?? []) port.protocol ??= 'TCP'
  for (const env of container.env ?? []) defaultEnv(env)
  roundRequirements(container.resources)
  defaultProbe(container.livenessProbe)
  defaultProbe(container.readinessProbe)
  defaultProbe(container.startupProbe)
  defaultHandler(container.lifecycle?.postStart)
  defaultHandler(container.lifecycle?.preStop)
}

function defaultEnv(env: EnvVar): void {
  const field = env.valueFrom?.fieldRef
  if (field !== undefined) field.apiVersion ??= 'v1'
  const file = env.valueFrom?.fileKeyRef
  if (file !== undefined) file.optional ??= false
}

function defaultProbe(probe: Probe | undefined): void {
  if (probe === undefined) return
  probe.timeoutSeconds ??= 1
  probe.periodSeconds ??= 10
  probe.successThreshold ??= 1
  probe.failureThreshold ??= 3
  if (probe.httpGet !== undefined) defaultHttpGet(probe.httpGet)
  if (probe.grpc !== undefined) probe.grpc.service ??= ''
}

function defaultHandler(handler: LifecycleHandler | undefined): void {
  if (handler?.httpGet !== undefined) defaultHttpGet(handler.httpGet)
}

function defaultHttpGet(action: HTTPGetAction): void {
  action.path ??= '/'
  action.scheme ??= 'HTTP'
}

function exposeOnHost(port: ContainerPort): void {
  port.hostPort ??= port.containerPort
}

/** A limit without a request is a request of the same. */
function requestWhatIsLimited({ resources }: Container): void {
  if (resources?.limits === undefined) return
  const requests = (resources.requests ??= {})
  for (const [name, limit] of Object.entries(resources.limits)) {
    if (!Object.hasOwn(requests, name)) requests[name] = limit
  }
}

/** Fills in what the Pod says of itself as a whole from what its containers ask for. */
export function defaultPodLevelResources(spec: PodSpec): void {
  defaultPodLevelHugePages(spec)
  defaultPodLevelRequests(spec)
}

/** Limits of huge pages of the Pod as a whole, where it says anything of itself: what its containers may have. */
function defaultPodLevelHugePages({ resources, ...spec }: PodSpec): void {
  const { limits = {}, requests = {} } = resources ?? {}
  if (resources === undefined || Object.keys({ ...limits, ...requests }).length === 0) return
  const missing = Object.entries(aggregateContainerLimits(spec)).filter(
    ([name]) => name.startsWith('hugepages-') && !Object.hasOwn(requests, name) && !Object.hasOwn(limits, name),
  )
  if (missing.length > 0) resources.limits = { ...limits, ...Object.fromEntries(missing) }
}

/** Requests of the Pod as a whole, where it limits itself: what its containers ask for, else the limit. */
function defaultPodLevelRequests(spec: PodSpec): void {
  const limits = spec.resources?.limits
  if (spec.resources === undefined || limits === undefined || Object.keys(limits).length === 0) return
  const requests: ResourceList = { ...spec.resources.requests }
  for (const [name, amount] of Object.entries(aggregateContainerRequests(spec))) {
    if (isPodLevelResource(name) && !name.startsWith('hugepages-')) requests[name] ??= amount
  }
  for (const [name, limit] of Object.entries(limits)) {
    if (isPodLevelResource(name)) requests[name] ??= limit
  }
  if (Object.keys(requests).length > 0) spec.resources.requests = requests
}
