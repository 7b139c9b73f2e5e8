/**
 * Links, addresses, routes and network namespaces, by iproute2: one batch is one process, however long it is.
 * https://man7.org/linux/man-pages/man8/ip.8.html
 */

import { existsSync, readFileSync, readdirSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'

import { type ProgramError, runProgram } from './program.ts'

/** Where named network namespaces are kept. */
const NETNS_DIR = '/run/netns'

/** A route of the main table, as `ip -json route` tells it. */
export interface Route {
  /** `default`, an address, or a range. */
  readonly dst: string
  readonly type?: string
  readonly dev?: string
  readonly gateway?: string
  readonly metric?: number
}

/** Runs ip commands in order, in the namespace called `netns` or in the caller's own. Stops at the first that fails. */
export async function ipBatch(commands: readonly string[], netns?: string): Promise<void> {
  if (commands.length === 0) return
  await runProgram('ip', [...inNamespace(netns), '-batch', '-'], { input: `${commands.join('\n')}\n` })
}

/** Runs every ip command, whatever the others do: for taking down what may be half there. */
export async function ipBatchForced(commands: readonly string[], netns?: string): Promise<void> {
  if (commands.length === 0) return
  const args = [...inNamespace(netns), '-force', '-batch', '-']
  await runProgram('ip', args, { input: `${commands.join('\n')}\n` }).catch((error: ProgramError) => error)
}

/** The IPv4 routes of the caller's namespace. */
export async function listRoutes(): Promise<Route[]> {
  const text = await runProgram('ip', ['-json', '-4', 'route', 'show', 'table', 'main'])
  return text.trim() === '' ? [] : (JSON.parse(text) as Route[])
}

/** Whether a named namespace is there. A mere file of that name, left by a reboot, is not one. */
export function namespaceExists(name: string): boolean {
  const path = join(NETNS_DIR, name)
  if (!existsSync(path)) return false
  return statSync(path).dev !== statSync(NETNS_DIR).dev
}

/** Names of namespaces, and of the files that a reboot leaves in their place. */
export function namespaceNames(): string[] {
  return existsSync(NETNS_DIR) ? readdirSync(NETNS_DIR) : []
}

/** A number for the caller's own network namespace: equal numbers, same namespace. Empty on systems that have none. */
export function ownNamespace(): string {
  return existsSync('/proc/self/ns') ? readlinkSync('/proc/self/ns/net') : ''
}

/** The same number for a named namespace. */
export const namespaceId = (name: string): string => `net:[${statSync(join(NETNS_DIR, name)).ino}]`

/** The arguments that run a program inside a network namespace, with this machine's /sys as it is. */
export function enterNamespace(name: string, program: string, args: readonly string[]): [string, string[]] {
  return ['nsenter', [`--net=${join(NETNS_DIR, name)}`, program, ...args]]
}

/** The names of links in the caller's namespace. */
export function linkNames(): string[] {
  return readFileSync('/proc/net/dev', 'utf8')
    .split('\n')
    .slice(2)
    .flatMap((line) => {
      const name = line.split(':')[0]?.trim() ?? ''
      return name === '' ? [] : [name]
    })
}

/** The names of links in the namespace called `netns`. */
export async function linksOf(netns: string): Promise<string[]> {
  const text = await runProgram('ip', ['-n', netns, '-json', 'link', 'show'])
  return (JSON.parse(text) as readonly { readonly ifname: string }[]).map(({ ifname }) => ifname)
}

/** Whether a link of that name is in the namespace called `netns`, or in the caller's own. */
export async function linkExists(name: string, netns?: string): Promise<boolean> {
  try {
    await runProgram('ip', [...inNamespace(netns), 'link', 'show', 'dev', name])
    return true
  } catch {
    return false
  }
}

const inNamespace = (netns: string | undefined): string[] => (netns === undefined ? [] : ['-n', netns])
