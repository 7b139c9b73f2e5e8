/** What a request's first line asks for. */

import { KubeletRefusal } from './kubelet-api.ts'

export interface RequestAddress {
  readonly url: URL
  /** Of its path, decoded. */
  readonly parts: readonly string[]
}

/** Throws `KubeletRefusal` for what is wrongly encoded. */
export function addressOf(target: string): RequestAddress {
  try {
    const url = new URL(target, 'https://kubelet')
    return { url, parts: url.pathname.slice(1).split('/').map(decodeURIComponent) }
  } catch {
    throw new KubeletRefusal(400, '400 Bad Request')
  }
}
