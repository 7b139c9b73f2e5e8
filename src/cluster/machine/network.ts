/**
 * The network of a cluster on one machine:
 *
 *     host ── gorae-0 ══ [namespace gorae-<id>.switch: bridge "nodes"] ══ eth0 in [namespace gorae-<id>-<node>] ── cni0 ── Pods
 *
 * The host has one link, whatever the number of nodes, and forwards nothing: nodes reach each other over the bridge,
 * which has a namespace to itself so that no firewall of the host meddles with it. Every range is unreachable before
 * anything else is done, so that no packet for a cluster address ever leaves the machine.
 */

import { UserError } from '../../base/user-error.ts'
import {
  ipBatch,
  ipBatchForced,
  linkExists,
  linkNames,
  linksOf,
  listRoutes,
  namespaceExists,
  namespaceId,
  namespaceNames,
  ownNamespace,
} from '../../linux/network.ts'
import { ProgramError } from '../../linux/program.ts'
import { MAX_CLUSTERS, type Ranges, isFree, nodeAddress, podRangeOf, rangesOf } from './ranges.ts'

/** The least preferred metric: any real route to the same range wins over the claim. */
const CLAIM_METRIC = 4_000_000_000

/** What the network of one cluster is made from. */
export interface NetworkPlan {
  readonly id: string
  readonly index: number
  /** How many nodes the cluster has; `names[n - 1]` is node n. */
  readonly names: readonly string[]
}

const switchNamespace = (id: string): string => `gorae-${id}.switch`
export const nodeNamespace = (id: string, node: string): string => `gorae-${id}-${node}`

/** The switch's end of the pair whose other end is the node's eth0. */
const portOf = ({ names }: NetworkPlan, node: string): string => `node${names.indexOf(node) + 1}`

const claims = ({ pods, services, nodes }: Ranges, verb: string): string[] =>
  [pods, services, nodes].map((range) => `route ${verb} unreachable ${range} metric ${CLAIM_METRIC}`)

/**
 * Finds ranges nobody uses and takes them. Two clusters that ask at once never get the same. Before it takes them,
 * `writeDown` is told which: so that they are found again, whenever this process ends.
 */
export async function claimIndex(known: readonly number[], writeDown: (index: number) => void): Promise<number> {
  const routes = await listRoutes()
  for (let index = 0; index < MAX_CLUSTERS; index++) {
    if (known.includes(index) || !isFree(index, routes)) continue
    writeDown(index)
    try {
      await ipBatch(claims(rangesOf(index), 'add'))
      return index
    } catch (error) {
      if (!(error instanceof ProgramError) || !/File exists/.test(error.stderr)) throw error
    }
  }
  throw new UserError(
    'no free address ranges for a cluster are left on this machine',
    'take down clusters that are not needed with: gorae down --name NAME (see: gorae status)',
  )
}

/**
 * Makes what is missing of the cluster's network, wherever an earlier attempt was interrupted. Nodes in `alive` keep
 * theirs; they are told about the Pods of new ones.
 */
export async function ensureNetwork(plan: NetworkPlan, alive: ReadonlySet<string>): Promise<void> {
  const ranges = rangesOf(plan.index)
  await ipBatch(claims(ranges, 'replace'))
  const hub = switchNamespace(plan.id)
  const stale = namespaceNames()
    .filter((name) => plan.names.some((node) => name === nodeNamespace(plan.id, node) && !alive.has(node)))
    .map((name) => `netns delete ${name}`)
  const hasSwitch = namespaceExists(hub) && linkNames().includes(ranges.link)
  if (!hasSwitch) stale.push(`link delete ${ranges.link}`, `netns delete ${hub}`)
  await ipBatchForced(stale)

  const inSwitch = new Set(hasSwitch ? await linksOf(hub) : [])
  const fresh = plan.names.filter((node) => !alive.has(node) || !inSwitch.has(portOf(plan, node)))
  // A deleted namespace lives on while a process holds it, and some time longer; its port in the switch goes now.
  await ipBatchForced(
    fresh.map((node) => portOf(plan, node)).flatMap((port) => (inSwitch.has(port) ? [`link delete ${port}`] : [])),
    hub,
  )
  await ipBatch([
    ...(hasSwitch ? [] : [`netns add ${hub}`]),
    ...fresh.filter((node) => !alive.has(node)).map((node) => `netns add ${nodeNamespace(plan.id, node)}`),
    ...(hasSwitch ? [] : [`link add ${ranges.link} type veth peer name host netns ${hub}`]),
  ])
  await Promise.all([hostSide(plan, ranges), switchSide(plan, fresh, inSwitch.has('nodes'))])
  await Promise.all(plan.names.map((node) => nodeSide(plan, ranges, node)))
}

