/** All the objects that requests are bred from. */

import type { Base } from '../corpus.ts'
import { accessBases } from './access.ts'
import { clusterBases } from './cluster.ts'
import { coreBases } from './core.ts'
import { deviceBases } from './devices.ts'
import { extensionBases } from './extension.ts'
import { networkingBases } from './networking.ts'
import { podBases } from './pods.ts'
import { storageBases } from './storage.ts'
import { workloadBases } from './workloads.ts'

export const allBases: readonly Base[] = [
  ...podBases,
  ...coreBases,
  ...workloadBases,
  ...networkingBases,
  ...storageBases,
  ...accessBases,
  ...clusterBases,
  ...extensionBases,
  ...deviceBases,
]
