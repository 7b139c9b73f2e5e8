/** The types of apiextensions.k8s.io/v1, generated from tools/facts; never edited. */
import type { ListMeta, ObjectMeta, Status, Time } from '../../meta/types.ts'

/** Known: `None`, `Webhook`. */
export type ConversionStrategyType = string

/** Known: `Cluster`, `Namespaced`. */
export type ResourceScope = string

/** Known: `True`, `False`, `Unknown`. */
export type ConditionStatus = string

/** Known: `Established`, `NamesAccepted`, `NonStructuralSchema`, `Terminating`, `KubernetesAPIApprovalPolicyConformant`, `StorageMigrating`. */
export type CustomResourceDefinitionConditionType = string

export type FieldValueErrorReason = 'FieldValueRequired' | 'FieldValueDuplicate' | 'FieldValueInvalid' | 'FieldValueForbidden'

export type ValidationRules = ValidationRule[]

export type JSONSchemaURL = string

export type JSONSchemaDependencies = Record<string, JSONSchemaProps | string[]>

export type JSONSchemaDefinitions = Record<string, JSONSchemaProps>

export interface CustomResourceDefinitionSpec {
  group: string
  names: CustomResourceDefinitionNames
  scope: ResourceScope
  versions: CustomResourceDefinitionVersion[]
  conversion?: CustomResourceConversion
  preserveUnknownFields?: boolean
}

export interface CustomResourceConversion {
  strategy: ConversionStrategyType
  webhook?: WebhookConversion
}

export interface WebhookConversion {
  clientConfig?: WebhookClientConfig
  conversionReviewVersions: string[]
}

export interface WebhookClientConfig {
  url?: string
  service?: ServiceReference
  caBundle?: string
}

export interface ServiceReference {
  namespace: string
  name: string
  path?: string
  port?: number
}

export interface CustomResourceDefinitionVersion {
  name: string
  served: boolean
  storage: boolean
  deprecated?: boolean
  deprecationWarning?: string
  schema?: CustomResourceValidation
  subresources?: CustomResourceSubresources
  additionalPrinterColumns?: CustomResourceColumnDefinition[]
  selectableFields?: SelectableField[]
}

export interface SelectableField {
  jsonPath: string
}

export interface CustomResourceColumnDefinition {
  name: string
  type: string
  format?: string
  description?: string
  priority?: number
  jsonPath: string
}

export interface CustomResourceDefinitionNames {
  plural: string
  singular?: string
  shortNames?: string[]
  kind: string
  listKind?: string
  categories?: string[]
}

export interface CustomResourceDefinitionCondition {
  type: CustomResourceDefinitionConditionType
  status: ConditionStatus
  lastTransitionTime?: Time
  reason?: string
  message?: string
  observedGeneration?: number
}

export interface CustomResourceDefinitionStatus {
  conditions?: CustomResourceDefinitionCondition[]
  acceptedNames?: CustomResourceDefinitionNames
  storedVersions?: string[]
  observedGeneration?: number
}

export interface CustomResourceDefinition {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  spec: CustomResourceDefinitionSpec
  status?: CustomResourceDefinitionStatus
}

export interface CustomResourceDefinitionList {
  kind?: string
  apiVersion?: string
  metadata: ListMeta
  items: CustomResourceDefinition[]
}

export interface CustomResourceValidation {
  openAPIV3Schema?: JSONSchemaProps
}

export interface CustomResourceSubresources {
  status?: CustomResourceSubresourceStatus
  scale?: CustomResourceSubresourceScale
}

export interface CustomResourceSubresourceStatus {

}

export interface CustomResourceSubresourceScale {
  specReplicasPath: string
  statusReplicasPath: string
  labelSelectorPath?: string
}

export interface ConversionReview {
  kind?: string
  apiVersion?: string
  request?: ConversionRequest
  response?: ConversionResponse
}

export interface ConversionRequest {
  uid: string
  desiredAPIVersion: string
  objects: unknown[]
}

export interface ConversionResponse {
  uid: string
  convertedObjects: unknown[]
  result: Status
}

export interface JSONSchemaProps {
  id?: string
  '$schema'?: JSONSchemaURL
  '$ref'?: string
  description?: string
  type?: string
  format?: string
  title?: string
  default?: unknown
  maximum?: number
  exclusiveMaximum?: boolean
  minimum?: number
  exclusiveMinimum?: boolean
  maxLength?: number
  minLength?: number
  pattern?: string
  maxItems?: number
  minItems?: number
  uniqueItems?: boolean
  multipleOf?: number
  enum?: unknown[]
  maxProperties?: number
  minProperties?: number
  required?: string[]
  items?: JSONSchemaProps | JSONSchemaProps[]
  allOf?: JSONSchemaProps[]
  oneOf?: JSONSchemaProps[]
  anyOf?: JSONSchemaProps[]
  not?: JSONSchemaProps
  properties?: Record<string, JSONSchemaProps>
  additionalProperties?: JSONSchemaProps | boolean
  patternProperties?: Record<string, JSONSchemaProps>
  dependencies?: JSONSchemaDependencies
  additionalItems?: JSONSchemaProps | boolean
  definitions?: JSONSchemaDefinitions
  externalDocs?: ExternalDocumentation
  example?: unknown
  nullable?: boolean
  'x-kubernetes-preserve-unknown-fields'?: boolean
  'x-kubernetes-embedded-resource'?: boolean
  'x-kubernetes-int-or-string'?: boolean
  'x-kubernetes-list-map-keys'?: string[]
  'x-kubernetes-list-type'?: string
  'x-kubernetes-map-type'?: string
  'x-kubernetes-validations'?: ValidationRules
}

export interface ValidationRule {
  rule: string
  message?: string
  messageExpression?: string
  reason?: FieldValueErrorReason
  fieldPath?: string
  optionalOldSelf?: boolean
}

export interface ExternalDocumentation {
  description?: string
  url?: string
}
