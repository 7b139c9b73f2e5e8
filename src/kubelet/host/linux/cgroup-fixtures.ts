/** Control groups for this room's tests. */

import type { Cgroups } from '../../../linux/cgroups.ts'

/** Control groups of one group, with these files. */
export const withFiles = (version: 1 | 2, files: Readonly<Record<string, string>>): Cgroups => ({
  version,
  ensure: () => Promise.resolve(),
  setFiles: () => Promise.resolve(),
  remove: () => Promise.resolve(),
  processes: () => Promise.resolve([]),
  children: () => Promise.resolve([]),
  read: (_cgroup, _controller, file) => Promise.resolve(files[file]),
})
