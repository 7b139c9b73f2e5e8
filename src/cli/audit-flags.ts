/**
 * What the API server is to record of requests, and where to: kube-apiserver's own flags
 * (https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/).
 */

import type { Command } from 'commander'

import { wholeNumber } from './whole-number.ts'

/** The command with these flags. */
export function withAuditFlags(command: Command): Command {
  return command
    .option('--audit-policy-file <file>', 'what the API server records of requests, as a Policy (audit.k8s.io/v1)')
    .option('--audit-log-path <file>', 'where it records them (default: audit.log in the folder of the cluster)')
    .option('--audit-log-maxsize <mebibytes>', 'after which the log is put aside (default: 100; 0: never)', wholeNumber)
    .option('--audit-log-maxbackup <number>', 'how many old logs are kept (default: 100; 0: all)', wholeNumber)
    .option('--audit-log-maxage <days>', 'how long old logs are kept (default: 366; 0: for ever)', wholeNumber)
    .option('--audit-log-truncate-enabled', 'leave the bodies out of large events')
    .option('--audit-log-truncate-max-event-size <bytes>', 'what is large (default: 102400)', wholeNumber)
    .option('--audit-webhook-config-file <file>', 'where events are sent and as whom, as a kubeconfig')
    .option('--audit-webhook-batch-buffer-size <number>', 'how many events may wait (default: 10000)', wholeNumber)
    .option('--audit-webhook-batch-max-size <number>', 'how many are sent at once (default: 400)', wholeNumber)
    .option('--audit-webhook-batch-max-wait <duration>', 'how long they wait for each other (default: 30s)')
    .option('--audit-webhook-initial-backoff <duration>', 'how long to wait after a failure (default: 10s)')
    .option('--audit-webhook-truncate-enabled', 'leave the bodies out of large events')
    .option('--audit-webhook-truncate-max-event-size <bytes>', 'what is large (default: 102400)', wholeNumber)
}
