/** The types of admissionregistration.k8s.io/v1, generated from tools/facts; never edited. */
import type { Condition, LabelSelector, ListMeta, ObjectMeta, StatusReason } from '../../meta/types.ts'

export type ScopeType = 'Cluster' | 'Namespaced' | '*'

export type FailurePolicyType = 'Ignore' | 'Fail'

/** Known: `Allow`, `Deny`. */
export type ParameterNotFoundActionType = string

export type MatchPolicyType = 'Exact' | 'Equivalent'

export type SideEffectClass = 'Unknown' | 'None' | 'Some' | 'NoneOnDryRun'

export type ValidatingAdmissionPolicyConditionType = string

export type ValidationAction = 'Deny' | 'Warn' | 'Audit'

export type ReinvocationPolicyType = 'Never' | 'IfNeeded'

export type OperationType = '*' | 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'

export type PatchType = 'ApplyConfiguration' | 'JSONPatch'

export interface Rule {
  apiGroups?: string[]
  apiVersions?: string[]
  resources?: string[]
  scope?: ScopeType
}

export interface ValidatingAdmissionPolicy {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  spec?: ValidatingAdmissionPolicySpec
  status?: ValidatingAdmissionPolicyStatus
}

export interface ValidatingAdmissionPolicyStatus {
  observedGeneration?: number
  typeChecking?: TypeChecking
  conditions?: Condition[]
}

export interface TypeChecking {
  expressionWarnings?: ExpressionWarning[]
}

export interface ExpressionWarning {
  fieldRef: string
  warning: string
}

export interface ValidatingAdmissionPolicyList {
  kind?: string
  apiVersion?: string
  metadata: ListMeta
  items: ValidatingAdmissionPolicy[]
}

export interface ValidatingAdmissionPolicySpec {
  paramKind?: ParamKind
  matchConstraints?: MatchResources
  validations?: Validation[]
  failurePolicy?: FailurePolicyType
  auditAnnotations?: AuditAnnotation[]
  matchConditions?: MatchCondition[]
  variables?: Variable[]
}

export interface ParamKind {
  apiVersion?: string
  kind?: string
}

export interface Validation {
  expression: string
  message?: string
  reason?: StatusReason
  messageExpression?: string
}

export interface Variable {
  name: string
  expression: string
}

export interface AuditAnnotation {
  key: string
  valueExpression: string
}

export interface ValidatingAdmissionPolicyBinding {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  spec: ValidatingAdmissionPolicyBindingSpec
}

export interface ValidatingAdmissionPolicyBindingList {
  kind?: string
  apiVersion?: string
  metadata: ListMeta
  items: ValidatingAdmissionPolicyBinding[]
}

export interface ValidatingAdmissionPolicyBindingSpec {
  policyName: string
  paramRef?: ParamRef
  matchResources?: MatchResources
  validationActions: ValidationAction[]
}

export interface ParamRef {
  name?: string
  namespace?: string
  selector?: LabelSelector
  parameterNotFoundAction?: ParameterNotFoundActionType
}

export interface MatchResources {
  namespaceSelector?: LabelSelector
  objectSelector?: LabelSelector
  resourceRules?: NamedRuleWithOperations[]
  excludeResourceRules?: NamedRuleWithOperations[]
  matchPolicy?: MatchPolicyType
}

export interface NamedRuleWithOperations {
  apiGroups?: string[]
  apiVersions?: string[]
  resources?: string[]
  scope?: ScopeType
  operations?: OperationType[]
  resourceNames?: string[]
}

export interface ValidatingWebhookConfiguration {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  webhooks?: ValidatingWebhook[]
}

export interface ValidatingWebhookConfigurationList {
  kind?: string
  apiVersion?: string
  metadata: ListMeta
  items: ValidatingWebhookConfiguration[]
}

export interface MutatingWebhookConfiguration {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  webhooks?: MutatingWebhook[]
}

export interface MutatingWebhookConfigurationList {
  kind?: string
  apiVersion?: string
  metadata: ListMeta
  items: MutatingWebhookConfiguration[]
}

export interface ValidatingWebhook {
  name: string
  clientConfig: WebhookClientConfig
  rules?: RuleWithOperations[]
  failurePolicy?: FailurePolicyType
  matchPolicy?: MatchPolicyType
  namespaceSelector?: LabelSelector
  objectSelector?: LabelSelector
  sideEffects: SideEffectClass
  timeoutSeconds?: number
  admissionReviewVersions: string[]
  matchConditions?: MatchCondition[]
}

export interface MutatingWebhook {
  name: string
  clientConfig: WebhookClientConfig
  rules?: RuleWithOperations[]
  failurePolicy?: FailurePolicyType
  matchPolicy?: MatchPolicyType
  namespaceSelector?: LabelSelector
  objectSelector?: LabelSelector
  sideEffects: SideEffectClass
  timeoutSeconds?: number
  admissionReviewVersions: string[]
  reinvocationPolicy?: ReinvocationPolicyType
  matchConditions?: MatchCondition[]
}

export interface RuleWithOperations {
  apiGroups?: string[]
  apiVersions?: string[]
  resources?: string[]
  scope?: ScopeType
  operations?: OperationType[]
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

export interface MatchCondition {
  name: string
  expression: string
}

export interface MutatingAdmissionPolicy {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  spec?: MutatingAdmissionPolicySpec
}

export interface MutatingAdmissionPolicyList {
  kind?: string
  apiVersion?: string
  metadata: ListMeta
  items: MutatingAdmissionPolicy[]
}

export interface MutatingAdmissionPolicySpec {
  paramKind?: ParamKind
  matchConstraints?: MatchResources
  variables?: Variable[]
  mutations?: Mutation[]
  failurePolicy?: FailurePolicyType
  matchConditions?: MatchCondition[]
  reinvocationPolicy?: ReinvocationPolicyType
}

export interface Mutation {
  patchType: PatchType
  applyConfiguration?: ApplyConfiguration
  jsonPatch?: JSONPatch
}

export interface ApplyConfiguration {
  expression?: string
}

export interface JSONPatch {
  expression?: string
}

export interface MutatingAdmissionPolicyBinding {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  spec?: MutatingAdmissionPolicyBindingSpec
}

export interface MutatingAdmissionPolicyBindingList {
  kind?: string
  apiVersion?: string
  metadata: ListMeta
  items: MutatingAdmissionPolicyBinding[]
}

export interface MutatingAdmissionPolicyBindingSpec {
  policyName?: string
  paramRef?: ParamRef
  matchResources?: MatchResources
}
