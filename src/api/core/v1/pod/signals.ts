/** The signals a container may be stopped with (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination). */

const NAMED = [
  'SIGABRT SIGALRM SIGBUS SIGCHLD SIGCLD SIGCONT SIGFPE SIGHUP SIGILL SIGINT SIGIO SIGIOT SIGKILL SIGPIPE SIGPOLL',
  'SIGPROF SIGPWR SIGQUIT SIGRTMAX SIGRTMIN SIGSEGV SIGSTKFLT SIGSTOP SIGSYS SIGTERM SIGTRAP SIGTSTP SIGTTIN SIGTTOU',
  'SIGURG SIGUSR1 SIGUSR2 SIGVTALRM SIGWINCH SIGXCPU SIGXFSZ',
].flatMap((line) => line.split(' '))
const REAL_TIME = [
  ...Array.from({ length: 14 }, (_, at) => `SIGRTMAX-${at + 1}`),
  ...Array.from({ length: 15 }, (_, at) => `SIGRTMIN+${at + 1}`),
]

/** All of them, in order. */
export const SIGNALS: readonly string[] = [...NAMED, ...REAL_TIME].sort()
