/** How it is noted which tokens in Secrets are still used (https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#legacy-serviceaccount-token-tracking-controller). */

/** The day on which the token was used last. */
export const LAST_USED = 'kubernetes.io/legacy-token-last-used'
/** The day since which the token is refused, for nobody had used it. */
export const INVALID_SINCE = 'kubernetes.io/legacy-token-invalid-since'

/** The ConfigMap that says, under `since`, from which day on uses are noted. */
export const TRACKING = { namespace: 'kube-system', name: 'kube-apiserver-legacy-service-account-token-tracking' }

/** The day of a time in milliseconds since the epoch, such as `2026-11-23`. */
export const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10)

/** Whether the text is a day that there is. */
export function isDay(text: string | undefined): text is string {
  if (text === undefined || !/^\d{4}-\d\d-\d\d$/.test(text)) return false
  const time = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(time) && dayOf(time) === text
}
