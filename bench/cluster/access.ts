/** How a benchmark reaches a cluster that `gorae up` made in a home folder. */

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Client, createClient } from '../../src/client/client.ts'
import { httpTransport } from '../../src/client/http-transport.ts'
import { clusterPaths } from '../../src/cluster/paths.ts'

/** The command under measurement, as it was built. */
export const PROGRAM = resolve('dist/gorae.js')

/** The surroundings of a command whose clusters are in a home folder of their own. */
export const envOf = (home: string): NodeJS.ProcessEnv => ({ ...process.env, GORAE_HOME: home, HOME: home })

/** Runs the command there; what it prints. */
export const goraeIn =
  (home: string) =>
  (...args: string[]): string =>
    execFileSync(process.execPath, [PROGRAM, ...args], {
      env: envOf(home),
      stdio: ['ignore', 'pipe', 'ignore'],
    }).toString()

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
