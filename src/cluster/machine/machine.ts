/** What a cluster needs of the machine, checked before anything is made. */

import { listenerOn } from '../../linux/port-owner.ts'
import { findProgram } from '../../linux/program.ts'
import { UserError } from '../../base/user-error.ts'
import { findCniPlugins } from '../containerd/containerd.ts'
import type { ClusterRecord } from '../record.ts'

/** A program, and the packages that have it: Debian's name first, then Fedora's, Alpine's and Arch's. */
export interface Requirement {
  readonly name: string
  readonly why: string
  readonly isThere: () => boolean
  readonly packages: { readonly apt: string; readonly dnf: string; readonly apk: string; readonly pacman: string }
}

const program = (
  name: string,
  why: string,
  packages: Requirement['packages'],
  alternatives: readonly string[] = [],
): Requirement => ({
  name,
  why,
  isThere: () => [name, ...alternatives].some((each) => findProgram(each) !== undefined),
  packages,
})

const same = (name: string) => ({ apt: name, dnf: name, apk: name, pacman: name })

/** Every program that a cluster with real containers uses. */
export const REQUIREMENTS: readonly Requirement[] = [
  program('containerd', 'runs the containers of each node', same('containerd')),
  program('runc', 'starts a container', same('runc'), ['crun']),
  {
    name: 'CNI plugins',
    why: 'connect Pods to the network',
    isThere: () => findCniPlugins() !== undefined,
    packages: {
      apt: 'containernetworking-plugins',
      dnf: 'containernetworking-plugins',
      apk: 'cni-plugins',
      pacman: 'cni-plugins',
    },
  },
  program('nft', 'programs Services', { ...same('nftables') }),
  program('ip', 'makes links, routes and network namespaces', { ...same('iproute2'), dnf: 'iproute' }),
  program('nsenter', 'enters a node’s network', same('util-linux')),
  program('mount', 'mounts volumes', { ...same('mount'), dnf: 'util-linux', apk: 'util-linux', pacman: 'util-linux' }),
  program('busybox', 'makes the busybox image, where no registry answers', {
    apt: 'busybox-static',
    dnf: 'busybox',
    apk: 'busybox-static',
    pacman: 'busybox',
  }),
  program('catatonit', 'holds a Pod together (the pause program)', same('catatonit')),
]

/** The requirements a cluster can do without. */
export const OPTIONAL: ReadonlySet<string> = new Set(['catatonit'])

/** What is asked of a machine before a cluster is made. */
export interface MachineFacts {
  readonly platform: NodeJS.Platform
  /** Absent where there are no user numbers. */
  readonly uid: number | undefined
  /** The names of the requirements that are not met. */
  readonly missing: readonly string[]
}

const here = (): MachineFacts => ({
  platform: process.platform,
  uid: process.getuid?.(),
  missing: REQUIREMENTS.filter(({ isThere }) => !isThere()).map(({ name }) => name),
})

/** Throws unless this machine, and this user, can run real containers. */
export function checkMachine({ platform, uid, missing }: MachineFacts = here()): void {
  if (platform !== 'linux')
    throw new UserError('containers need Linux', 'use a Linux machine, or simulate: gorae up --runtime simulated')
  if (uid !== 0)
    throw new UserError('root is needed to run containers', 'use sudo, or simulate: gorae up --runtime simulated')
  const needed = REQUIREMENTS.filter(({ name }) => missing.includes(name) && !OPTIONAL.has(name))
  if (needed.length > 0)
    throw new UserError(
      `missing on this machine: ${needed.map(({ name, why }) => `${name} (${why})`).join(', ')}`,
      'install them with: gorae doctor --fix',
    )
}

/** Throws for a number that no port has. */
export function checkPortNumber(port: number): void {
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new UserError(`${port} is no port`, 'use a number from 1 to 65535')
}

/** Throws when somebody listens on the port already, saying who. */
export function checkPort(port: number, clusters: readonly ClusterRecord[]): void {
  checkPortNumber(port)
  const owner = listenerOn(port)
  if (owner === undefined) return
  const cluster = clusters.find((other) => other.port === port)
  const who = cluster === undefined ? `by ${owner.command} (process ${owner.pid})` : `by the cluster "${cluster.name}"`
  throw new UserError(`port ${port} is taken ${who}`, 'choose another with: gorae up --port PORT')
}
