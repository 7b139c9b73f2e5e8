/** How a benchmark reaches a cluster that `gorae up` made in a home folder. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Client, createClient } from '../../src/client/client.ts'
import { httpTransport } from '../../src/client/http-transport.ts'
import { clusterPaths } from '../../src/cluster/paths.ts'

export const kubeconfigOf = (home: string): string => join(home, 'default/kubeconfig')

/** Throws while there is no cluster. */
export function accessOf(home: string) {
  const text = readFileSync(kubeconfigOf(home), 'utf8')
  const field = (name: string) => new RegExp(`${name}: "?([^"\\s]+)`).exec(text)?.[1] ?? ''
  const pem = (name: string) => Buffer.from(field(name), 'base64').toString()
  return {
    server: field('server'),
    ca: pem('certificate-authority-data'),
    certificate: pem('client-certificate-data'),
    key: pem('client-key-data'),
  }
}

export function clientOf(home: string): Client {
  return createClient(httpTransport(accessOf(home)))
}

/** Where the containerd of the one node listens. */
export const socketOf = (home: string): string => clusterPaths(home, 'default').node('node-1').socket
