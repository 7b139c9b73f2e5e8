/** `gorae server`, `gorae node`, `gorae revive` and `gorae start`: what `up`, the daemons and `npm start` run. */

import type { Command } from 'commander'

import type { CommandContext } from './context.ts'

export function daemonCommands(program: Command, context: CommandContext): void {
  const { operations, home, signal, ui } = context
  program
    .command('server', { hidden: true })
    .description('run the API server, the scheduler and the controllers of a cluster in the foreground')
    .requiredOption('--name <name>', 'the cluster')
    .option('--cluster <folder>', 'marks the process as one of that cluster')
    .action(({ name }: { name: string }) => operations.server(home, name, signal))
  program
    .command('node', { hidden: true })
    .description('run a node of a cluster in the foreground')
    .argument('<node>')
    .requiredOption('--name <name>', 'the cluster')
    .option('--cluster <folder>', 'marks the process as one of that cluster')
    .action((node: string, { name }: { name: string }) => operations.node(home, name, node, signal))
  program
    .command('revive', { hidden: true })
    .description('start again what died of a cluster that should run')
    .requiredOption('--name <name>', 'the cluster')
    .action(({ name }: { name: string }) => operations.revive(home, name, signal))
  program
    .command('start')
    .description('from nothing to a running Pod: doctor, up, and the example Pod')
    .argument('[manifest]', 'a file that holds the Pod to run instead')
    .action((manifest = '') => operations.start(home, manifest, ui, signal))
}
