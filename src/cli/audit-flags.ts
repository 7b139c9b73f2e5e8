/**
 * What the API server is to record of requests, and where to: kube-apiserver's own flags
 * (https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/).
 */

import type { Command } from 'commander'

import { wholeNumber } from './whole-number.ts'

const isYes = (text: string) => text !== 'false'

/** The command with these flags. */
export function withAuditFlags(command: Command): Command {
  return command
    .option('--audit-policy-file <file>', 'what the API server records of requests, as a Policy (audit.k8s.io/v1)')
    .option('--audit-log-path <file>', 'where it records them (default: audit.log in the folder of the cluster)')
    .option('--audit-log-maxsize <mebibytes>', 'after which the log is put aside (default: 100; 0: never)', wholeNumber)
    .option('--audit-log-maxbackup <number>', 'how many old logs are kept (default: 100; 0: all)', wholeNumber)
    .option('--audit-log-maxage <days>', 'how long old logs are kept (default: 366; 0: for ever)', wholeNumber)
    .option('--audit-log-mode <mode>', 'blocking, batch or blocking-strict (default: blocking)')
    .option('--audit-log-batch-buffer-size <number>', 'how many events may wait (default: 10000)', wholeNumber)
    .option('--audit-log-batch-max-size <number>', 'how many are written at once (default: 1)', wholeNumber)
    .option('--audit-log-batch-max-wait <duration>', 'how long they wait for each other')
    .option('--audit-log-batch-throttle-enable', 'write no more batches a second than')
    .option('--audit-log-batch-throttle-qps <number>', 'so many', wholeNumber)
    .option('--audit-log-batch-throttle-burst <number>', 'and so many at once', wholeNumber)
    .option('--audit-log-truncate-enabled', 'leave the bodies out of large events')
    .option('--audit-log-truncate-max-event-size <bytes>', 'what is large (default: 102400)', wholeNumber)
    .option('--audit-webhook-config-file <file>', 'where events are sent and as whom, as a kubeconfig')
    .option('--audit-webhook-mode <mode>', 'batch, blocking or blocking-strict (default: batch)')
    .option('--audit-webhook-batch-buffer-size <number>', 'how many events may wait (default: 10000)', wholeNumber)
    .option('--audit-webhook-batch-max-size <number>', 'how many are sent at once (default: 400)', wholeNumber)
    .option('--audit-webhook-batch-max-wait <duration>', 'how long they wait for each other (default: 30s)')
    .option('--audit-webhook-batch-throttle-enable <yes>', 'false: send as many a second as there are', isYes)
    .option('--audit-webhook-batch-throttle-qps <number>', 'how many are sent a second (default: 10)', wholeNumber)
    .option('--audit-webhook-batch-throttle-burst <number>', 'how many at once (default: 15)', wholeNumber)
    .option('--audit-webhook-initial-backoff <duration>', 'how long to wait after a failure (default: 10s)')
    .option('--audit-webhook-truncate-enabled', 'leave the bodies out of large events')
    .option('--audit-webhook-truncate-max-event-size <bytes>', 'what is large (default: 102400)', wholeNumber)
    .option('--audit-webhook-truncate-max-batch-size <bytes>', 'of one batch (default: 10485760)', wholeNumber)
}
