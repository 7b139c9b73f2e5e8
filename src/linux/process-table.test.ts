import { spawn } from 'node:child_process'
import { describe, expect, test } from 'vitest'

import { type ProcessRow, listedTable, powerShellLister, procTable, psLister, systemTable } from './process-table.ts'
import { findProgram } from './program.ts'

const lines: [what: string, line: string, want: ProcessRow | undefined][] = [
  [
    'a daemon',
    ' 412 Ss   Mon Nov 23 19:52:00 2026     /usr/local/bin/node daemon.cjs server --cluster=/Users/a/.gorae/default',
    {
      pid: 412,
      start: 'Mon_Nov_23_19:52:00_2026',
      words: ['/usr/local/bin/node', 'daemon.cjs', 'server', '--cluster=/Users/a/.gorae/default'],
    },
  ],
  [
    'a day of one digit',
    '1 S Sun Nov  1 01:02:03 2026 init',
    { pid: 1, start: 'Sun_Nov_1_01:02:03_2026', words: ['init'] },
  ],
  ['one without arguments', '2 S Sun Nov  1 01:02:03 2026', { pid: 2, start: 'Sun_Nov_1_01:02:03_2026', words: [''] }],
  ['the remains of one', '412 Z+ Mon Nov 23 19:52:00 2026 (node)', undefined],
  ['no line', '', undefined],
  ['a headline', '  PID STAT STARTED ARGS', undefined],
]
test.each(lines)('ps: %s', (_, line, want) => {
  expect(psLister.rowOf(line)).toEqual(want)
})

const ofWindows: [what: string, line: string, want: ProcessRow | undefined][] = [
  [
    'a daemon of a folder with a space',
    '4120 134084227200000000 "C:\\Program Files\\nodejs\\node.exe" daemon.cjs node node-1 --cluster=C:\\a%20b\\default\r',
    {
      pid: 4120,
      start: '134084227200000000',
      words: ['C:\\Program', 'Files\\nodejs\\node.exe', 'daemon.cjs', 'node', 'node-1', '--cluster=C:\\a%20b\\default'],
    },
  ],
  [
    'one whose command line is not to be seen',
    '88 134084227200000000 ',
    { pid: 88, start: '134084227200000000', words: [''] },
  ],
  ['no line', '\r', undefined],
]
test.each(ofWindows)('PowerShell: %s', (_, line, want) => {
  expect(powerShellLister.rowOf(line)).toEqual(want)
})

test('every system has one: /proc where that is', () => {
  expect(systemTable('linux', true)).toBe(procTable)
  for (const platform of ['darwin', 'freebsd', 'win32'] as const)
    expect(systemTable(platform, false)).not.toBe(procTable)
})

describe.each([
  ['/proc', procTable] as const,
  ...(findProgram('ps') === undefined ? [] : [['ps', listedTable(psLister)] as const]),
])('%s', (_, table) => {
  test('knows a process until it ends', async () => {
    const child = spawn('sh', ['-c', 'read x', 'the-mark'], { stdio: ['pipe', 'ignore', 'ignore'] })
    const ended = new Promise((resolve) => child.once('close', resolve))
    const pid = child.pid!
    const start = table.startOf(pid)
    expect(start).toMatch(/^\S+$/)
    expect(table.startOf(pid)).toBe(start)
    expect(table.wordsOf(pid)).toContain('the-mark')
    expect(table.all().find((row) => row.pid === pid)?.words).toContain('the-mark')
    child.stdin.end()
    await ended
    expect(table.startOf(pid)).toBeUndefined()
    expect(table.wordsOf(pid).filter((word) => word !== '')).toEqual([])
  })

  test('knows nothing of a process that never was', () => {
    expect(table.startOf(2 ** 22 + 1)).toBeUndefined()
  })
})

test('asks for one process once', () => {
  let asked = 0
  const table = listedTable({
    list: (pid) => `${asked++ === 0 ? pid : 0}`,
    rowOf: (line) => ({ pid: Number(line), start: 's', words: ['w'] }),
  })
  expect(table.startOf(process.pid)).toBe('s')
  expect(table.wordsOf(process.pid)).toEqual(['w'])
  expect(asked).toBe(1)
})
