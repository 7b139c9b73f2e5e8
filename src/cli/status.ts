/** `gorae status`, `gorae kubeconfig` and `gorae version`: what there is. */

import { type Command, Option } from 'commander'

import type { CommandContext } from './context.ts'
import type { ClusterStatus } from './operations.ts'
import { formatProgress, table } from './print/table.ts'

export function statusCommand(program: Command, context: CommandContext): void {
  program
    .command('status')
    .description('show clusters, their nodes and processes')
    .option('--name <name>', 'only this cluster')
    .addOption(new Option('-o, --output <format>', 'as JSON').choices(['json']))
    .action(async ({ name, output }: { name?: string; output?: 'json' }) => {
      const { operations, home, print } = context
      const names = name === undefined ? await operations.clusters(home) : [name]
      const found = await Promise.all(names.map((each) => operations.status(home, each)))
      const clusters = found.filter((status) => status !== undefined)
      if (output === 'json') print(`${JSON.stringify({ clusters }, null, 2)}\n`)
      else if (clusters.length === 0)
        print(
          name === undefined ? 'There is no cluster. Make one with: gorae up\n' : `There is no cluster "${name}".\n`,
        )
      else print(clusters.map(describe).join('\n'))
      if (name !== undefined && clusters.length === 0) process.exitCode = 1
    })
}

function describe(status: ClusterStatus): string {
  const head = `${status.name}: ${status.state}${status.server === undefined ? '' : `, ${status.server}`}\n`
  const detail = status.detail === undefined ? '' : `${status.detail}\n`
  if (status.nodes.length === 0) return head + detail
  const rows = status.nodes.map((node) => [
    node.name,
    node.ready === 'unknown' ? 'Unknown' : node.ready ? 'Ready' : 'NotReady',
    node.address,
    node.process,
    node.runtime,
  ])
  return head + detail + table(['NODE', 'STATUS', 'ADDRESS', 'PROCESS', 'CONTAINERD'], rows) + pullLines(status)
}

/** After this long without a byte people want to know. */
const IDLE_SECONDS = 10

function pullLines({ nodes }: ClusterStatus): string {
  return nodes
    .flatMap(({ name, pulls }) =>
      pulls.map(({ image, doneBytes, totalBytes, idleSeconds }) => {
        const idle = idleSeconds < IDLE_SECONDS ? '' : `, nothing for ${Math.floor(idleSeconds)} s`
        return `${name} is pulling ${image || 'an image'}: ${formatProgress(doneBytes, totalBytes)}${idle}\n`
      }),
    )
    .join('')
}

export function kubeconfigCommand(program: Command, context: CommandContext): void {
  program
    .command('kubeconfig')
    .description("print the cluster's kubeconfig")
    .option('--name <name>', 'the cluster', 'default')
    .action(async ({ name }: { name: string }) =>
      context.print(await context.operations.kubeconfig(context.home, name)),
    )
}

export function versionCommand(program: Command, context: CommandContext): void {
  program
    .command('version')
    .description('print the version')
    .action(() => context.print(`gorae ${context.version} (Node ${process.version})\n`))
}
