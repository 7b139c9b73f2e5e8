/** Every script. */

import { addressFormScripts } from './address-forms.ts'
import { admissionScripts } from './admissions.ts'
import { appliedListScripts } from './applied-lists.ts'
import { editedOwnerScripts } from './edited-owners.ts'
import { listDirectiveScripts } from './list-directives.ts'
import { appliedKindScripts } from './applied-kinds.ts'
import { evictionStateScripts } from './eviction-states.ts'
import { quotaSequenceScripts } from './quota-sequences.ts'
import { nameOfKindScripts } from './names-of-kinds.ts'
import { appliedVersionScripts } from './applied-versions.ts'
import { applyEdgeScripts } from './apply-edges.ts'
import { applyScripts } from './applies.ts'
import { autoscalerScripts } from './autoscalers.ts'
import { clusterAdmissionScripts } from './cluster-admissions.ts'
import { budgetScripts } from './budgets.ts'
import { deleteScripts } from './deletes.ts'
import { deleteFormScripts } from './delete-forms.ts'
import { directiveScripts } from './directives.ts'
import { escalationScripts } from './escalations.ts'
import { eventScripts } from './events.ts'
import { impersonationScripts } from './impersonation.ts'
import { jobStatusScripts } from './job-status.ts'
import { kubectlClusterScripts } from './kubectl-cluster.ts'
import { kubectlMakeScripts } from './kubectl-makes.ts'
import { kubectlWorkloadScripts } from './kubectl-workloads.ts'
import { kubectlWriteScripts } from './kubectl-writes.ts'
import { lifecycleScripts } from './lifecycles.ts'
import { listScripts } from './lists.ts'
import { mediaTypeScripts } from './media-types.ts'
import { mutationScripts } from './mutations.ts'
import { nameScripts } from './names.ts'
import { negotiationScripts } from './negotiations.ts'
import { partTableScripts } from './part-tables.ts'
import { patchScripts } from './patches.ts'
import { pathScripts } from './paths.ts'
import { policyMatchingScripts } from './policy-matching.ts'
import { policyRightScripts } from './policy-rights.ts'
import { policyScripts } from './policies.ts'
import { podLevelResourceScripts } from './pod-level-resources.ts'
import { podSecurityScripts } from './pod-security.ts'
import { podTableScripts } from './pod-tables.ts'
import type { Script } from './script.ts'
import { serviceScripts } from './services.ts'
import { statusScripts } from './statuses.ts'
import { subresourceScripts } from './subresources.ts'
import { clusterControllerScripts } from './cluster-controllers.ts'
import { collectionDeleteScripts } from './collection-deletes.ts'
import { listOptionScripts } from './list-options.ts'
import { oddWriteScripts } from './odd-writes.ts'
import { yamlFormScripts } from './yaml-forms.ts'
import { clientScripts } from './clients.ts'
import { kubeletScripts } from './kubelet.ts'
import { rightScripts } from './rights.ts'
import { serviceAccountTokenScripts } from './service-account-tokens.ts'
import { schedulerScripts } from './scheduler.ts'
import { controllerScripts } from './controllers.ts'
import { credentialScripts } from './credentials.ts'
import { dryRunScripts } from './dry-runs.ts'
import { everyKindScripts } from './every-kind.ts'
import { ownershipScripts } from './ownership.ts'
import { pageScripts } from './pages.ts'
import { patchedPartScripts } from './patched-parts.ts'
import { propagationScripts } from './propagation.ts'
import { protobufSequenceScripts } from './protobuf-sequences.ts'
import { sentWarningScripts } from './sent-warnings.ts'
import { strictnessScripts } from './strictness.ts'
import { tableScripts } from './tables.ts'
import { watchScripts } from './watches.ts'
import { watchFormScripts } from './watch-forms.ts'
import { watchSelectionScripts } from './watch-selections.ts'

/** Scripts that may be played side by side: each keeps to its namespace. */
export const apart: readonly Script[] = [
  ...watchScripts,
  ...listScripts,
  ...deleteScripts,
  ...applyScripts,
  ...applyEdgeScripts,
  ...patchScripts,
  ...directiveScripts,
  ...nameScripts,
  ...pathScripts,
  ...subresourceScripts,
  ...tableScripts,
  ...mediaTypeScripts,
  ...serviceScripts,
  ...budgetScripts,
  ...jobStatusScripts,
  ...autoscalerScripts,
  ...statusScripts,
  ...podTableScripts,
  ...podSecurityScripts,
  ...podLevelResourceScripts,
  ...pageScripts,
  ...propagationScripts,
  ...dryRunScripts,
  ...sentWarningScripts,
  ...credentialScripts,
  ...patchedPartScripts,
  ...ownershipScripts,
  ...strictnessScripts,
  ...everyKindScripts,
  ...addressFormScripts,
  ...impersonationScripts,
  ...protobufSequenceScripts,
  ...negotiationScripts,
  ...nameOfKindScripts,
  ...quotaSequenceScripts,
  ...evictionStateScripts,
  ...appliedKindScripts,
  ...listDirectiveScripts,
  ...editedOwnerScripts,
  ...appliedListScripts,
  ...appliedVersionScripts,
  ...watchSelectionScripts,
  ...watchFormScripts,
  ...deleteFormScripts,
  ...lifecycleScripts,
  ...escalationScripts,
  ...controllerScripts,
  ...clusterControllerScripts,
  ...schedulerScripts,
  ...rightScripts,
  ...kubeletScripts,
  ...clientScripts,
  ...policyRightScripts,
  ...serviceAccountTokenScripts,
  ...kubectlWriteScripts,
  ...kubectlWorkloadScripts,
  ...kubectlClusterScripts,
  ...kubectlMakeScripts,
  ...partTableScripts,
  ...listOptionScripts,
  ...oddWriteScripts,
  ...yamlFormScripts,
  ...collectionDeleteScripts,
]

/** Scripts that make classes and nodes that all would see: played one by one, last. */
export const alone: readonly Script[] = [
  ...admissionScripts,
  ...clusterAdmissionScripts,
  ...eventScripts,
  ...policyScripts,
  ...policyMatchingScripts,
  ...mutationScripts,
]
