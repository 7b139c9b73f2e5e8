/** `gorae up`: brings a cluster up. */

import { type Command, Option } from 'commander'

import { withAuditFlags } from './audit-flags.ts'
import type { CommandContext } from './context.ts'
import type { AuditFlags } from './operations.ts'
import { milliseconds } from './duration.ts'
import { wholeNumber } from './whole-number.ts'

interface Flags extends AuditFlags {
  readonly name: string
  readonly nodes?: number
  readonly port?: number
  readonly runtime?: 'containerd' | 'simulated'
  readonly kubeletConfig?: string
  readonly mergeKubeconfig: boolean
  readonly schedulerConfig?: string
  readonly wait?: number
}

export function upCommand(program: Command, context: CommandContext): void {
  withAuditFlags(program.command('up'))
    .description('bring a cluster up; to one that runs, add the nodes that it lacks')
    .option('--name <name>', 'the cluster', 'default')
    .option('--nodes <number>', 'how many nodes (default: 1)', wholeNumber)
    .option('--port <port>', "the API server's port on this machine (default: 6443)", wholeNumber)
    .addOption(
      new Option('--runtime <runtime>', 'real containers, or nodes that only pretend (default: containerd)').choices([
        'containerd',
        'simulated',
      ]),
    )
    .option('--kubelet-config <file>', 'what the nodes do, as a KubeletConfiguration (kubelet.config.k8s.io/v1beta1)')
    .option(
      '--scheduler-config <file>',
      'how Pods get their nodes, as a KubeSchedulerConfiguration (kubescheduler.config.k8s.io/v1)',
    )
    .option('--wait <duration>', 'how long the nodes may take to be Ready (default: 1m)', milliseconds)
    .option('--no-merge-kubeconfig', 'leave ~/.kube/config alone')
    .action(async (flags: Flags) => {
      const { ui, operations, print } = context
      const result = await operations.up({ home: context.home, ...flags }, ui, context.signal)
      if (result.wasRunning) {
        print(`The cluster "${flags.name}" is running already.\n`)
        return
      }
      const use =
        result.mergedInto === undefined ? ` --kubeconfig ${result.kubeconfig}` : ` --context ${result.context}`
      print(`\nThe cluster "${flags.name}" is up at ${result.server}.\n`)
      if (result.mergedInto !== undefined) print(`kubectl's context is ${result.context} (in ${result.mergedInto}).\n`)
      print(
        `Try: kubectl${use} get nodes\nTake it down with: gorae down${flags.name === 'default' ? '' : ` --name ${flags.name}`}\n`,
      )
    })
}
