/** The labels by which a Job finds its Pods (https://kubernetes.io/docs/reference/labels-annotations-taints/#batchkubernetesio-controller-uid). */

export const CONTROLLER_UID = 'batch.kubernetes.io/controller-uid'
export const JOB_NAME = 'batch.kubernetes.io/job-name'
/** The same two labels as older clients know them. */
export const LEGACY_CONTROLLER_UID = 'controller-uid'
export const LEGACY_JOB_NAME = 'job-name'
