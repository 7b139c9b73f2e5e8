/** `gorae up`: brings a cluster up. */

import { type Command, InvalidArgumentError, Option } from 'commander'

import type { CommandContext } from './context.ts'
import type { AuditFlags } from './operations.ts'

interface Flags extends AuditFlags {
  readonly name: string
  readonly nodes?: number
  readonly port?: number
  readonly runtime?: 'containerd' | 'simulated'
  readonly kubeletConfig?: string
  readonly mergeKubeconfig: boolean
  readonly schedulerConfig?: string
}

export function upCommand(program: Command, context: CommandContext): void {
  program
    .command('up')
    .description('bring a cluster up; on a running one it does nothing')
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
    .option('--audit-policy-file <file>', 'what the API server records of requests, as a Policy (audit.k8s.io/v1)')
    .option('--audit-log-path <file>', 'where it records them (default: audit.log in the folder of the cluster)')
    .option('--audit-log-maxsize <mebibytes>', 'after which the log is put aside (default: 100; 0: never)', wholeNumber)
    .option('--audit-log-maxbackup <number>', 'how many old logs are kept (default: 100; 0: all)', wholeNumber)
    .option('--audit-log-maxage <days>', 'how long old logs are kept (default: 366; 0: for ever)', wholeNumber)
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

export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It has to be a whole number.')
  return Number(text)
}
