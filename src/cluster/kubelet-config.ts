/** The kubelet configuration that a cluster was made with: one file, which all its nodes read as they start. */

import { readFileSync } from 'node:fs'

import { UserError } from '../base/user-error.ts'
import { DEFAULT_EVICTION_HARD, DEFAULT_KUBELET_CONFIG, type KubeletConfig } from '../kubelet/config/kubelet-config.ts'
import { readKubeletConfig } from '../kubelet/config/read-config.ts'
import type { ClusterPaths } from './paths.ts'

/** The text of a file that a user named, when a kubelet can be told what it says. */
export function checkedKubeletConfig(file: string): string {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new UserError(`the kubelet configuration ${file} cannot be read`, 'name a file that is there', { cause })
  }
  parse(text, file)
  return text
}

/** How little of the disk may be left, in percent: it is the machine's, and people fill theirs (docs/decisions/disk-thresholds.md). */
export const LEAST_DISK_PERCENT = 5

/** What the cluster's nodes are told; where nothing was said, Kubernetes's defaults but for the disk. */
export function kubeletConfigOf(paths: ClusterPaths): KubeletConfig {
  const text = storedKubeletConfig(paths)
  const config = text === undefined ? DEFAULT_KUBELET_CONFIG : parse(text, paths.kubeletConfig)
  if (config.evictionHard !== DEFAULT_EVICTION_HARD) return config
  const least = `${LEAST_DISK_PERCENT}%`
  return { ...config, evictionHard: { ...config.evictionHard, 'imagefs.available': least, 'nodefs.available': least } }
}

/** The file's text; `undefined`: there is none. */
export function storedKubeletConfig({ kubeletConfig }: ClusterPaths): string | undefined {
  try {
    return readFileSync(kubeletConfig, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function parse(text: string, file: string): KubeletConfig {
  try {
    return readKubeletConfig(text)
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause)
    const advice = 'https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/ lists the fields'
    throw new UserError(`the kubelet configuration ${file} cannot be used:\n${detail}`, advice, { cause })
  }
}
