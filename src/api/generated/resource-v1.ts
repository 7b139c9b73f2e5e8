/** The types of resource.k8s.io/v1, generated from tools/facts; never edited. */
import type { Condition, ListMeta, ObjectMeta, Quantity, Time } from '../../meta/types.ts'
import type { NodeSelector } from './core-v1.ts'

export type QualifiedName = string

export type FullyQualifiedName = string

export type DeviceTaintEffect = 'None' | 'NoSchedule' | 'NoExecute'

export type DeviceAllocationMode = 'ExactCount' | 'All'

export type DeviceTolerationOperator = 'Exists' | 'Equal'

export type AllocationConfigSource = 'FromClass' | 'FromClaim'

export interface ResourceSlice {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  spec: ResourceSliceSpec
}

export interface ResourceSliceSpec {
  driver: string
  pool: ResourcePool
  nodeName?: string
  nodeSelector?: NodeSelector
  allNodes?: boolean
  devices?: Device[]
  perDeviceNodeSelection?: boolean
  sharedCounters?: CounterSet[]
}

export interface CounterSet {
  name: string
  counters: Record<string, Counter>
}

export interface ResourcePool {
  name: string
  generation: number
  resourceSliceCount: number
}

export interface Device {
  name: string
  attributes?: Record<string, DeviceAttribute>
  capacity?: Record<string, DeviceCapacity>
  consumesCounters?: DeviceCounterConsumption[]
  nodeName?: string
  nodeSelector?: NodeSelector
  allNodes?: boolean
  taints?: DeviceTaint[]
  bindsToNode?: boolean
  bindingConditions?: string[]
  bindingFailureConditions?: string[]
  allowMultipleAllocations?: boolean
  nodeAllocatableResourceMappings?: Record<string, NodeAllocatableResourceMapping>
}

export interface NodeAllocatableResourceMapping {
  capacityKey?: QualifiedName
  allocationMultiplier?: Quantity
}

export interface DeviceCounterConsumption {
  counterSet: string
  counters: Record<string, Counter>
}

export interface DeviceCapacity {
  value: Quantity
  requestPolicy?: CapacityRequestPolicy
}

export interface Counter {
  value: Quantity
}

export interface CapacityRequestPolicy {
  default?: Quantity
  validValues?: Quantity[]
  validRange?: CapacityRequestPolicyRange
}

export interface CapacityRequestPolicyRange {
  min: Quantity
  max?: Quantity
  step?: Quantity
}

export interface DeviceAttribute {
  int?: number
  bool?: boolean
  string?: string
  version?: string
  ints?: number[]
  bools?: boolean[]
  strings?: string[]
  versions?: string[]
}

export interface DeviceTaint {
  key: string
  value?: string
  effect: DeviceTaintEffect
  timeAdded?: Time
}

export interface ResourceSliceList {
  kind?: string
  apiVersion?: string
  metadata: ListMeta
  items: ResourceSlice[]
}

export interface ResourceClaim {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  spec: ResourceClaimSpec
  status?: ResourceClaimStatus
}

export interface ResourceClaimSpec {
  devices?: DeviceClaim
}

export interface DeviceClaim {
  requests?: DeviceRequest[]
  constraints?: DeviceConstraint[]
  config?: DeviceClaimConfiguration[]
}

export interface DeviceRequest {
  name: string
  exactly?: ExactDeviceRequest
  firstAvailable?: DeviceSubRequest[]
}

export interface ExactDeviceRequest {
  deviceClassName: string
  selectors?: DeviceSelector[]
  allocationMode?: DeviceAllocationMode
  count?: number
  adminAccess?: boolean
  tolerations?: DeviceToleration[]
  capacity?: CapacityRequirements
}

export interface DeviceSubRequest {
  name: string
  deviceClassName: string
  selectors?: DeviceSelector[]
  allocationMode?: DeviceAllocationMode
  count?: number
  tolerations?: DeviceToleration[]
  capacity?: CapacityRequirements
}

export interface CapacityRequirements {
  requests?: Record<string, Quantity>
}

export interface DeviceSelector {
  cel?: CELDeviceSelector
}

export interface CELDeviceSelector {
  expression: string
}

export interface DeviceConstraint {
  requests?: string[]
  matchAttribute?: FullyQualifiedName
  distinctAttribute?: FullyQualifiedName
}

export interface DeviceClaimConfiguration {
  opaque?: OpaqueDeviceConfiguration
  requests?: string[]
}

export interface DeviceConfiguration {
  opaque?: OpaqueDeviceConfiguration
}

export interface OpaqueDeviceConfiguration {
  driver: string
  parameters: unknown
}

export interface DeviceToleration {
  key?: string
  operator?: DeviceTolerationOperator
  value?: string
  effect?: DeviceTaintEffect
  tolerationSeconds?: number
}

export interface ResourceClaimStatus {
  allocation?: AllocationResult
  reservedFor?: ResourceClaimConsumerReference[]
  devices?: AllocatedDeviceStatus[]
}

export interface ResourceClaimConsumerReference {
  apiGroup?: string
  resource: string
  name: string
  uid: string
}

export interface AllocationResult {
  devices?: DeviceAllocationResult
  nodeSelector?: NodeSelector
  allocationTimestamp?: Time
}

export interface DeviceAllocationResult {
  results?: DeviceRequestAllocationResult[]
  config?: DeviceAllocationConfiguration[]
}

export interface DeviceRequestAllocationResult {
  request: string
  driver: string
  pool: string
  device: string
  adminAccess?: boolean
  tolerations?: DeviceToleration[]
  bindingConditions?: string[]
  bindingFailureConditions?: string[]
  shareID?: string
  consumedCapacity?: Record<string, Quantity>
}

export interface DeviceAllocationConfiguration {
  opaque?: OpaqueDeviceConfiguration
  source: AllocationConfigSource
  requests?: string[]
}

export interface ResourceClaimList {
  kind?: string
  apiVersion?: string
  metadata: ListMeta
  items: ResourceClaim[]
}

export interface DeviceClass {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  spec: DeviceClassSpec
}

export interface DeviceClassSpec {
  selectors?: DeviceSelector[]
  config?: DeviceClassConfiguration[]
  extendedResourceName?: string
}

export interface DeviceClassConfiguration {
  opaque?: OpaqueDeviceConfiguration
}

export interface DeviceClassList {
  kind?: string
  apiVersion?: string
  metadata: ListMeta
  items: DeviceClass[]
}

export interface ResourceClaimTemplate {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  spec: ResourceClaimTemplateSpec
}

export interface ResourceClaimTemplateSpec {
  metadata?: ObjectMeta
  spec: ResourceClaimSpec
}

export interface ResourceClaimTemplateList {
  kind?: string
  apiVersion?: string
  metadata: ListMeta
  items: ResourceClaimTemplate[]
}

export interface AllocatedDeviceStatus {
  driver: string
  pool: string
  device: string
  shareID?: string
  conditions?: Condition[]
  data?: unknown
  networkData?: NetworkDeviceData
}

export interface NetworkDeviceData {
  interfaceName?: string
  ips?: string[]
  hardwareAddress?: string
}
