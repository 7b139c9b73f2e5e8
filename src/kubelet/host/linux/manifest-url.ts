/** Manifests of static Pods from an address (https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/#pods-created-via-http). */

import type { KubeletConfig } from '../../config/kubelet-config.ts'
import type { ManifestSource } from '../../static-pods/source.ts'

const LIMIT_MS = 10_000
const MAX_BYTES = 10 * 1024 * 1024

type Asked = Pick<KubeletConfig, 'staticPodURL' | 'staticPodURLHeader' | 'httpCheckFrequency'>

/** The source that a configuration names, if any. An answer without a body asks for no Pods. */
export function manifestUrl(config: Asked): readonly ManifestSource[] {
  const { staticPodURL: url, staticPodURLHeader, httpCheckFrequency } = config
  if (url === '') return []
  const headers = Object.entries(staticPodURLHeader).flatMap(([name, values]) =>
    values.map((value): [string, string] => [name, value]),
  )
  return [
    {
      kind: 'http',
      everyMs: httpCheckFrequency,
      async read(signal) {
        const limited = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)])
        const answer = await fetch(url, { headers, signal: limited })
        const text = await bodyOf(answer)
        if (answer.status !== 200) throw new Error(`${url}: ${answer.status} ${answer.statusText}`)
        return new Map(text === '' ? [] : [[url, text]])
      },
      watch: () => () => {},
    },
  ]
}

async function bodyOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body ?? []) {
    size += chunk.byteLength
    if (size > MAX_BYTES) throw new Error(`the answer is longer than ${MAX_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
