/**
 * What the system tells of its processes: on Linux in /proc, on macOS and the BSDs by `ps`, on Windows by PowerShell.
 * https://man7.org/linux/man-pages/man5/proc.5.html https://pubs.opengroup.org/onlinepubs/9699919799/utilities/ps.html
 */

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'

/** A process that runs: what is left of one that ended is none. */
export interface ProcessRow {
  readonly pid: number
  /** Tells it from a later one of the same number: clock ticks since the boot on Linux, a date elsewhere. */
  readonly start: string
  /** What it was started with. Where the system tells a line only, words with spaces are several. */
  readonly words: readonly string[]
}

export interface ProcessTable {
  /** Names this boot of the machine. Empty where starts are dates, which no boot repeats. */
  readonly bootId: () => string
  readonly startOf: (pid: number) => string | undefined
  /** Empty when there is no such process. */
  readonly wordsOf: (pid: number) => readonly string[]
  readonly all: () => readonly Pick<ProcessRow, 'pid' | 'words'>[]
}

/** Linux. */
export const procTable: ProcessTable = {
  bootId: () => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
  startOf(pid) {
    const stat = read(`/proc/${pid}/stat`)
    if (stat === undefined) return undefined
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ') // the name before may hold anything
    const [state, startTicks] = [fields[0], fields[19]]
    return state === 'Z' || state === 'X' ? undefined : startTicks
  },
  wordsOf: (pid) => (read(`/proc/${pid}/cmdline`) ?? '').split('\0'),
  all: () =>
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => ({ pid: Number(name), words: procTable.wordsOf(Number(name)) })),
}

/** What lists processes, a line each: one of them, or all. */
export interface Lister {
  readonly list: (pid?: number) => string
  readonly rowOf: (line: string) => ProcessRow | undefined
}

const run = (program: string, args: readonly string[]): string =>
  execFileSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 64 << 20,
    windowsHide: true,
  })

const PS_COLUMNS = 'pid=,stat=,lstart=,args='

/** macOS and the BSDs: number, state, start (`Mon Nov 23 19:52:00 2026`) and command line. */
export const psLister: Lister = {
  list: (pid) => run('ps', ['-ww', ...(pid === undefined ? ['-A'] : ['-p', String(pid)]), '-o', PS_COLUMNS]),
  rowOf(line) {
    const [, pid, state = 'Z', start, command = ''] =
      /^\s*(\d+)\s+(\S+)\s+(\w+\s+\w+\s+\d+\s+[\d:]+\s+\d{4})(?:\s+(.*))?$/.exec(line) ?? []
    if (start === undefined || state.startsWith('Z')) return undefined
    return { pid: Number(pid), start: start.replaceAll(/\s+/g, '_'), words: command.split(' ') }
  },
}

/** Windows: number, start (hundreds of nanoseconds since 1601) and command line. */
export const powerShellLister: Lister = {
  list(pid) {
    const filter = pid === undefined ? '' : ` -Filter 'ProcessId=${pid}'`
    const line = '"{0} {1} {2}" -f $_.ProcessId, $_.CreationDate.ToFileTimeUtc(), $_.CommandLine'
    const script = `Get-CimInstance Win32_Process${filter} | Where-Object CreationDate | ForEach-Object { ${line} }`
    return run('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', script])
  },
  rowOf(line) {
    const [, pid, start, command = ''] = /^(\d+) (\d+) (.*?)\r?$/.exec(line) ?? []
    if (start === undefined) return undefined
    return { pid: Number(pid), start, words: command.replaceAll('"', '').split(' ') }
  },
}

/** A process that was listed once is known for as long as its number is in use: to list takes a program of its own. */
export function listedTable({ list, rowOf }: Lister): ProcessTable {
  const known = new Map<number, ProcessRow>()
  const rowsOf = (text: string) => text.split('\n').flatMap((line) => rowOf(line) ?? [])
  const find = (pid: number): ProcessRow | undefined => {
    if (!isInUse(pid)) {
      known.delete(pid)
      return undefined
    }
    const row = known.get(pid) ?? rowsOf(quietly(() => list(pid))).find((each) => each.pid === pid)
    if (row !== undefined) known.set(pid, row)
    return row
  }
  return {
    bootId: () => '',
    startOf: (pid) => find(pid)?.start,
    wordsOf: (pid) => find(pid)?.words ?? [],
    all: () => rowsOf(list()),
  }
}

/** That of this system. */
export function systemTable(platform: NodeJS.Platform = process.platform, hasProc = existsSync('/proc/self/stat')) {
  if (hasProc) return procTable
  return listedTable(platform === 'win32' ? powerShellLister : psLister)
}

/** Also that of somebody else. */
function isInUse(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** `ps` fails when there is no such process. */
function quietly(work: () => string): string {
  try {
    return work()
  } catch {
    return ''
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
