/** Which version a program is, for metrics (https://kubernetes.io/docs/reference/instrumentation/metrics/). */

import { buildInfo } from '../base/metrics/process.ts'
import type { Family } from '../base/metrics/text.ts'
import { versionInfo } from './version.ts'

const BUILD = {
  build_date: versionInfo.buildDate,
  compiler: versionInfo.compiler,
  git_commit: versionInfo.gitCommit,
  git_tree_state: versionInfo.gitTreeState,
  git_version: versionInfo.gitVersion,
  go_version: versionInfo.goVersion,
  major: versionInfo.major,
  minor: versionInfo.minor,
  platform: versionInfo.platform,
}
const COMPATIBILITY = {
  binary: `${versionInfo.major}.${versionInfo.minor}`,
  component: 'kube',
  emulation: `${versionInfo.emulationMajor}.${versionInfo.emulationMinor}`,
  min_compat: `${versionInfo.minCompatibilityMajor}.${versionInfo.minCompatibilityMinor}`,
}

/** The same for every program of the cluster: they are built together. */
export const buildFamilies: readonly Family[] = [
  buildInfo(BUILD),
  {
    name: 'version_info',
    help: 'Provides the compatibility version info of the component. The component label is the name of the component, usually kube, but is relevant for aggregated-apiservers.',
    type: 'gauge',
    samples: [{ labels: COMPATIBILITY, value: 1 }],
  },
]
