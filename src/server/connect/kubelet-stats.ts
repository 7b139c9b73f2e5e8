/** Asks kubelets what their Pods use (https://kubernetes.io/docs/reference/instrumentation/node-metrics/#summary-api-source). */

import { request } from 'node:https'
import { serviceUnavailable } from '../../meta/errors.ts'
import type { ApiCore } from '../core.ts'
import type { StatsSource } from '../metrics/node-usage.ts'
import type { KubeletAccess } from '../options.ts'
import { kubeletOf } from './target.ts'

/** More than any node has to tell; what is longer is no summary. */
const MAX_BYTES = 32 * 1024 * 1024

/** `/stats/summary` of a node, as the server may ask for it. */
export function kubeletStats(core: () => ApiCore, kubelets: KubeletAccess | undefined): StatsSource {
  return async (node, signal) => {
    const { host, port } = kubeletOf(core(), node)
    if (kubelets === undefined) throw serviceUnavailable('this server has no credentials for kubelets')
    const { certificate: cert, key, ca } = kubelets
    const body = await new Promise<Buffer>((resolve, reject) => {
      const options = {
        host,
        port,
        path: '/stats/summary?only_cpu_and_memory=true',
        cert,
        key,
        ca,
        agent: false as const,
      }
      const asked = request({ ...options, ...(signal === undefined ? {} : { signal }) }, (answer) => {
        const parts: Buffer[] = []
        let length = 0
        answer.on('data', (part: Buffer) => {
          length += part.length
          if (length > MAX_BYTES) asked.destroy(new Error('the summary is too long'))
          else parts.push(part)
        })
        answer.on('error', reject)
        answer.on('end', () => {
          if (answer.statusCode === 200) resolve(Buffer.concat(parts))
          else reject(serviceUnavailable(`the kubelet of ${node} answered ${answer.statusCode}`))
        })
      })
      asked.on('error', reject)
      asked.end()
    })
    return JSON.parse(body.toString('utf8')) as unknown
  }
}
