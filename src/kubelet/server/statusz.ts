/** What /statusz tells of the kubelet (https://kubernetes.io/docs/reference/instrumentation/zpages/). */

/** What is told to be served, in alphabetical order. */
export const STATUSZ_PATHS: readonly string[] = [
  '/attach',
  '/configz',
  '/containerLogs',
  '/exec',
  '/flagz',
  '/healthz',
  '/logs',
  '/metrics',
  '/pods',
  '/portForward',
  '/run',
  '/runningpods',
  '/stats',
  '/statusz',
]
