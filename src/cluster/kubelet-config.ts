/** The kubelet configuration that a cluster was made with: one file, which all its nodes read as they start. */

import { readFileSync } from 'node:fs'

import { UserError } from '../base/user-error.ts'
import { DEFAULT_KUBELET_CONFIG, type KubeletConfig } from '../kubelet/config/kubelet-config.ts'
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

/** What the cluster's nodes are told; Kubernetes's defaults where nothing was said. */
export function kubeletConfigOf(paths: ClusterPaths): KubeletConfig {
  const text = storedKubeletConfig(paths)
  return text === undefined ? DEFAULT_KUBELET_CONFIG : parse(text, paths.kubeletConfig)
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
