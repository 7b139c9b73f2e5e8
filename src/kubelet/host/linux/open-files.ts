/** What processes hold open, and what they are at (proc(5)). */

import { readdir, readFile, readlink } from 'node:fs/promises'

import { PROCESS_STATES, type ProcessState, type ProcessUse } from '../usage.ts'

/** Of so many processes at most: more would take longer than anybody waits for a figure. */
const MOST = 2_000

/** What these processes hold together. One that ends meanwhile holds nothing. */
export async function processUse(pids: readonly number[], proc = '/proc'): Promise<ProcessUse> {
  const states = new Map<ProcessState, number>(PROCESS_STATES.map((state) => [state, 0]))
  let files = 0
  let sockets = 0
  let maxOpenFiles: number | undefined
  for (const pid of pids.slice(0, MOST)) {
    const folder = `${proc}/${pid}`
    const targets = await openFiles(folder)
    files += targets.length
    sockets += targets.filter((target) => target.startsWith('socket:')).length
    const state = stateIn(await readText(`${folder}/stat`))
    if (state !== undefined) states.set(state, (states.get(state) ?? 0) + 1)
    maxOpenFiles ??= softLimitIn(await readText(`${folder}/limits`))
  }
  return { files, sockets, states, ...(maxOpenFiles !== undefined && { maxOpenFiles }) }
}

const readText = (file: string) => readFile(file, 'utf8').catch(() => '')

async function openFiles(folder: string): Promise<readonly string[]> {
  const names = await readdir(`${folder}/fd`).catch(() => [])
  return Promise.all(names.map((name) => readlink(`${folder}/fd/${name}`).catch(() => '')))
}

const STATES: Readonly<Record<string, ProcessState>> = {
  R: 'running',
  S: 'sleeping',
  I: 'sleeping',
  D: 'uninterruptible',
  T: 'stopped',
  t: 'stopped',
}

/** `1 (a name) S …`: the name may hold anything, brackets too. */
const stateIn = (stat: string): ProcessState | undefined => STATES[stat.slice(stat.lastIndexOf(')') + 2)[0] ?? '']

/** `Max open files            1024                 1048576              files`; -1: as many as it likes. */
function softLimitIn(limits: string): number | undefined {
  const word = /^Max open files +(\S+)/m.exec(limits)?.[1]
  return word === 'unlimited' ? -1 : word === undefined ? undefined : Number(word)
}