/** Takes the whole network down, however much of it is there: the namespaces, which show that it is ours, at last. */
export async function removeNetwork(plan: NetworkPlan & { readonly hostNamespace: string }): Promise<void> {
  const ranges = rangesOf(plan.index)
  const hub = switchNamespace(plan.id)
  const own = new Set([hub, ...plan.names.map((node) => nodeNamespace(plan.id, node))])
  const names = namespaceNames().filter((name) => own.has(name))
  const inOthers = namespaceNames().filter((name) => !own.has(name))
  const removeClaims = async (namespace?: string) => {
    // Ranges that were written down but not taken may have become another cluster's.
    if (!names.includes(hub) && (await linkExists(ranges.link, namespace))) return
    await ipBatchForced([`link delete ${ranges.link}`, ...claims(ranges, 'delete')], namespace)
  }
  if (plan.hostNamespace === ownNamespace()) await removeClaims()
  else for (const name of inOthers) if (namespaceId(name) === plan.hostNamespace) await removeClaims(name)
  await ipBatchForced(names.map((name) => `netns delete ${name}`))
}

/** Takes the namespaces of these nodes away, and with them their places in the switch. */
export const removeNodeNetworks = (id: string, nodes: readonly string[]): Promise<void> =>
  ipBatchForced(nodes.map((node) => `netns delete ${nodeNamespace(id, node)}`))

async function hostSide(plan: NetworkPlan, { host, link, services }: Ranges): Promise<void> {
  const first = nodeAddress(plan.index, 1)
  await ipBatch([
    `address replace ${host}/16 dev ${link}`,
    `link set ${link} up`,
    ...plan.names.map((_, at) => {
      const via = nodeAddress(plan.index, at + 1)
      return `route replace ${podRangeOf(plan.index, at + 1)} via ${via} dev ${link} src ${host}`
    }),
    `route replace ${services} via ${first} dev ${link} src ${host}`,
  ])
}

async function switchSide(plan: NetworkPlan, fresh: readonly string[], hasBridge: boolean): Promise<void> {
  const commands = hasBridge ? [] : ['link add nodes type bridge']
  commands.push('link set nodes up', 'link set host master nodes', 'link set host up')
  for (const node of fresh) {
    const port = portOf(plan, node)
    commands.push(
      `link add ${port} type veth peer name eth0 netns ${nodeNamespace(plan.id, node)}`,
      `link set ${port} master nodes`,
      `link set ${port} up`,
    )
  }
  await ipBatch(commands, switchNamespace(plan.id))
}

async function nodeSide(plan: NetworkPlan, ranges: Ranges, node: string): Promise<void> {
  const number = plan.names.indexOf(node) + 1
  const own = nodeAddress(plan.index, number)
  await ipBatch(
    [
      'link set lo up',
      ...claims(ranges, 'replace'),
      `address replace ${own}/16 dev eth0`,
      'link set eth0 up',
      // The proxy rewrites Service addresses after the first routing decision, so that one has to succeed.
      `route replace ${ranges.services} dev eth0 src ${own}`,
      ...plan.names.flatMap((_, at) =>
        at + 1 === number
          ? []
          : [`route replace ${podRangeOf(plan.index, at + 1)} via ${nodeAddress(plan.index, at + 1)}`],
      ),
    ],
    nodeNamespace(plan.id, node),
  )
}
